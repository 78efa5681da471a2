"""The options of pipelines/reproduce.py, parsed and checked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue, choice, integer, user_path
from seqprobe.commands.output_paths import writable_file
from seqprobe.config.compose import Plain
from seqprobe.config.schema import ReproduceConfig
from seqprobe.config.targets import check_keys
from seqprobe.learning.engine_choice import ENGINE_CHOICES
from seqprobe.seeds import parse_seeds

AUTO = "auto"


@dataclass(frozen=True)
class ReproductionOptions:
    """What a reproduction is called with; conf/reproduce.yaml explains the keys.

    Attributes:
        claims, post: the choice of claims, which `chosen_claims` checks.
        seeds: of every training.
        jobs: trainings at a time; None: as many as the launcher's config states.
        engine: of every training.
        again: the id of the reproduction whose runs are judged again; None trains.
        originals: the folder with the posts' pictures.
        page: where the page is written.
        verdicts: where the table of verdicts is written: a path, or ``auto``.
    """

    claims: Any
    post: Any
    seeds: Sequence[int]
    jobs: int | None
    engine: str
    again: str | None = None
    originals: Path | None = None
    page: Path | None = None
    verdicts: str | None = None

    @classmethod
    def parse(cls, plain: Plain) -> ReproductionOptions:
        """The options that a composed config states.

        Raises:
            InvalidValue: something in it does not fit.
        """
        check_keys("", plain, [field.name for field in dataclasses.fields(ReproduceConfig)])
        again, verdicts = optional_text(plain["again"]), optional_text(plain["verdicts"])
        originals = None if plain["originals"] is None else user_path("originals", plain["originals"])
        page = None if plain["page"] is None else writable_file("page", plain["page"], ".html", "or null")
        if originals is not None and not originals.is_dir():
            raise InvalidValue("originals", plain["originals"], "must be a folder with the posts' pictures, or null")
        if verdicts not in (None, AUTO):
            verdicts = str(writable_file("verdicts", verdicts, ".csv", "auto, or null"))
        seeds = parse_seeds(plain["seeds"])
        jobs = None if plain["jobs"] is None else integer("jobs", plain["jobs"])
        engine = choice("engine", plain["engine"], ENGINE_CHOICES)
        return cls(plain["claims"], plain["post"], seeds, jobs, engine, again, originals, page, verdicts)


def optional_text(value: Any) -> str | None:
    """A value as text; None stays."""
    return None if value is None else str(value)
