"""A saved model whose files are damaged names the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from seqprobe.checks import InvalidValue
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.run.serving import Member

SIZES: dict[str, Any] = {"input_size": 1, "output_size": 1, "kind": "seq2seq", "max_length": 4}
MODEL = {
    "_target_": "seqprobe.models.RecurrentNetwork",
    "_partial_": True,
    "cell": {"_target_": "seqprobe.models.cells.rnn.RNN", "_partial_": True},
    "hidden_size": 2,
}
SETTINGS = {"model": MODEL, "sizes": SIZES, "outputs": ["y"], "seed": 3}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved network's folder, as MLflow hands it over."""
    network = RecurrentNetwork(**SIZES, cell=RNN, hidden_size=2)
    saved = tmp_path / "model" / "data" / "member"
    saved.mkdir(parents=True)
    (saved / "network.json").write_text(json.dumps(SETTINGS))
    for name in ("last", "best"):
        (saved / f"{name}.safetensors").write_bytes(save(dict(network.state_dict())))
    return saved


def test_a_saved_network_is_loaded(folder: Path) -> None:
    member = Member(folder)
    assert (member.seed, member.input_size, member.output_names) == (3, 1, ["y"])
    assert member.predict(torch.zeros(2, 4, 1).numpy()).shape == (2, 4, 1)


FAULTS: dict[str, tuple[str, bytes | None, str]] = {
    "no JSON": ("network.json", b"{", "JSONDecodeError"),
    "a list": ("network.json", b"[1]", "TypeError"),
    "no text": ("network.json", b"\xff", "UnicodeDecodeError"),
    "no sizes": ("network.json", json.dumps({"model": MODEL}).encode(), "KeyError: 'sizes'"),
    "no seed": ("network.json", json.dumps({**SETTINGS, "seed": "x"}).encode(), "ValueError: invalid literal"),
    "no columns": ("network.json", json.dumps({**SETTINGS, "columns": 5}).encode(), "TypeError"),
    "no weights": ("last.safetensors", b"garbage" * 9, "SafetensorError"),
    "other weights": ("best.safetensors", save({"weight": torch.zeros(3)}), "RuntimeError: Error"),
    "missing": ("best.safetensors", None, "FileNotFoundError"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_file_is_named(folder: Path, fault: str) -> None:
    file, content, cause = FAULTS[fault]
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(InvalidValue) as caught:
        Member(folder)
    expected = f"model={folder / file}: is damaged or of another network: {cause}"
    assert str(caught.value).startswith(expected), caught.value
