"""Imports the parts of MLflow that a run uses, for a fork server that loads them before its first job."""

import mlflow
import mlflow.pyfunc
import mlflow.store.tracking.sqlalchemy_store

__all__ = ["mlflow"]
