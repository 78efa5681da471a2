"""The application of `make ui` and `make server`: MLflow's, with another first page and archives of records."""

from __future__ import annotations

import json

from flask import Response, request
from mlflow.server import app as mlflow_pages
from mlflow.server.fastapi_app import app as mlflow_app
from mlflow.server.handlers import catch_mlflow_exception

from seqprobe.tracking.batch_endpoint import create_runs, write_archive
from seqprobe.tracking.first_page import TrainingFirst
from seqprobe.tracking.stores.batch_requests import ARCHIVE_HEADER, ARCHIVE_TYPE, ARCHIVES, RUNS

app = TrainingFirst(mlflow_app)


def take_archive() -> Response:
    """Write an archive of records; a page of another site cannot send one, as its type needs a server's consent."""
    if request.mimetype != ARCHIVE_TYPE:
        return Response(status=415)
    write_archive(request.get_data())
    return Response("{}", mimetype="application/json")


def open_runs() -> Response:
    """Open the runs of a population."""
    asked = request.get_json()  # refuses all other types, which a page of another site could send
    return Response(
        json.dumps(create_runs(asked["experiment"], asked["runs"], asked["parent"])), mimetype="application/json"
    )


mlflow_pages.add_url_rule(ARCHIVES, view_func=catch_mlflow_exception(take_archive), methods=["POST"])
mlflow_pages.add_url_rule(RUNS, view_func=catch_mlflow_exception(open_runs), methods=["POST"])


@mlflow_pages.after_request
def tell_of_archives(response: Response) -> Response:
    """Let clients know that archives are taken."""
    response.headers[ARCHIVE_HEADER] = "1"
    return response
