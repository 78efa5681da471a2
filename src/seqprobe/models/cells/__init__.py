"""Recurrent cells: their equations, one file each, and backpropagation through time for all of them."""
