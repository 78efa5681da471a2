"""The application that `make ui` serves: MLflow's, whose first page is `seqprobe.tracking.first_page`."""

from __future__ import annotations

from mlflow.server.fastapi_app import app as mlflow_app

from seqprobe.tracking.first_page import TrainingFirst

app = TrainingFirst(mlflow_app)
