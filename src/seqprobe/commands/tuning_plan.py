"""What a tuning consists of: of each task and model the space, the rungs, the study, and the requests of its trials."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqprobe.checks import InvalidValue
from seqprobe.commands.tuning_options import BUDGET, TuningOptions
from seqprobe.config.compose import quote_override
from seqprobe.config.search_space import Dimension
from seqprobe.reports.page import slug
from seqprobe.run.halving import Rung, plan_rungs
from seqprobe.run.identity import PROBE_OVERRIDE, digest
from seqprobe.run.known_settings import has_setting
from seqprobe.run.request import Request, compose
from seqprobe.run.study import Values
from seqprobe.run.workspace import tracking_folder

FOLDER = "tuning"
"""Of the journals, in the tracking folder."""


@dataclass(frozen=True)
class TunedModel:
    """A task and a model whose settings are tuned.

    Attributes:
        overrides: what they are composed with.
        base: the request with these alone.
        space: what the model has of the space.
        rungs: what trials train with.
        options: of the whole tuning.
    """

    overrides: Sequence[str]
    base: Request
    space: Sequence[Dimension]
    rungs: Sequence[Rung]
    options: TuningOptions
    config_dir: Path | None

    @property
    def name(self) -> str:
        """Task, model, and what else is set."""
        return self.base.name

    @property
    def study_path(self) -> Path:
        """The journal of its trials; another one for whatever changes what a trial comes to, or which are tried."""
        searched = dataclasses.asdict(dataclasses.replace(self.options, trials=0, fresh_seeds=[]))
        space = [{**dataclasses.asdict(dimension), "words": sorted(dimension.words)} for dimension in self.space]
        content = {**searched, "space": space, "training": self.base.identity.training_hash}
        content["seeds"], content["rungs"] = list(self.options.seeds), [dataclasses.asdict(rung) for rung in self.rungs]
        names = self.base.composition.config["names"]
        folder = tracking_folder(self.base.composition.config) / FOLDER
        return folder / f"{slug(names['task'])}-{slug(names['model'])}-{digest(content)[:8]}.journal"

    def trial_request(self, number: int, values: Values, rung: Rung) -> Request:
        """The training of a trial on a rung: without probes, which decide nothing, and hidden from comparisons."""
        kept = [text for text in self.overrides if not PROBE_OVERRIDE.match(text)]
        if rung != self.rungs[-1]:
            kept = [text for text in kept if text.partition("=")[0].lstrip("+") != BUDGET] + [
                f"{BUDGET}={rung.updates}"
            ]
        unprobed = ["~task.probes"] if self.base.composition.config["task"].get("probes") else []
        trial = f"names.trial={quote_override(f'{self.study_path.stem} {number}')}"
        return self._request([*kept, *unprobed, trial], values, rung.seeds)

    def final_request(self, values: Values, sweep: str) -> Request:
        """The training of the best setting with fresh seeds, part of a ``sweep``."""
        effort = f"names.tuned={quote_override(f'{self.options.trials} trials')}"
        return self._request([*self.overrides, effort, f"names.sweep={sweep}"], values, self.options.fresh_seeds)

    def _request(self, overrides: Sequence[str], values: Values, seeds: Sequence[int]) -> Request:
        settings = [dimension.override(values[dimension.key]) for dimension in self.space]
        shared = [f"seeds=[{','.join(map(str, seeds))}]", f"engine={self.options.engine}"]
        return compose([*overrides, *settings, *shared], self.config_dir)


def planned_model(overrides: Sequence[str], options: TuningOptions, config_dir: Path | None) -> TunedModel:
    """The tuning of one task and model; both ends of its space are built, so that a wrong one costs nothing.

    Raises:
        InvalidValue, HydraException: something does not fit.
    """
    seeds, engine = f"seeds=[{','.join(map(str, options.seeds))}]", f"engine={options.engine}"
    base = compose([*overrides, seeds, engine], config_dir)
    space = [dimension for dimension in options.space if has_dimension(overrides, dimension, config_dir)]
    rungs = plan_rungs(options.seeds, base.experiment.trainer.max_steps, options.rungs)
    model = TunedModel(overrides, base, space, rungs, options, config_dir)
    for place in (0, 1) if space else ():
        try:
            model.trial_request(0, {dimension.key: dimension.ends[place] for dimension in space}, rungs[0])
        except InvalidValue as problem:
            raise of_space(problem, space) from problem
    return model


def of_space(problem: InvalidValue, space: Sequence[Dimension]) -> InvalidValue:
    """An error about a value as one about the space, if it is from there."""
    if problem.key not in {dimension.key for dimension in space}:
        return problem
    hint = "; [low, high, int] draws whole numbers" if "integer" in problem.allowed else ""
    return InvalidValue(f"space.{problem.key}", problem.value, f"{problem.allowed}{hint}")


def has_dimension(overrides: Sequence[str], dimension: Dimension, config_dir: Path | None) -> bool:
    """Whether a model has a setting.

    Raises:
        InvalidValue, HydraException: the first value does not fit.
    """
    try:
        return has_setting(overrides, dimension.override(dimension.ends[0]), config_dir)
    except InvalidValue as problem:
        raise of_space(problem, [dimension]) from problem


def planned_models(
    override_lists: Sequence[Sequence[str]], options: TuningOptions, config_dir: Path | None
) -> list[TunedModel]:
    """The tunings of all tasks and models.

    Raises:
        InvalidValue, HydraException: something does not fit, or no model has a setting.
    """
    models = [planned_model(overrides, options, config_dir) for overrides in override_lists]
    for dimension in options.space:
        of_model = dimension.key.startswith("model.")  # other models may lack it; nobody lacks an optimizer's setting
        for overrides, model in zip(override_lists, models, strict=True):
            if dimension not in model.space and not (of_model and any(dimension in other.space for other in models)):
                compose([*overrides, dimension.override(dimension.ends[0])], config_dir)  # raises what is allowed
    for model in models:
        if not model.space:
            raise InvalidValue("space", dict.fromkeys(key.key for key in options.space), f"{model.name} has none of it")
    return models
