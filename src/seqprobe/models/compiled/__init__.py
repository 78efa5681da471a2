"""Recurrent layers as machine code: whole sequences, forward and backward, of many seeds side by side."""
