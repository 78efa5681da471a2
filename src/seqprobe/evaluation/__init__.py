"""After training: probes are run, figures of the training drawn, and its result summarised."""
