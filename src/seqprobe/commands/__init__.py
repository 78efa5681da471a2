"""What each command does: one file per command, and the functions that notebooks call."""
