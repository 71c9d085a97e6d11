"""Studies as large as a dashboard has to bear: 100,000 trials with a million epochs, ended in all ways."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nas.records import Cause, EpochReport, Objective, TrialState
from nas.store import Store, open_store
from nas.store.rows import Candidate, Claim, Outcome
from tests.benchmarks.stores import EPOCHS, FAR_S, candidates, spec

STUDY = "full"
BATCH = 500
RUNNING = 16
WORKERS = 64
WORST = 'Traceback (most recent call last):\n  File "train.py", line 7, in step\nValueError: no such loss'


def fill(url: str, trials: int, name: str = STUDY, seed: int = 0) -> tuple[int, int]:
    """A study of so many trials in the store, the last ones running; its id, and its driver that is alive."""
    with open_store(url) as store:
        aims = (Objective("error"), Objective("macs"))
        study = store.create_study(name, spec(objectives=aims), 10**6, "memory://bench").id
        driver = store.start_driver(study, "node-0/boot/1", 1, FAR_S)
        slots = {"total": WORKERS, "slot_s": 0.0, "since_s": store.now_s()}
        store.set_study_attributes(study, {f"slots of driver {driver}": slots})
        source = candidates(seed)
        for start in range(0, trials, BATCH):
            _play(store, study, driver, list(itertools.islice(source, min(BATCH, trials - start))), trials)
        store.count_refusals(study, {"params <= 3000": 12_345, "duplicate": 678})
    return study, driver


def _play(store: Store, study: int, driver: int, batch: Sequence[Candidate], trials: int) -> None:
    answers = [a for a in store.claim(study, driver, batch) if isinstance(a, Claim)]
    store.report(study, driver, [report for answer in answers for report in _curve(answer.number)])
    ending = [a for a in answers if a.number <= trials - RUNNING]
    assert all(store.tell(study, driver, [outcome(a.number, a.candidate.cost["macs"]) for a in ending]))


def _curve(number: int) -> Iterator[EpochReport]:
    last = error(number)
    for epoch in range(1, EPOCHS + 1):
        value = last + (1 - last) / (epoch + 1)
        yield EpochReport(number, 1, epoch, {"error": value, "loss": 2 * value}, float(epoch))


def error(number: int) -> float:
    """What looks random, the same for the same number."""
    return (number * 2_654_435_761 % 2**32) / 2**32


def outcome(number: int, macs: int) -> Outcome:
    """Of a hundred trials 4 failed, 10 pruned, the others complete."""
    told: dict[str, Any] = {
        "number": number,
        "attempt": 1,
        "wall_s": 10.0,
        "worker": f"node-{number % WORKERS}:7",
    }
    if number % 25 == 7:
        cause = (Cause.ERROR, Cause.OUT_OF_MEMORY, Cause.DIVERGED)[number % 3]
        return Outcome(**told, state=TrialState.FAILED, cause=cause, message=WORST)
    state = TrialState.PRUNED if number % 10 == 3 else TrialState.COMPLETE
    value = error(number)
    metrics = {"error": value, "loss": 2 * value, "macs": float(macs), "seconds": 1 + 9 * value}
    return Outcome(**told, state=state, values=(value, float(macs)), metrics=metrics)


@contextmanager
def busy(url: str, name: str, hertz: float) -> Iterator[None]:
    """While entered, so many times a second a running trial of the study reports an epoch."""
    stop = threading.Event()

    def work() -> None:
        with open_store(url) as store:
            study, epoch = store.study(name), EPOCHS
            (driver,) = [row.id for row in store.drivers(study.id) if row.live]
            running = store.trials(study.id, states=[TrialState.RUNNING])
            for turn in itertools.count():
                if stop.wait(1 / hertz):
                    return
                epoch += turn % len(running) == 0
                number = running[turn % len(running)].number
                metrics = {"error": error(number) / epoch, "loss": 1 / epoch}
                store.report(study.id, driver, [EpochReport(number, 1, epoch, metrics, float(epoch))])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
