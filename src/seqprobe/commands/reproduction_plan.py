"""What a reproduction consists of: the chosen claims, the trainings that they need, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue
from seqprobe.config.claim_files import chosen_claims, load_claims
from seqprobe.config.compose import Composition, compose_config, composed
from seqprobe.config.multirun import LauncherChoice
from seqprobe.config.picture_files import load_pictures
from seqprobe.config.places import resources
from seqprobe.reports.claims import Claim
from seqprobe.reports.reproduction_figures import DRAWINGS
from seqprobe.reports.verdict_page import PicturePair
from seqprobe.run.request import Request, build_request
from seqprobe.scoring import MetricName


@dataclass(frozen=True)
class Reproduction:
    """What a reproduction judges and shows.

    Attributes:
        claims: the chosen ones.
        pairs: the posts' pictures whose counterparts the chosen claims' trainings make.
        is_complete: whether the claims are all of seqprobe's own and no others.
    """

    claims: Sequence[Claim]
    pairs: Sequence[PicturePair]
    is_complete: bool

    @property
    def drawings(self) -> list[str]:
        """Names of the figures that the command itself draws."""
        sources = [*(claim.figure for claim in self.claims), *(pair.ours for pair in self.pairs)]
        return [Path(source.artifact).stem for source in dict.fromkeys(sources) if not source.run]

    @property
    def runs(self) -> list[str]:
        """Overrides of all trainings that are needed, each once."""
        return needed_runs(self.claims)


def needed_runs(claims: Sequence[Claim]) -> list[str]:
    """Overrides of what claims measure, and of what their drawings show."""
    measured = [run for claim in claims for run in claim.runs.values()]
    drawn = [Path(claim.figure.artifact).stem for claim in claims if not claim.figure.run]
    return list(dict.fromkeys([*measured, *(run for name in drawn for run in DRAWINGS[name].runs)]))


def planned_reproduction(patterns: Any, post: Any, config_dir: Path | None, trust: Any = False) -> Reproduction:
    """The claims that `chosen_claims` chooses from conf/claim/ and a user's ``--config-dir``, and their pictures.

    Args:
        trust: whether claims may name any code as their measure.

    Raises:
        InvalidValue: a file of claims is wrong, or the choice matches none.
    """
    folders = [resources("conf"), *([config_dir] if config_dir else [])]
    loaded = load_claims(folders, trust)
    claims = chosen_claims(loaded, patterns, post)
    pairs = [pair for pair in load_pictures(folders) if belongs_to(pair, claims)]
    return Reproduction(claims, pairs, is_complete=config_dir is None and len(claims) == len(loaded))


def belongs_to(pair: PicturePair, claims: Sequence[Claim]) -> bool:
    """Whether the claims' trainings make our picture of a pair; one without a training belongs to its whole post."""
    runs = set(needed_runs(claims))
    shown = [pair.ours.run] if pair.ours.run else DRAWINGS[Path(pair.ours.artifact).stem].runs
    return (
        runs.issuperset(shown) if shown else pair.original.startswith(tuple(f"post{claim.post}/" for claim in claims))
    )


def composed_trainings(
    runs: Sequence[str], seeds: Sequence[int], engine: str, composition: Composition, sweep: str
) -> dict[str, Composition]:
    """The config of each training by its overrides, with the seeds, the engine and the store of the reproduction."""
    seed_list = f"seeds=[{','.join(map(str, seeds))}]"
    shared = [*composition.tracking_overrides, seed_list, f"engine={engine}", f"names.sweep={sweep}"]
    return {run: compose_config([*run.split(), *shared], composition.config_dir) for run in runs}


def built_requests(trainings: Mapping[str, Composition]) -> list[Request]:
    """A request for each training, those with most updates first, so that processes end at about the same time.

    Raises:
        InvalidValue: one does not fit; its overrides are named.
    """
    requests = []
    for run, training in sorted(trainings.items(), key=lambda item: -int(item[1].config["trainer"]["max_steps"])):
        try:
            requests.append(build_request(training))
        except InvalidValue as problem:
            raise InvalidValue(f"{run}: {problem.key}", problem.value, problem.allowed) from problem
    return requests


def chosen_launcher(overrides: Sequence[str], config_dir: Path | None, jobs: int | None) -> LauncherChoice:
    """Where the trainings run.

    Args:
        jobs: how many at a time; None takes what the launcher's config states.

    Raises:
        InvalidValue: the launcher is not one of seqprobe's.
    """
    with composed(overrides, config_dir, "reproduce") as config:
        launcher = LauncherChoice.parse(config)
    return launcher if jobs is None else LauncherChoice(launcher.name, {**launcher.settings, "jobs": jobs})


def check_probes(claims: Sequence[Claim], trainings: Mapping[str, Composition]) -> None:
    """Refuse a claim about a probe that its training does not have.

    Raises:
        InvalidValue: there is one.
    """
    for claim in claims:
        for metric in (metric for part in claim.parts for metric in part.measure.metrics()):
            run = claim.runs[metric.run] if metric.run else next(iter(claim.runs.values()))
            probes, name = trainings[run].config["task"].get("probes") or {}, MetricName.parse(metric.metric).probe
            if name and name not in probes:
                allowed = f"{run} has no probe of this name; it has {', '.join(probes) or 'none'}"
                raise InvalidValue(f"claim/{claim.name}.measure", metric.metric, allowed)
