"""Recurrent cells, the network that unrolls them, and the population of seeds that trains as one program."""

from seqprobe.models.cell import Cell
from seqprobe.models.population import LoopedPopulation, Population, StackedPopulation
from seqprobe.models.recurrent import RecurrentNetwork

__all__ = ["Cell", "LoopedPopulation", "Population", "RecurrentNetwork", "StackedPopulation"]
