"""What the engines cost: `python -m tests.benchmarks.ray_engine [--quick]`.

Wall seconds per trial of the whole loop (sampler, SQLite, slots) with an evaluator that returns at
once, 2 slots, ours and Ray Tune with OptunaSearch as they come, alternately in one run; and the
share of time in which 16 slots of 1-second trials are busy. Actors are up before the clock starts.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nas.records import Objective, Slots, StudySpec
from nas.search.driver import drive
from nas.search.study import Study
from nas.space.load import load_space
from nas.store import open_store
from workers.data import dataset
from workers.slots.ray import RaySlots, connect

SPACE = """
space: benchmark
about: Two convolutions of any width, so that every draw is a new network.
input: {channels: 1, size: 8, classes: 10}
parameters:
  first: {int: [1, 512]}
  second: {int: [1, 512]}
architecture:
  - conv: {out: =first, kernel: 3}
  - relu
  - conv: {out: =second, kernel: 3}
  - global_avg_pool
  - linear: {out: =input.classes}
"""
LIMIT_MS, RATIO, BUSY = 15.0, 20.0, 0.95


def ours(slots: Slots, folder: Path, trials: int, evaluator: str) -> float:
    """Seconds for a study of so many trials, from the first proposal to the last result."""
    path = folder / "benchmark.yaml"
    path.write_text(SPACE, encoding="utf-8")
    space = load_space(str(path), data=dataset("digits").info)
    spec = StudySpec(
        space=space.document,
        data="digits",
        recipe={},
        evaluator=f"python:tests.workers.standins.{evaluator}",
        objectives=(Objective("error"),),
        sampler="random",
    )
    with open_store(f"sqlite:///{folder}/{time.time_ns()}.db") as store:
        store.create_study("benchmark", spec, trials, str(folder))
        started = time.perf_counter()
        drive(Study(store, "benchmark"), slots)
        seconds = time.perf_counter() - started
        done = store.counts(store.study("benchmark").id)
    assert sum(done.values()) == trials, done
    return seconds


def tunes(folder: Path, trials: int) -> float:
    """The same with `tune.Tuner` and OptunaSearch, nothing set but where to write and to be quiet."""
    from ray import tune
    from ray.tune.search.optuna import OptunaSearch

    def instant(config: dict[str, int]) -> dict[str, float]:
        return {"error": 0.5}

    tuner = tune.Tuner(
        instant,
        param_space={"first": tune.randint(1, 513), "second": tune.randint(1, 513)},
        tune_config=tune.TuneConfig(
            search_alg=OptunaSearch(), metric="error", mode="min", num_samples=trials
        ),
        run_config=tune.RunConfig(storage_path=str(folder / "tune"), verbose=0),
    )
    started = time.perf_counter()
    assert len(tuner.fit()) == trials
    return time.perf_counter() - started


@contextmanager
def slots_up(total: int) -> Iterator[RaySlots]:
    """A pool, all of it up."""
    slots = RaySlots(total)
    try:
        while slots.free() < slots.total:
            slots.events(1.0)
        yield slots
    finally:
        slots.close()


def overhead(folder: Path, rounds: int, trials: int, tune_trials: int) -> dict[str, float]:
    """Medians in milliseconds per trial, and their ratio."""
    mine, theirs = [], []
    for _ in range(rounds):
        with slots_up(2) as slots:
            mine.append(ours(slots, folder, trials, "instant") / trials * 1e3)
        theirs.append(tunes(folder, tune_trials) / tune_trials * 1e3)
    left, right = statistics.median(mine), statistics.median(theirs)
    return {"ours_ms": left, "tune_ms": right, "ratio": right / left, "rounds": rounds}


def busy(folder: Path, trials: int, total: int = 16) -> dict[str, float]:
    """Share of the slots' time that 1-second trials fill."""
    with slots_up(total) as slots:
        seconds = ours(slots, folder, trials, "one_second")
    return {"busy": trials / total / seconds, "seconds": seconds, "trials": trials}


def main() -> None:
    """Measure, print one JSON object, exit 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer trials: a smoke test, not a measurement")
    quick = parser.parse_args().quick
    connect(None)
    with tempfile.TemporaryDirectory() as name:
        result = {
            "overhead": overhead(Path(name), *((1, 50, 4) if quick else (3, 300, 24))),
            "sixteen_slots": busy(Path(name), 64 if quick else 500),
        }
    print(json.dumps(result, indent=2))
    cost, share = result["overhead"], result["sixteen_slots"]["busy"]
    missed = cost["ours_ms"] > LIMIT_MS or cost["ratio"] < RATIO or share < BUSY
    raise SystemExit(1 if missed and not quick else 0)


if __name__ == "__main__":
    main()
