"""The typed root schema, where its YAML lies, and turning a composed config into objects."""
