"""How fast the store is: `python -m tests.store.speed [URL] [--trials N]` (default: a new SQLite file, 1000).

Prints trials per second for claim + 10 reports + tell, then the time of single calls after N trials.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nas.records import TrialState
from nas.store import Store, open_store
from nas.store.rows import Claim
from tests.store.makers import candidate, outcome, report, spec


def trial_round(store: Store, study: int, driver: int, first: int, batch: int, at_once: int) -> None:
    """Claim `batch` trials, report their 10 epochs `at_once` a call, tell them."""
    answers = store.claim(study, driver, [candidate(i) for i in range(first, first + batch)])
    numbers = [answer.number for answer in answers if isinstance(answer, Claim)]
    reports = [report(number, epoch) for number in numbers for epoch in range(1, 11)]
    for start in range(0, len(reports), at_once):
        store.report(study, driver, reports[start : start + at_once])
    assert all(store.tell(study, driver, [outcome(number, 1 / number) for number in numbers]))


def per_second(store: Store, study: int, driver: int, first: int, batch: int, at_once: int) -> float:
    """Trials per second over about 500 of them, after one round to warm up."""
    trial_round(store, study, driver, first, batch, at_once)
    rounds = max(1, 500 // batch)
    start = time.perf_counter()
    for i in range(1, rounds + 1):
        trial_round(store, study, driver, first + i * batch, batch, at_once)
    return rounds * batch / (time.perf_counter() - start)


def median_ms(call: Callable[[], object], times: int = 101) -> float:
    """The median time of a call, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


def single_calls(store: Store, study: int, driver: int) -> dict[str, float]:
    """Median milliseconds of the calls that a service makes all the time."""
    fresh = iter(range(10**7, 10**8))
    return {
        "claim one": median_ms(lambda: store.claim(study, driver, [candidate(next(fresh))])),
        "first page": median_ms(lambda: store.trials(study, limit=50)),
        "last page": median_ms(lambda: store.trials(study, limit=50, descending=True)),
        "page by value": median_ms(lambda: store.trials(study, limit=50, order="value")),
        "complete page": median_ms(lambda: store.trials(study, limit=50, states=[TrialState.COMPLETE])),
        "best 5": median_ms(lambda: store.best(study, 5)),
        "studies": median_ms(lambda: store.studies()),
        "counts": median_ms(lambda: store.counts(study)),
        "reap nothing": median_ms(lambda: store.reap(study)),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("--trials", type=int, default=1000)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(asked.url or str(Path(folder) / "nas.db")) as store,
    ):
        study = store.create_study(f"speed-{time.time()}", spec(), 10**8, "").id
        driver = store.start_driver(study, "here", 1, 10**6)
        for i, (batch, at_once) in enumerate([(1, 10), (1, 1), (16, 160), (64, 640)]):
            speed = per_second(store, study, driver, 10**6 * (i + 1), batch, at_once)
            print(f"claim {batch:2}, {at_once:3} reports a call, tell {batch:2}: {speed:6.0f} trials/s")
        while (have := sum(store.counts(study).values())) < asked.trials:
            trial_round(store, study, driver, 10**9 + have, min(500, asked.trials - have), 5000)
        for name, ms in single_calls(store, study, driver).items():
            print(f"{name:14} {ms:7.2f} ms")
        start = time.perf_counter()
        print(f"history of {len(store.history(study))} trials: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
