"""What a score is: its name, which direction is better, its unit; and the only place where metric names are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from seqprobe.checks import InvalidValue

Direction = Literal["lower", "higher"]
Role = Literal["constant", "floor", "chance"]
"""What a reference level stands for: the best constant predictor, the best possible predictor, or guessing."""
Band = Literal["inside", "beyond", "far"]
"""Where a probed value is: in the training range, not far beyond it, or far from it; their scores are kept apart."""
BANDS: tuple[Band, ...] = get_args(Band)

LEVEL_LABELS: dict[str, str] = {"constant": "constant predictor", "floor": "best possible", "chance": "chance"}
"""Roles as figures, tables and pages show them."""
EARLIER_LEVELS = {"constant predictor": "constant", "Bayes floor": "floor", "ideal": "floor"}
"""What levels were called in metric names before they had roles; stores of that time are still read."""
EARLIER_PROBE_LEVELS = {
    "ideal": ("probability", "floor"),
    "ideal_loss": ("loss", "floor"),
    "ideal_accuracy": ("accuracy", "floor"),
    "ideal_mse": ("mse", "floor"),
    "bayes_mse": ("mse", "floor"),
    "always_wait": ("accuracy", "constant"),
}
"""Measures that were levels of probes before these had any: of which measure, and with which role."""


@dataclass(frozen=True)
class Score:
    """A number by which networks are compared.

    Attributes:
        name: the last part of its metric names: ``rmse`` in ``val/rmse`` and ``probe/amplitude/0.4/rmse``.
        better: the direction of improvement; None for a descriptive number (a peak, an amplitude ratio), which is
            shown but never ranked.
        unit: of its values, ``""`` where they have none.
        log: whether differences are ratios, as between errors, so that comparisons use logarithms.

    Raises:
        InvalidValue: the name cannot be part of a metric's name, or the direction is none.
    """

    name: str
    better: Direction | None
    unit: str = ""
    log: bool = False

    def __post_init__(self) -> None:
        if not is_score_name(self.name):
            raise InvalidValue("name", self.name, "the name of a score must be text without a slash, and not empty")
        if self.better not in (*get_args(Direction), None):
            raise InvalidValue("better", self.better, f"score {self.name}: must be lower, higher or None")


def is_score_name(name: object) -> bool:
    """Whether it can be the last part of a metric's name."""
    return isinstance(name, str) and name != "" and "/" not in name


LOSS, MSE, RMSE, MAE = (Score(name, "lower", log=True) for name in ("loss", "mse", "rmse", "mae"))
RMSE_SETTLED = Score("rmse_settled", "lower", log=True)
ACCURACY = Score("accuracy", "higher")
KNOWN = {score.name: score for score in (RMSE, ACCURACY, MSE, MAE, RMSE_SETTLED, LOSS)}
"""Scores that need no declaration, by name; the earlier, the more likely the main one."""


def score_named(name: str, stated: Iterable[Score] = ()) -> Score:
    """The score with a name: as ``stated``, else the well-known score of that name, else a descriptive number."""
    known = next((score for score in stated if score.name == name), KNOWN.get(name))
    return Score(name, None) if known is None else known


def main_score(measured: Sequence[str], stated: Sequence[Score] = ()) -> Score | None:
    """The score by which models are compared: the first ``stated`` that was ``measured``, else the best-known name.

    None if nothing that was measured is stated or well known.
    """
    names = [*(score.name for score in stated), *KNOWN]
    name = next((name for name in names if name in measured), None)
    return None if name is None else score_named(name, stated)


def level_label(role: str) -> str:
    """A reference level's name for people."""
    return LEVEL_LABELS.get(role, role)


LISTED = "value "
"""Put in metric names before a probed value that is called like a band."""


@dataclass(frozen=True)
class MetricName:
    """The parts of a metric's name.

    Attributes:
        group: ``train``, ``val``, ``best`` (validation with the best weights), ``probe`` or ``reference``; of a
            reproduction, ``claims``.
        measure: the score's name; of claims, a verdict; empty for a reference level of the validation's main score.
        probe: the probe's name, for ``probe`` and for the reference levels of its scores.
        value: the probed value, or empty for the mean over several.
        band: over the values in which the mean was taken; empty for a probe that knows no training range.
        role: of a reference level.
    """

    group: str
    measure: str
    probe: str = ""
    value: str = ""
    band: str = ""
    role: str = ""

    def __str__(self) -> str:
        """``val/rmse``, ``best/val/rmse``, ``reference/<role>``, ``probe/<probe>/<measure>``.

        ``probe/<probe>/<band or value>/<measure>``, ``reference/probe/<probe>/<band or value>/<measure>/<role>``.
        """
        listed = LISTED + self.value if self.value in BANDS or self.value.startswith(LISTED) else self.value
        of_probe = ["probe", self.probe, self.band or listed, self.measure] if self.probe else []
        parts = {"best": ["best", "val", self.measure], "reference": ["reference", *of_probe, self.role]}
        return "/".join(filter(None, parts.get(self.group, of_probe or [self.group, self.measure])))

    @classmethod
    def parse(cls, name: str) -> MetricName:
        """The parts of a metric's name, the inverse of ``str``; a probed value may itself contain slashes."""
        group, *parts = name.split("/")
        if group == "probe" and len(parts) >= 2:
            return cls._of_probe(parts[0], "/".join(parts[1:-1]), parts[-1])
        if group == "best" and len(parts) >= 2:
            return cls(group, "/".join(parts[1:]))
        if group == "reference" and len(parts) >= 4 and parts[0] == "probe":
            of_score = cls._of_probe(parts[1], "/".join(parts[2:-2]), parts[-2])
            return replace(of_score, group=group, role=parts[-1])
        if group == "reference":
            return cls(group, "", role=EARLIER_LEVELS.get("/".join(parts), "/".join(parts)))
        return cls(group, "/".join(parts))

    @classmethod
    def _of_probe(cls, probe: str, middle: str, measure: str) -> MetricName:
        """The parts of a probe's metric; ``middle`` is a band, a probed value or empty."""
        if middle in BANDS:
            return cls("probe", measure, probe, band=middle)
        if measure in EARLIER_PROBE_LEVELS:
            measure, role = EARLIER_PROBE_LEVELS[measure]
            return cls("reference", measure, probe, middle, role=role)
        return cls("probe", measure, probe, middle.removeprefix(LISTED))

    @property
    def scored(self) -> MetricName:
        """The metric that a reference level of a probe belongs to."""
        return replace(self, group="probe", role="")


TRAIN_LOSS, VAL_LOSS = str(MetricName("train", LOSS.name)), str(MetricName("val", LOSS.name))
LEARNING_RATE = str(MetricName("train", "lr"))
VAL_ACCURACY = str(MetricName("val", ACCURACY.name))
CONSTANT_LEVEL, FLOOR_LEVEL = (str(MetricName("reference", "", role=role)) for role in ("constant", "floor"))
MEMBERS_FINITE = "members_finite"
"""A population's number of members that did not diverge."""
SHARE_LEARNED, SHARE_SOLVED = "share_learned", "share_solved"
"""A population's shares of members that learned the task (or solved it), and that solved it."""


class Tag:
    """Names of the tags that runs have beside MLflow's."""

    KIND = "seqprobe.kind"
    """``population``, ``seed``, or what a command records."""
    SCORES = "seqprobe.scores"
    """What a population's task and probes state of their scores (see `seqprobe.tracking.recorded_scores`)."""
    TRAINING = "seqprobe.training"
    """The hash of what a member's training depends on besides its seed."""
    POPULATION = "seqprobe.population_identity"
    """The hash of what a population depends on; several, with spaces between them, if probes were added to it."""
    EARLIER_POPULATION = "seqprobe.cell"
    """Identity tag of older versions; never equal to a current one."""
    ATTEMPT, COMMAND = "seqprobe.attempt", "seqprobe.command"
    SWEEP = "seqprobe.sweep"
    """Ids of all sweeps that a run belongs to, with spaces between them."""
    TRIAL, TUNED = "seqprobe.trial", "seqprobe.tuned"
    OUTCOME = "seqprobe.outcome"
    """Of a member: one of `seqprobe.learned.OUTCOMES`; earlier versions recorded ``finite`` or ``diverged``."""
    DIVERGED_AT = "seqprobe.diverged_at"
    DIVERGED_BECAUSE = "seqprobe.diverged_because"
    TAKEN_OVER_FROM, MOVED_FROM = "seqprobe.taken_over_from", "seqprobe.moved_from"  # of a copy: its original
    SCORES_DIGEST, ARCHIVE_DIGEST = "seqprobe.scores_sha256", "seqprobe.archive_sha256"
    """SHA-256 of a population's table of scores, and of the archive from which later populations take a member over."""
    ERROR = "seqprobe.error"
    VERSION = "seqprobe.version"
    MACHINE = "seqprobe.machine"
    HOST, PID, STARTED = "seqprobe.host", "seqprobe.pid", "seqprobe.started"
    BOOT, NAMESPACE, MACHINE_ID = "seqprobe.boot", "seqprobe.pid_namespace", "seqprobe.machine_id"
    """The process that fills a run (see `seqprobe.tracking.process_identity`)."""
    PARENT = "mlflow.parentRunId"
