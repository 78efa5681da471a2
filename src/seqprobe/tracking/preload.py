"""Imports the parts of MLflow that a run uses, for a fork server that loads them before its first job."""

import warnings

import mlflow
import mlflow.store.tracking.sqlalchemy_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # MLflow's, of a type hint in its own code
    import mlflow.pyfunc

__all__ = ["mlflow"]
