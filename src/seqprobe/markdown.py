"""Markdown as MLflow's pages show it."""

GAP = "&emsp;"
"""Between columns of a table: MLflow's pages leave none."""
