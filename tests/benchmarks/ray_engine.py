"""What the engines cost: `python -m tests.benchmarks.ray_engine [--quick]`.

Wall seconds per trial of the whole loop (sampler, SQLite, slots) with an evaluator that returns at
once, 2 slots, ours and Ray Tune with OptunaSearch as they come, alternately in one run; and the
share of time in which 16 slots of 1-second trials are busy, in a new study with random draws and in one
that has 2,000 trials behind it, with samplers that learn from them. Actors are up before the clock starts.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nas.records import AttemptEnd, Objective, Slots, StudySpec
from nas.search.driver import drive
from nas.search.refuse import Pricer
from nas.search.samplers import Proposal
from nas.search.study import Study
from nas.space.load import load_space
from nas.store import open_store
from nas.store.rows import Claim
from workers.data import dataset
from workers.slots.connect import connect
from workers.slots.ray import RaySlots

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


def ours(
    slots: Slots, folder: Path, trials: int, evaluator: str, sampler: str = "random", earlier: int = 0
) -> float:
    """Seconds for so many trials of a study, from the first proposal to the last result."""
    path = folder / "benchmark.yaml"
    path.write_text(SPACE, encoding="utf-8")
    space = load_space(str(path), data=dataset("digits").info)
    spec = StudySpec(
        space=space.document,
        data="digits",
        recipe={},
        evaluator=f"python:tests.workers.standins.{evaluator}",
        objectives=(Objective("error"),),
        sampler=sampler,
    )
    with open_store(f"sqlite:///{folder}/{time.time_ns()}.db") as store:
        store.create_study("benchmark", spec, earlier + trials, str(folder))
        fill(Study(store, "benchmark"), earlier)
        started = time.perf_counter()
        drive(Study(store, "benchmark"), slots)
        seconds = time.perf_counter() - started
        done = store.counts(store.study("benchmark").id)
    assert sum(done.values()) == earlier + trials, done
    return seconds


def fill(study: Study, trials: int) -> None:
    """Give a study finished trials of random points, whose error falls with the networks' size."""
    rng, pricer = np.random.default_rng(0), Pricer(study.space, study.spec)
    drawn = (pricer.candidate(Proposal(-1, study.space.sample(rng))) for _ in range(2 * trials))
    candidates = list({candidate.key: candidate for candidate in drawn}.values())[:trials]
    with study.joined():
        for claim in study.store.claim(study.row.id, study.driver_id, candidates):
            assert isinstance(claim, Claim), claim
            metrics = {"error": 1 / claim.candidate.cost["params"] + 1e-6 * rng.random()}
            study.tell([study.outcome(AttemptEnd(claim.number, 1, metrics), wall_s=1.0)])


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


def busy(
    folder: Path, trials: int, total: int = 16, *, sampler: str = "random", earlier: int = 0
) -> dict[str, float]:
    """Share of the slots' time that 1-second trials fill."""
    with slots_up(total) as slots:
        seconds = ours(slots, folder, trials, "one_second", sampler, earlier)
    return {"busy": trials / total / seconds, "seconds": seconds, "trials": trials, "earlier": earlier}


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
            **{
                f"sixteen_slots_{sampler}": busy(
                    Path(name), 64 if quick else 500, sampler=sampler, earlier=100 if quick else 2000
                )
                for sampler in ("tpe", "auto")
            },
        }
    print(json.dumps(result, indent=2))
    cost = result["overhead"]
    share = min(found["busy"] for found in result.values() if "busy" in found)
    missed = cost["ours_ms"] > LIMIT_MS or cost["ratio"] < RATIO or share < BUSY
    raise SystemExit(1 if missed and not quick else 0)


if __name__ == "__main__":
    main()
