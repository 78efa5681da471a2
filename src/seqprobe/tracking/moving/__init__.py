"""Copying runs from one store to another."""
