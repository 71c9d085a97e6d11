"""What stoppers save, on real curves: `python -m tests.benchmarks.stopping`.

All 200 networks of `tests/data/digits_curves.csv.gz` are searched in random order by the driver itself, on 16
virtual workers, once a seed and stopper; only the stopper differs. Told are, on average over the seeds:

- training: the seconds that workers trained, the sum over all attempts in the store (a stopped one has cost
  what it took until then), as a share of that without a stopper (median and worst seed);
- virtual: when the last worker was done, likewise;
- best: the error of the best complete trial, and its regret, how far that lies from the best of the table;
- same: in how many studies it is as good as the one found without a stopper.

The bar: with `asha` the median study finds the same best in at most a third of the training time.
"""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from nas.records import StudySpec, TrialState
from nas.search.driver import drive
from nas.search.stoppers import STOPPERS
from nas.search.study import Study
from nas.service.specify import SearchOptions, specify
from nas.store import open_store
from workers.slots.simulated import SimulatedSlots

DATA = Path(__file__).parent.parent / "data"
SPACE, TABLE = DATA / "digits-curves.yaml", DATA / "digits_curves.csv.gz"
TRIALS, WORKERS, SEEDS = 200, 16, 20
BAR = 1 / 3
LEAST = 0.0
"""The best error of the table; four networks have it."""


@dataclass(frozen=True)
class Run:
    """One study."""

    busy_s: float
    """Of all attempts together."""
    virtual_s: float
    best: float
    stopped: int


def specification(stopper: str, sampler: str = "random") -> StudySpec:
    """A search of the whole table."""
    asked = SearchOptions(
        space=str(SPACE), data="digits", evaluator=f"table:{TABLE}", sampler=sampler, stopper=stopper
    )
    return specify(asked)


def search(spec: StudySpec, seed: int, trials: int = TRIALS) -> Run:
    """Run a study and read what it cost from the store."""
    slots = SimulatedSlots(WORKERS)
    with open_store("sqlite://") as store:
        row = store.create_study("s", dataclasses.replace(spec, seed=seed), trials, "memory://s")
        drive(Study(store, "s"), slots)
        rows = store.trials(row.id)
        busy_s = sum(a.wall_s or 0.0 for trial in rows for a in store.attempts(row.id, trial.number))
    best = min(trial.values[0] for trial in rows if trial.state is TrialState.COMPLETE)
    stopped = sum(trial.state is TrialState.PRUNED for trial in rows)
    return Run(busy_s, slots.clock.now(), best, stopped)


def searches(stopper: str, seeds: int, trials: int = TRIALS, sampler: str = "random") -> list[Run]:
    """A stopper's studies, one a seed."""
    spec = specification(stopper, sampler)
    return [search(spec, seed, trials) for seed in range(seeds)]


def met(runs: Sequence[Run], whole: Sequence[Run]) -> bool:
    """Whether the median study keeps the bar."""
    lost = median(run.best - other.best for run, other in zip(runs, whole, strict=True))
    return median(shares(runs, whole)) <= BAR and lost <= 0


def shares(runs: Sequence[Run], whole: Sequence[Run]) -> list[float]:
    """Training time by seed, as a share of that of running all trials out."""
    return [run.busy_s / all_of_it.busy_s for run, all_of_it in zip(runs, whole, strict=True)]


def line(stopper: str, runs: Sequence[Run], whole: Sequence[Run]) -> str:
    """A row of the table."""
    share = shares(runs, whole)
    virtual = fmean(run.virtual_s / other.virtual_s for run, other in zip(runs, whole, strict=True))
    same = sum(run.best <= other.best for run, other in zip(runs, whole, strict=True))
    best = fmean(run.best for run in runs)
    return (
        f"| `{stopper}` | {fmean(run.busy_s for run in runs):.0f} s | {median(share):.1%} | {max(share):.1%} "
        f"| {virtual:.1%} | {fmean(run.stopped for run in runs):.0f} | {best:.4f} | {best - LEAST:.4f} "
        f"| {same}/{len(runs)} |"
    )


def main() -> int:
    """Print the comparison; 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--sampler", default="random")
    asked = parser.parse_args()
    found = {"none": searches("none", asked.seeds, asked.trials, asked.sampler)}
    print(
        "| stopper | training | median share | worst share | virtual | stopped | best | regret | same best |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for stopper in ["none", *sorted({*STOPPERS.names()} - {"none"})]:
        if stopper not in found:
            found[stopper] = searches(stopper, asked.seeds, asked.trials, asked.sampler)
        print(line(stopper, found[stopper], found["none"]), flush=True)
    return int(not met(found["asha"], found["none"]))


if __name__ == "__main__":
    sys.exit(main())
