"""The scores of a population as a tag of its runs: what reports know of them, who read nothing but the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache

from seqprobe.scoring import MetricName, Score, is_score_name, main_score, score_named


@dataclass(frozen=True)
class RecordedScores:
    """What a population's task and probes state of their scores; all empty for a run of an earlier version.

    Attributes:
        validation: the task's, the main score first.
        probes: each probe's, by its name, the main score first.
    """

    validation: Sequence[Score] = ()
    probes: Mapping[str, Sequence[Score]] = field(default_factory=dict)

    def to_tag(self) -> str:
        """As JSON, the inverse of `read`."""
        probes = {name: [_plain(score) for score in scores] for name, scores in self.probes.items() if scores}
        return json.dumps({"validation": [_plain(score) for score in self.validation], "probes": probes})

    @classmethod
    def read(cls, tag: str) -> RecordedScores:
        """The scores in a tag; a tag that is missing or was changed by hand states none."""
        try:
            parsed = json.loads(tag or "{}")
            probes = {
                name: tuple(Score(**score) for score in scores) for name, scores in parsed.get("probes", {}).items()
            }
            return cls(tuple(Score(**score) for score in parsed.get("validation", [])), probes)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def with_probes(self, probes: Mapping[str, Sequence[Score]]) -> RecordedScores:
        """The same with the scores of further probes, or of probes that ran again."""
        return RecordedScores(self.validation, {**self.probes, **probes})

    def of_metrics(self, metrics: Iterable[str]) -> dict[str, tuple[Score | None, bool]]:
        """The score of each metric, by its name, and whether models are compared by it.

        They are compared by the main score of the validation and by the mean of each probe's main score. A reference
        level is of the validation's main score, and no other metric of a run has a score.
        """
        parts = {name: MetricName.parse(name) for name in sorted(metrics)}
        measured: dict[tuple[str, str], list[str]] = {}
        for part in parts.values():
            if part.group in ("val", "probe") and not part.value:
                measured.setdefault((part.group, part.probe), []).append(part.measure)
        main = {key: main_score(names, self._stated(*key)) for key, names in measured.items()}
        result: dict[str, tuple[Score | None, bool]] = {}
        for name, part in parts.items():
            if part.group == "reference":
                result[name] = main.get(("val", "")), False
            elif part.group not in ("train", "val", "best", "probe") or not is_score_name(part.measure):
                result[name] = None, False
            else:
                score = score_named(part.measure, self._stated(part.group, part.probe))
                result[name] = score, not part.value and score == main.get((part.group, part.probe))
        return result

    def _stated(self, group: str, probe: str) -> Sequence[Score]:
        return self.probes.get(probe, ()) if group == "probe" else self.validation


def _plain(score: Score) -> dict[str, object]:
    """A score's fields without those that have their default."""
    defaults = {entry.name: entry.default for entry in fields(Score)}
    return {name: value for name, value in asdict(score).items() if value != defaults[name]}


@cache
def scores_of_metrics(tag: str, metrics: tuple[str, ...]) -> dict[str, tuple[Score | None, bool]]:
    """`RecordedScores.of_metrics`, once for all members of a population."""
    return RecordedScores.read(tag).of_metrics(metrics)
