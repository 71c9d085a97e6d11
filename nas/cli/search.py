"""`nas search` and `nas resume`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.asked import (
    Artifacts,
    Evaluator,
    Iso,
    Least,
    Most,
    Objectives,
    Recipe,
    Repeat,
    Sampler,
    ScreenBy,
    Seed,
    StartFrom,
    Stopper,
    StudyName,
    Timeout,
    Trials,
    search_options,
)
from nas.cli.options import (
    Address,
    Compare,
    CpusPerTrial,
    Data,
    DryRun,
    Engine,
    GpusPerTrial,
    Json,
    LogJson,
    Profile,
    Settings,
    SpaceName,
    StoreUrl,
    Study,
    Workers,
)
from nas.cli.preview import print_preview
from nas.cli.stopping import logged
from nas.errors import Exit
from nas.records import Ending

if TYPE_CHECKING:
    from nas.cli.answer import Again
    from nas.cli.logs import JsonLog
    from nas.service.engines import EngineOptions
    from nas.service.run import Result
    from nas.store import Store

EXIT_CODES = """\b
Exit codes:
  0  finished or exhausted: there is an answer
  1  the study failed: its trials, its store or its cluster; or a mistake of this program
  2  a mistake in what was typed: nothing was begun
  3  stopped before its end (drained, paused, cancelled, Ctrl-C or SIGTERM): nas resume goes on
"""
STOPPED = (Ending.DRAINED, Ending.PAUSED, Ending.CANCELLED)


def search(
    space: SpaceName,
    study: StudyName = None,
    trials: Trials = None,
    data: Data = None,
    profile: Profile = None,
    settings: Settings = None,
    recipe: Recipe = None,
    evaluator: Evaluator = "train",
    objective: Objectives = None,
    most: Most = None,
    least: Least = None,
    iso: Iso = None,
    sampler: Sampler = "auto",
    screen: ScreenBy = None,
    stopper: Stopper = "none",
    repeat: Repeat = 1,
    start_from: StartFrom = None,
    seed: Seed = 0,
    engine: Engine = "ray",
    workers: Workers = "auto",
    cpus_per_trial: CpusPerTrial = None,
    gpus_per_trial: GpusPerTrial = None,
    address: Address = None,
    compare: Compare = True,
    store: StoreUrl = None,
    artifacts: Artifacts = None,
    timeout: Timeout = None,
    json: Json = False,
    log_json: LogJson = False,
    dry_run: DryRun = False,
) -> None:
    """Search a space: nas search efficientnet-scaling."""
    from nas.service.engines import EngineOptions, workers_of
    from nas.service.environment import check_environment, check_store
    from nas.service.run import begin
    from nas.store import open_store

    options = search_options(
        space=space,
        study=study,
        trials=trials,
        data=data,
        profile=profile,
        settings=settings,
        recipe=recipe,
        evaluator=evaluator,
        objective=objective,
        most=tuple(most or ()),
        least=tuple(least or ()),
        iso=iso,
        sampler=sampler,
        screen=screen,
        stopper=stopper,
        repeat=repeat,
        start_from=start_from,
        seed=seed,
        timeout_s=timeout,
        artifacts=artifacts,
    )
    slots = EngineOptions(
        engine=engine,
        workers=workers_of(workers),
        address=address,
        cpus_per_trial=cpus_per_trial,
        gpus_per_trial=gpus_per_trial,
    )
    check_environment()
    check_store(store)
    if dry_run:
        print_preview(options, slots, compare=compare, json=json)
        return
    with logged(log_json) as log, open_store(store) as opened:
        row, joined = begin(opened, options, slots, say=None if json else print)
        drive(opened, row.name, slots, json=json, compare=compare, joined=joined, log=log)


def resume(
    study: Study,
    trials: Annotated[str | None, typer.Option("--trials", metavar="+N", help="More trials.")] = None,
    engine: Engine = "ray",
    workers: Workers = "auto",
    cpus_per_trial: CpusPerTrial = None,
    gpus_per_trial: GpusPerTrial = None,
    address: Address = None,
    compare: Compare = True,
    store: StoreUrl = None,
    json: Json = False,
    log_json: LogJson = False,
) -> None:
    """Go on with a study that was stopped, crashed or finished: nas resume STUDY --trials +24."""
    from nas.service.engines import EngineOptions, check_artifacts, check_engine, check_evaluator, workers_of
    from nas.service.environment import check_environment, check_store
    from nas.service.studies import reopen
    from nas.service.values import more
    from nas.store import open_store

    slots = EngineOptions(
        engine=engine,
        workers=workers_of(workers),
        address=address,
        cpus_per_trial=cpus_per_trial,
        gpus_per_trial=gpus_per_trial,
    )
    with logged(log_json) as log:
        check_environment()
        check_store(store)
        check_engine(slots)
        extra = more(trials)
        with open_store(store, create=False) as opened:
            row = opened.study(study)
            check_evaluator(slots, row.spec.evaluator)
            check_artifacts(slots, row.artifacts)
            reopen(opened, study, extra)
            drive(opened, study, slots, json=json, compare=compare, log=log)


def print_end(result: "Result", again: "Again") -> None:
    """How a run of a study ended: its answer, or how to go on."""
    from nas.cli.answer import print_standing, resuming
    from nas.cli.render import next_steps

    name = result.study.name
    detail = f": {result.detail}" if result.detail else ""
    print(f"{name}: {result.ending.value}{detail}")
    if (result.best or result.front) and result.ending.value in ("finished", "exhausted"):
        print_standing(result.study, result, again)
    else:
        next_steps(resuming(name, again), f"nas show {name}")


def drive(
    opened: "Store",
    name: str,
    slots: "EngineOptions",
    *,
    json: bool,
    compare: bool,
    joined: bool = False,
    log: "JsonLog | None",
    end: "Callable[[Result, Again], None]" = print_end,
) -> None:
    """Drive a study to its end in front of a user, and tell it by `end`."""
    from nas.cli.answer import Again
    from nas.cli.live import watcher
    from nas.cli.render import print_json, unheard
    from nas.search.interrupts import Interrupts
    from nas.service.run import run

    with watcher(quiet=json, log=log) as listener, Interrupts() as interrupts:
        worth = compare and not joined
        result = run(opened, name, slots, listener=listener, interrupts=interrupts, compare=worth)
    with unheard():
        if json:
            print_json(result)
        else:
            end(result, Again(slots, compare))
    if result.ending in STOPPED or interrupts.count:
        raise typer.Exit(Exit.STOPPED)
