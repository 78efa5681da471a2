"""What the commands do: the entry through Hydra, one population, many in processes of their own, progress, messages."""
