"""What pipelines/tune.py does: search each model's best setting with equal means, and train it with fresh seeds."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from seqprobe.commands.sweep_summary import print_closing
from seqprobe.commands.tuning_options import TuningOptions
from seqprobe.commands.tuning_plan import planned_models
from seqprobe.commands.tuning_report import TunedResult, print_budget, print_tuning, record_tuning
from seqprobe.commands.tuning_search import RunAll, check_results, final_losses, search_settings
from seqprobe.config.multirun import expand_multirun
from seqprobe.run.pool import JobResult, run_requests
from seqprobe.run.pools.pool_choice import make_pool
from seqprobe.run.request import Request
from seqprobe.run.sweep_name import sweep_id
from seqprobe.scoring import Tag
from seqprobe.tracking.finished_runs import set_population_tag


def tune(overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Tune models, train their best settings with fresh seeds, compare, print and record.

    Raises:
        InvalidValue: the overrides do not fit; nothing is trained.
        JobFailed: trainings failed, or another process is running this tuning.
    """
    options, others = TuningOptions.parse(overrides, config_dir)
    multirun = expand_multirun(others, config_dir)
    make_pool(multirun.launcher)  # a wrong launcher costs nothing
    models = planned_models(multirun.override_lists, options, config_dir)
    print_budget(models, options)

    def run_all(requests: Sequence[Request]) -> Sequence[JobResult]:
        return run_requests(requests, make_pool(multirun.launcher))

    found = search_settings(models, options, run_all)
    results = [TunedResult(model, trials) for model, trials in zip(models, found, strict=True)]
    if options.fresh_seeds:
        train_best(results, overrides, run_all)
    print_tuning(results)
    flags = [] if config_dir is None else ["--config-dir", str(config_dir)]
    record_tuning(results, options, shlex.join(["python", "pipelines/tune.py", *flags, *overrides]))


def train_best(results: Sequence[TunedResult], overrides: Sequence[str], run_all: RunAll) -> None:
    """Train the best settings with fresh seeds, add their losses to the results, and print their comparison.

    Raises:
        JobFailed: trainings failed.
    """
    sweep = sweep_id()
    best = [(result, result.model.final_request(result.best.values, sweep)) for result in results if result.best]
    requests = [request for _, request in best]
    if not requests:
        return
    jobs = run_all(requests)
    check_results(requests, jobs)
    for (result, request), job in zip(best, jobs, strict=True):
        if job.outcome:
            result.fresh.update(final_losses(request.store, job.outcome.run_id))
            if job.outcome.skipped:  # it was the best one of fewer trials, or was trained without a tuning
                effort = request.description.tags[Tag.TUNED]
                set_population_tag(request.store, job.outcome.run_id, Tag.TUNED, effort)
    print_closing(sweep, overrides, requests, jobs, "tune")
