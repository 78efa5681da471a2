"""From YAML to objects: compose a config, check it against its schema and for trust, and build what it names."""
