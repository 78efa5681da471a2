"""The scores of a population as a tag of its runs: what reports know of them, who read nothing but the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache

from seqprobe.scoring import MetricName, Score, is_score_name, main_score, score_named


@dataclass(frozen=True)
class RecordedScores:
    """What a population's task and probes state of their scores; all empty for a run of an earlier version.

    Attributes:
        validation: the task's, the main score first.
        probes: each probe's, by its name, the main score first.
        banded: the probes whose means were taken band by band; earlier versions took one over all values.
    """

    validation: Sequence[Score] = ()
    probes: Mapping[str, Sequence[Score]] = field(default_factory=dict)
    banded: Sequence[str] = ()

    def to_tag(self) -> str:
        """As JSON, the inverse of `read`."""
        probes = {name: [_plain(score) for score in scores] for name, scores in self.probes.items() if scores}
        validation = [_plain(score) for score in self.validation]
        return json.dumps({"validation": validation, "probes": probes, "banded": list(self.banded)})

    @classmethod
    def read(cls, tag: str) -> RecordedScores:
        """The scores in a tag; a tag that is missing or was changed by hand states none."""
        try:
            parsed = json.loads(tag or "{}")
            probes = {
                name: tuple(Score(**score) for score in scores) for name, scores in parsed.get("probes", {}).items()
            }
            validation = tuple(Score(**score) for score in parsed.get("validation", []))
            return cls(validation, probes, tuple(map(str, parsed.get("banded", []))))
        except (ValueError, TypeError, AttributeError):
            return cls()

    def with_probes(self, probes: Mapping[str, Sequence[Score]]) -> RecordedScores:
        """The same with the scores of further probes, or of probes that ran again."""
        banded = sorted({*self.banded, *probes})
        return RecordedScores(self.validation, {**self.probes, **probes}, banded)

    def of_metrics(self, metrics: Iterable[str]) -> dict[str, tuple[Score | None, bool]]:
        """The score of each metric, by its name, and whether models are compared by it.

        They are compared by the main score of the validation, and by the means of each probe's main score, one for each
        band. A mean of an earlier version may be over values inside and outside the training range: models are shown
        with it, but it has no direction, so that none is ranked. A reference level is of the score that it belongs to,
        for the validation the main one.
        """
        parts = {name: MetricName.parse(name) for name in sorted(metrics)}
        measured: dict[tuple[str, str], list[str]] = {}
        for part in parts.values():
            if part.group in ("val", "probe") and not part.value:
                measured.setdefault((part.group, part.probe), []).append(part.measure)
        main = {key: main_score(names, self._stated(*key)) for key, names in measured.items()}
        by_band = {part.probe for part in parts.values() if part.group == "probe" and part.band}
        by_value = {(part.probe, part.measure) for part in parts.values() if part.group == "probe" and part.value}
        result: dict[str, tuple[Score | None, bool]] = {}
        for name, part in parts.items():
            score, is_main = self._score_of(part, main), False
            if score is not None and part.group in ("val", "probe") and not part.value:
                is_main = score == main[part.group, part.probe]
                if part.probe and not part.band and (part.probe, part.measure) in by_value:
                    is_main = is_main and part.probe not in by_band
                    score = score if part.probe in self.banded else replace(score, better=None)
            result[name] = score, is_main
        return result

    def _score_of(self, part: MetricName, main: Mapping[tuple[str, str], Score | None]) -> Score | None:
        """The score of one metric; of a reference level the one that it belongs to."""
        if part.group == "reference" and not part.probe:
            return main.get(("val", ""))
        is_score = part.group in ("train", "val", "best", "probe", "reference") and is_score_name(part.measure)
        return (
            score_named(part.measure, self._stated("probe" if part.probe else "val", part.probe)) if is_score else None
        )

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
