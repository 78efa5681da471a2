"""A laboratory for small sequence models: train populations of them, probe where they stop generalising."""

__version__ = "0.1.0"
