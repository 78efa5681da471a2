"""How fast populations train, against the common way and against a bare loop, measured in pairs in one process."""
