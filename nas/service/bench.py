"""Searches compared on a table of results: the driver itself, on virtual workers and a store in memory."""

import dataclasses
import math
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nas.errors import NasError
from nas.records import Ending, Objective, StudySpec, TrialState
from nas.service.limits import aims_of
from nas.service.regret import Array, Regret, of_incumbents, regrets
from nas.service.specify import SearchOptions, specify
from nas.service.values import bounded, objective

if TYPE_CHECKING:  # Optuna is loaded by those who search
    from nas.search.events import DriverEvent

SEARCHES = ("random", "tpe", "auto")
OnStudy = Callable[[str, int], None]


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """What is compared; `search` says all but the sampler, its screening and the seed, which counts up."""

    search: SearchOptions
    searches: tuple[str, ...] = SEARCHES
    """Samplers, as `SAMPLER` or, with a proxy that advises, as `SAMPLER+PROXY` or `SAMPLER+PROXY:POOL`."""
    seeds: int = 10
    trials: int = 100
    workers: int = 1
    """Virtual ones."""
    regret: str | None = None
    """The metric of regrets, such as a test error that the search does not see; None: the objective."""
    jobs: int = 1
    """Processes that run studies side by side."""


@dataclass(frozen=True)
class Standing:
    """A search's regrets."""

    search: str
    seeds: int
    regrets: list[Regret]
    virtual_s: float
    """How long its studies take, on average, in the seconds of the table."""
    table: Array = field(repr=False)
    """(seeds, trials): every regret."""


@dataclass(frozen=True)
class Bench:
    """A comparison."""

    space: str
    evaluator: str
    objective: str
    metric: str
    """Of the regrets."""
    best: float
    """The best value of that metric in the table."""
    workers: int
    standings: list[Standing]


@dataclass(frozen=True)
class _Task:
    """One study, told to another process."""

    spec: StudySpec
    trials: int
    workers: int
    shown: Objective
    best: float


def bench(options: BenchOptions, *, on_study: OnStudy | None = None) -> Bench:
    """Run `seeds` studies of each search; `on_study` hears of each (search, seed) as it ends.

    A study that finds no new network before its trials are spent counts with the best it had.

    Raises:
        NasError: the evaluator is no table, an option is out of range, or a study cannot go on.
    """
    from nas.space.space import Space
    from workers.evaluators.table import results_of

    results_of(options.search.evaluator)
    _check(options)
    specs = {name: specify(_search(options, name)) for name in options.searches}
    spec = next(iter(specs.values()))
    results, space = results_of(spec.evaluator), Space.from_document(spec.space)
    shown = spec.objectives[0] if options.regret is None else objective(options.regret)
    results.refuse_unknown(shown.metric, space, "--regret")
    best = results.best(space, shown, _epochs(spec))
    tasks = [
        (
            name,
            _Task(
                dataclasses.replace(each, seed=each.seed + i), options.trials, options.workers, shown, best
            ),
        )
        for name, each in specs.items()
        for i in range(options.seeds)
    ]
    found: dict[str, list[tuple[Array, float]]] = {name: [] for name in specs}
    for (name, task), result in zip(tasks, _run([task for _, task in tasks], options.jobs), strict=True):
        found[name].append(result)
        if on_study is not None:
            on_study(name, task.spec.seed)
    standings = [_standing(name, rows) for name, rows in found.items()]
    first = spec.objectives[0].metric
    return Bench(spec.space_name, spec.evaluator, first, shown.metric, best, options.workers, standings)


def _check(options: BenchOptions) -> None:
    twice = [name for name in options.searches if options.searches.count(name) > 1]
    if twice:
        raise NasError(f"--sampler {twice[0]} is named twice: name each search once")
    for value, option in (
        (options.seeds, "--seeds"),
        (options.trials, "--trials"),
        (options.workers, "--workers"),
        (options.jobs, "--jobs"),
    ):
        bounded(value, option, high=100_000)
    if len(aims_of(options.search).objectives) > 1:
        raise NasError(f"--objective {options.search.objective}: regrets are of one objective")


def _search(options: BenchOptions, name: str) -> SearchOptions:
    sampler, _, screen = name.partition("+")
    return dataclasses.replace(options.search, sampler=sampler, screen=screen or None, trials=options.trials)


def _standing(name: str, rows: Sequence[tuple[Array, float]]) -> Standing:
    table = np.array([found for found, _ in rows])
    return Standing(name, len(rows), regrets(table), float(np.mean([took_s for _, took_s in rows])), table)


def _epochs(spec: StudySpec) -> int:
    epochs = spec.recipe["epochs"]
    if not isinstance(epochs, int):
        raise NasError(f"epochs {epochs!r} are searched: set --recipe epochs=N to compare samplers")
    return epochs


def _run(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[Array, float]]:
    """The result of each task, in their order."""
    if jobs == 1:
        yield from map(_study, tasks)
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=fresh) as pool:
        yield from pool.map(_study, tasks)


def _study(task: _Task) -> tuple[Array, float]:
    """(trials,): the regrets of one study, and its virtual seconds.

    Trials that were pruned or failed have no value that counts: one as bad as can be.
    """
    from nas.search.driver import drive
    from nas.search.study import Study
    from nas.store import open_store
    from workers.slots.simulated import SimulatedSlots

    slots, ends = SimulatedSlots(task.workers), _Ends(task.spec.objectives[0], task.shown)
    with open_store("sqlite://") as store:
        store.create_study("bench", task.spec, task.trials, "memory://bench")
        ended = drive(Study(store, "bench"), slots, listener=ends)
    slots.close()
    if ended.ending is Ending.FAILING:
        raise NasError(f"sampler {task.spec.sampler}, seed {task.spec.seed}: {ended.detail}")
    minimize = task.spec.objectives[0].minimize, task.shown.minimize
    left = task.trials - len(ends.values)
    values = np.array([*ends.values, *[ends.worst[0]] * left])
    shown = np.array([*ends.shown, *[ends.worst[1]] * left])
    return of_incumbents(values, shown, task.best, minimize=minimize), slots.clock.now()


class _Ends:
    """Keeps what trials have told as they end."""

    def __init__(self, objective: Objective, shown: Objective) -> None:
        self._shown = shown
        self.worst = tuple(math.inf if each.minimize else -math.inf for each in (objective, shown))
        self.values, self.shown = list[float](), list[float]()

    def on_event(self, event: "DriverEvent") -> None:
        """Take note of an end."""
        from nas.search.events import TrialEnded

        if isinstance(event, TrialEnded):
            complete = event.outcome.state is TrialState.COMPLETE
            self.values.append(event.outcome.values[0] if complete else self.worst[0])
            told = event.outcome.metrics.get(self._shown.metric, self.worst[1])
            self.shown.append(told if complete else self.worst[1])


def standing_rows(found: Bench) -> Sequence[Sequence[Any]]:
    """Rows of search, trials, mean regret with its interval, median regret with its interval."""
    return [
        (standing.search, r.trials, r.mean, *(r.mean_interval or (None, None)), r.median,
         *(r.median_interval or (None, None)))
        for standing in found.standings
        for r in standing.regrets
    ]  # fmt: skip
