"""Recurrent cells, the network that unrolls them, and the population of seeds that trains as one program."""

from seqprobe.models.cells.cell import Cell
from seqprobe.models.engines import LoopedPopulation, StackedPopulation
from seqprobe.models.population import Population
from seqprobe.models.recurrent import RecurrentNetwork

__all__ = ["Cell", "LoopedPopulation", "Population", "RecurrentNetwork", "StackedPopulation"]
