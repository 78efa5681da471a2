"""Settings of every test process."""

import gc
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hydra.core.config_store import ConfigStore
from matplotlib.figure import Figure
from PIL import Image

from seqprobe.config.choices import NOTEBOOK_PREFIX
from seqprobe.interrupts import END_SIGNALS
from seqprobe.tracking.stores.embedded import EmbeddedStore

# Small tensors lose time with more threads, and with one the results do not depend on the machine.
torch.set_num_threads(1)

create_database = EmbeddedStore._create_database
freeze = gc.freeze


@pytest.fixture(scope="session", autouse=True)
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stores of this process copy an empty database: MLflow's migrations, which make one, take a second each time."""
    template = EmbeddedStore(str(tmp_path_factory.mktemp("template")))

    def copy(store: EmbeddedStore) -> None:
        if not template.database.exists():
            create_database(template)
        shutil.copyfile(template.database, store.database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmbeddedStore, "_create_database", copy)
        yield


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """A command that was interrupted ignores further signals, for its process ends; that of the tests goes on."""
    handlers = {signum: signal.getsignal(signum) for signum in END_SIGNALS}
    yield
    for signum, handler in handlers.items():
        signal.signal(signum, handler)


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> None:
    """During a file's tests, garbage is not searched for in what was there before, such as all imported modules."""
    gc.collect()
    freeze()


@pytest.fixture(scope="module", autouse=True)
def _user_code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the tests of a file imported from temporary folders or defined as in a notebook ends with them."""
    modules = set(sys.modules)
    yield
    for group in ("task", "model", "probe"):
        choices = ConfigStore.instance().repo.get(group, {})
        for name in [name for name in choices if name.startswith(NOTEBOOK_PREFIX)]:
            del choices[name]
    for name in set(sys.modules) - modules:
        path = getattr(sys.modules[name], "__file__", None)
        if name.startswith(NOTEBOOK_PREFIX) or (path and Path(path).is_relative_to(tmp_path_factory.getbasetemp())):
            del sys.modules[name]


@pytest.fixture(scope="module", autouse=True)
def _blank_pictures(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs recorded in this process have blank pictures of the right size; not in files that are `rendered` or `slow`.

    To render the figures of a short training takes longer than everything else that it does.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not {"rendered", "slow"} & {marker.name for marker in request.node.iter_markers()}:
            patch.setattr("seqprobe.tracking.artifacts.rendered", blank_picture)
        yield


def blank_picture(figure: Figure) -> Image.Image:
    """A white picture of a figure's size."""
    width, height = (figure.get_size_inches() * figure.dpi).astype(int)
    return Image.new("RGB", (width, height), "white")


@pytest.fixture(scope="session", autouse=True)
def _one_of_many_trainings() -> Iterator[None]:
    """A process of tests trains often: it draws in no fork, which takes longer, and keeps no garbage of what it ran."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqprobe.tracking.artifacts.has_spare_core", lambda: False)
        patch.setattr(gc, "freeze", lambda: None)
        yield


@pytest.fixture
def migrated_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores make their database by MLflow's migrations, as they do outside of tests."""
    monkeypatch.setattr(EmbeddedStore, "_create_database", create_database)
