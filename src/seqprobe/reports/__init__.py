"""From what tracking recorded to tables that people compare models by."""
