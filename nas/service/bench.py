"""Samplers compared on a table of results: the driver itself, on virtual workers and a store in memory.

The regret after n trials is how far the best value of the first n trials that ended lies from the best of
the table, in units of the objective; each seed is a study of its own. Intervals are 95 % percentile
bootstraps over the seeds (Efron & Tibshirani 1993, chapter 13), 10,000 resamples.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import NasError
from nas.records import Ending, StudySpec, TrialState
from nas.service.specify import SearchOptions, specify
from nas.service.values import bounded

if TYPE_CHECKING:  # Optuna is loaded by those who search
    from nas.search.events import DriverEvent

RESAMPLES = 10_000
STEPS = (1, 2, 5)
"""Regrets are told after 1, 2, 5, 10, 20, 50, … trials, and at the end."""


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """What is compared; `search` says all but the sampler and the seed, which counts up from its own."""

    search: SearchOptions
    samplers: tuple[str, ...] = ("random", "tpe")
    seeds: int = 10
    trials: int = 100
    workers: int = 1
    """Virtual ones."""


@dataclass(frozen=True)
class Regret:
    """After so many trials, over the seeds; None where a study had no complete trial yet."""

    trials: int
    mean: float | None
    mean_interval: tuple[float, float] | None
    median: float | None
    median_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Standing:
    """A sampler's regrets."""

    sampler: str
    seeds: int
    regrets: list[Regret]
    virtual_s: float
    """How long its studies take, on average, in the seconds of the table."""


@dataclass(frozen=True)
class Bench:
    """A comparison."""

    space: str
    evaluator: str
    metric: str
    minimize: bool
    best: float
    """The best value of the table."""
    workers: int
    standings: list[Standing] = field(default_factory=list)


def bench(options: BenchOptions, *, on_study: Callable[[str, int], None] | None = None) -> Bench:
    """Run `seeds` studies a sampler; `on_study` hears of each (sampler, seed) before it begins.

    A study that finds no new network before its trials are spent counts with the best it had.
    """
    from nas.space.space import Space
    from workers.evaluators.table import results_of

    for value, option in (
        (options.seeds, "--seeds"),
        (options.trials, "--trials"),
        (options.workers, "--workers"),
    ):
        bounded(value, option, high=100_000)
    results_of(options.search.evaluator)
    specs = {name: specify(dataclasses.replace(options.search, sampler=name)) for name in options.samplers}
    spec = next(iter(specs.values()))
    objective, space = spec.objectives[0], Space.from_document(spec.space)
    best = results_of(spec.evaluator).best(space, objective, _epochs(spec))
    found = Bench(
        spec.space_name, spec.evaluator, objective.metric, objective.minimize, best, options.workers
    )
    for each in specs.values():
        found.standings.append(_standing(each, options, best, on_study))
    return found


def _standing(
    spec: StudySpec, options: BenchOptions, best: float, on_study: Callable[[str, int], None] | None
) -> Standing:
    """A sampler's studies, one a seed."""
    values, seconds = np.empty((options.seeds, options.trials)), 0.0
    for index in range(options.seeds):
        seed = spec.seed + index
        if on_study is not None:
            on_study(spec.sampler, seed)
        values[index], took_s = _study(dataclasses.replace(spec, seed=seed), options.trials, options.workers)
        seconds += took_s / options.seeds
    sign = 1 if spec.objectives[0].minimize else -1
    regrets = np.minimum.accumulate(sign * (values - best), axis=1)
    return Standing(spec.sampler, options.seeds, _regrets(regrets), seconds)


def _epochs(spec: StudySpec) -> int:
    epochs = spec.recipe["epochs"]
    if not isinstance(epochs, int):
        raise NasError(f"epochs {epochs!r} are searched: set --recipe epochs=N to compare samplers")
    return epochs


def _study(spec: StudySpec, trials: int, workers: int) -> tuple[NDArray[np.float64], float]:
    """Values in the order in which trials ended, and the virtual seconds of it all.

    Trials that were pruned or failed have no value that counts: one as bad as can be.
    """
    from nas.search.driver import drive
    from nas.search.study import Study
    from nas.store import open_store
    from workers.slots.simulated import SimulatedSlots

    worst = math.inf if spec.objectives[0].minimize else -math.inf
    slots, ends = SimulatedSlots(workers), _Ends(worst)
    with open_store("sqlite://") as store:
        store.create_study("bench", spec, trials, "memory://bench")
        ended = drive(Study(store, "bench"), slots, listener=ends)
    slots.close()
    if ended.ending is Ending.FAILING:
        raise NasError(f"sampler {spec.sampler}, seed {spec.seed}: {ended.detail}")
    left = trials - len(ends.values)
    return np.array([*ends.values, *[worst] * left]), slots.clock.now()


class _Ends:
    """Keeps the values of trials as they end."""

    def __init__(self, worst: float) -> None:
        self.worst, self.values = worst, list[float]()

    def on_event(self, event: "DriverEvent") -> None:
        """Take note of an end."""
        from nas.search.events import TrialEnded

        if isinstance(event, TrialEnded):
            complete = event.outcome.state is TrialState.COMPLETE
            self.values.append(event.outcome.values[0] if complete else self.worst)


def _regrets(regrets: NDArray[np.float64]) -> list[Regret]:
    """Over the seeds (rows), at some numbers of trials (columns)."""
    rng, seeds, trials = np.random.default_rng(0), *regrets.shape
    counts = sorted(
        {n for power in range(7) for step in STEPS if (n := step * 10**power) < trials} | {trials}
    )
    picks = rng.integers(seeds, size=(RESAMPLES, seeds))
    return [_regret(count, regrets[:, count - 1], picks) for count in counts]


def _regret(count: int, regrets: NDArray[np.float64], picks: NDArray[np.int64]) -> Regret:
    if not np.isfinite(regrets).all():
        return Regret(count, None, None, None, None)
    drawn = regrets[picks]
    return Regret(
        count,
        float(regrets.mean()),
        _interval(drawn.mean(axis=1)),
        float(np.median(regrets)),
        _interval(np.median(drawn, axis=1)),
    )


def _interval(estimates: Any) -> tuple[float, float]:
    low, high = np.percentile(estimates, [2.5, 97.5])
    return float(low), float(high)


def standing_rows(found: Bench) -> Sequence[Sequence[Any]]:
    """Rows of sampler, trials, mean regret with its interval, median regret with its interval."""
    return [
        (standing.sampler, r.trials, r.mean, *(r.mean_interval or (None, None)), r.median,
         *(r.median_interval or (None, None)))
        for standing in found.standings
        for r in standing.regrets
    ]  # fmt: skip
