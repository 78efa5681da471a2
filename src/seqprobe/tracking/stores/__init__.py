"""Where runs are kept: an embedded store on this machine, or an MLflow server."""
