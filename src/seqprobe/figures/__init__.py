"""Figures as pure functions from numpy arrays: solid is truth, dotted is prediction, grey is where training lay."""

from seqprobe.figures.animation import sequence_animation, vector_animation
from seqprobe.figures.automaton_graph import Machine, automata
from seqprobe.figures.class_probabilities import (
    class_sequences,
    class_sequences_animation,
    confusion,
    confusion_animation,
    of_true_class,
    probabilities,
)
from seqprobe.figures.convergence import convergence, recall_map
from seqprobe.figures.cost import CostPanel, cost_per_seed
from seqprobe.figures.equations import equations
from seqprobe.figures.gate_step import gate_step
from seqprobe.figures.generalisation_map import Box, generalisation_map
from seqprobe.figures.hidden_states import hidden_states
from seqprobe.figures.inverse_grid import ambiguity, information, inverse_grid, noisy_inputs, question_distances
from seqprobe.figures.learning_curves import training_curves
from seqprobe.figures.measured_curves import CurveMeasure, measured_facets, measured_outputs
from seqprobe.figures.probe_curves import curve_probe, parameter_probe
from seqprobe.figures.probe_scores import scores_by_label, scores_by_position
from seqprobe.figures.recorded_sequences import recorded_sequences
from seqprobe.figures.small_multiples import Panel, small_multiples
from seqprobe.figures.style import displayed, png, png_file, rendered
from seqprobe.figures.training_sequences import examples
from seqprobe.figures.validation_fit import sequence_fit, vector_fit
from seqprobe.figures.word_by_word import concepts, phases
from seqprobe.figures.word_probabilities import beliefs, contrasts

__all__ = [
    "Box",
    "CostPanel",
    "CurveMeasure",
    "Machine",
    "Panel",
    "ambiguity",
    "automata",
    "beliefs",
    "class_sequences",
    "class_sequences_animation",
    "concepts",
    "confusion",
    "confusion_animation",
    "contrasts",
    "convergence",
    "cost_per_seed",
    "curve_probe",
    "displayed",
    "equations",
    "examples",
    "gate_step",
    "generalisation_map",
    "hidden_states",
    "information",
    "inverse_grid",
    "measured_facets",
    "measured_outputs",
    "noisy_inputs",
    "of_true_class",
    "parameter_probe",
    "phases",
    "png",
    "png_file",
    "probabilities",
    "question_distances",
    "recall_map",
    "recorded_sequences",
    "rendered",
    "scores_by_label",
    "scores_by_position",
    "sequence_animation",
    "sequence_fit",
    "small_multiples",
    "training_curves",
    "vector_animation",
    "vector_fit",
]
