"""The containers of `make server`: pinned images that report their health, and a password that nobody wrote down."""

from __future__ import annotations

import re

import pytest
import yaml
from scripts import ROOT

SERVICES = yaml.safe_load((ROOT / "conf/server/compose.yml").read_text())["services"]
DOCKERFILE = (ROOT / "conf/server/Dockerfile").read_text()


def test_images_are_pinned() -> None:
    images = [SERVICES["database"]["image"], *re.findall("^FROM (.*)", DOCKERFILE, re.MULTILINE)]
    assert [image for image in images if not re.search(r":\d+\.\d+", image)] == []
    assert SERVICES["server"]["build"] == {"context": "../..", "dockerfile": "conf/server/Dockerfile"}


@pytest.mark.parametrize("name", ["database", "server"])
def test_services_report_their_health_and_keep_their_data_in_volumes(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["retries"] == 12
    assert [volume.partition(":")[0] for volume in SERVICES[name]["volumes"]] == [
        {"database": "database", "server": "artifacts"}[name]
    ]


def test_the_password_is_that_of_the_environment() -> None:
    stated = "${SEQPROBE_DB_PASSWORD:?"
    assert SERVICES["database"]["environment"]["POSTGRES_PASSWORD"].startswith(stated)
    assert SERVICES["server"]["environment"]["PGPASSWORD"].startswith(stated)


def test_only_this_machine_has_access_unless_an_address_is_stated() -> None:
    assert SERVICES["server"]["ports"] == ["${SEQPROBE_ADDRESS:-127.0.0.1}:${SEQPROBE_PORT:-5000}:5000"]
    assert "ports" not in SERVICES["database"]


def test_what_the_image_is_built_from_is_in_the_repository() -> None:
    copied = [name for line in re.findall("^COPY (.*)", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert '"mlflow", "server", "--app-name", "seqprobe"' in DOCKERFILE
