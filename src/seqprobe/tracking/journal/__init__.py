"""What survives a kill: every record on its way to the store, kept on disk until it is delivered."""
