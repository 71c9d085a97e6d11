"""What the store costs: `python -m tests.benchmarks.store [rates|flat|reader|memory ...]`; without one, all.

- `rates`: trials per second, each claimed, ten epochs reported, told; beside Optuna's RDBStorage with the
  same parameters, epochs and values in a database of its own on the same server.
- `flat`: single calls with 100,000 trials behind them, in proportion to the same calls with 1,000.
- `reader`: a search in one process, with and without a reader that polls at 10 Hz in another.
- `memory`: what a driver of a study with 100,000 trials holds.

Every figure is a proportion of medians that were taken in turn, so that what else the machine does hits
both sides. Ends with 1 if a bar is missed.
"""

import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from typing import TextIO

import optuna

from nas.records import Objective, TrialState
from nas.search.bridge import distribution
from nas.search.driver import drive
from nas.search.events import TrialEnded
from nas.search.interrupts import Interrupts
from nas.search.samplers import SAMPLERS
from nas.search.study import Study
from nas.store import Store, open_store
from tests.benchmarks import stores
from tests.benchmarks.stores import EPOCHS, KINDS, candidates, filled, play, space, spec
from workers.slots.inline import InlineSlots

FEW, MANY = 1_000, 100_000
missed: list[str] = []


def bar(name: str, value: float, least: float | None = None, most: float | None = None) -> None:
    """Print a figure beside its bar."""
    bad = (least is not None and value < least) or (most is not None and value > most)
    wanted = f">= {least:g}" if least is not None else f"<= {most:g}"
    print(f"{name:64}{value:10.2f}  bar {wanted}{'  MISSED' * bad}", flush=True)
    missed.extend([name] * bad)


# Rates

MODES = {
    "one at a time, an epoch a call": (1, 1),
    "one at a time": (1, EPOCHS),
    "16 slots": (16, 16 * EPOCHS),
    "64 slots": (64, 64 * EPOCHS),
}
ROUNDS = 7


def rates(kind: str) -> None:
    """Trials per second of each way to write them, and of Optuna."""
    with stores.urls(2, kind) as (ours, theirs), open_store(ours) as store:
        study = store.create_study("rates", spec(), 10**8, "memory://bench").id
        driver = store.start_driver(study, "here", 1, stores.FAR_S)
        source = candidates(0)
        taken: dict[str, list[float]] = {}
        optunas = _optuna(theirs)
        for _ in range(ROUNDS):
            for mode, (batch, at_once) in MODES.items():
                points = list(islice(source, max(64 // batch, 1) * batch))
                start = time.perf_counter()
                for i in range(0, len(points), batch):
                    play(store, study, driver, points[i : i + batch], at_once)
                taken.setdefault(mode, []).append((time.perf_counter() - start) / len(points))
            taken.setdefault("Optuna", []).append(next(optunas))
    each = {mode: median(found) for mode, found in taken.items()}
    for mode in MODES:
        least = {"sqlite": {"one at a time": 300.0}, "postgresql": {"64 slots": 1000.0}}[kind].get(mode)
        bar(f"{kind}: trials/s, {mode}", 1 / each[mode], least=least or 0)
    print(f"{kind}: trials/s, Optuna {1 / each['Optuna']:.2f}")
    for mode in MODES:
        bar(f"{kind}: times Optuna, {mode}", each["Optuna"] / each[mode], least=20 if "slots" in mode else 0)


def _optuna(url: str) -> Iterator[float]:
    """Seconds per trial of Optuna with a sampler that costs nothing, four trials at a time."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.RDBStorage(url.replace("postgresql://", "postgresql+psycopg://"))
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(0))
    domains = {name: distribution(p.domain) for name, p in space().parameters.items() if p.length is None}
    study.tell(study.ask(domains), 0.5)
    while True:
        start = time.perf_counter()
        for _ in range(4):
            trial = study.ask(domains)
            for epoch in range(1, EPOCHS + 1):
                trial.report(1 / epoch, epoch)
            study.tell(trial, 0.5)
        yield (time.perf_counter() - start) / 4


# Flat


def flat(kind: str) -> None:
    """Each call with many trials behind it, in proportion to few."""
    with stores.urls(2, kind) as places:
        few, many = (filled(url, trials) for url, trials in zip(places, (FEW, MANY), strict=True))
        fresh = candidates(1)
        for name, call in calls(fresh).items():
            found = [(_ms(call, few), _ms(call, many)) for _ in range(301)]
            low, high = (median(column) for column in zip(*found, strict=True))
            bar(f"{kind}: {name}, {low:.2f} -> {high:.2f} ms, times", high / low, most=1.2)
        for store, _, _ in (few, many):
            store.close()


def calls(fresh: Iterator[stores.Candidate]) -> dict[str, Callable[[Store, int, int], object]]:
    """What drivers and pages ask all the time."""
    complete = [TrialState.COMPLETE]
    return {
        "claim one": lambda s, study, driver: s.claim(study, driver, [next(fresh)]),
        "studies": lambda s, study, driver: s.studies(),
        "counts": lambda s, study, driver: s.counts(study),
        "first page": lambda s, study, driver: s.trials(study, limit=50),
        "last page": lambda s, study, driver: s.trials(study, limit=50, descending=True),
        "page of a state": lambda s, study, driver: s.trials(study, limit=50, states=complete),
        "page by value": lambda s, study, driver: s.trials(study, limit=50, order="value"),
        "best 5": lambda s, study, driver: s.best(study, 5),
        "reap nothing": lambda s, study, driver: s.reap(study),
    }


def _ms(call: Callable[[Store, int, int], object], on: tuple[Store, int, int]) -> float:
    start = time.perf_counter()
    call(*on)
    return 1e3 * (time.perf_counter() - start)


# Reader

SPAN_S, SPANS, HERTZ = 0.5, 60, 10


def reader() -> None:
    """Trials that a search ends in spans of time without a reader, in proportion to those with one."""
    with stores.urls(1, "sqlite") as (url,), open_store(url) as store:
        aims = (Objective("macs"),)
        store.create_study("read", spec(objectives=aims, sampler="random"), 10**6, "memory://bench")
        here = [sys.executable, "-m", "tests.benchmarks.reader", url, str(HERTZ)]
        with subprocess.Popen(here, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as polling:
            assert polling.stdin is not None
            gate = Gate(polling.stdin)
            drive(Study(store, "read"), InlineSlots(), listener=gate, interrupts=gate.interrupts)
            said = json.loads(polling.communicate()[0])
    pairs = zip(gate.spans[0::2], gate.spans[1::2], strict=False)
    bar(
        f"sqlite: a search of {sum(gate.spans):,} trials without a reader, times",
        median(without / polled for without, polled in pairs),
        most=1.05,
    )
    bar(f"sqlite: errors of {said['polls']} polls", len(said["errors"]), most=0)


class Gate:
    """Opens and shuts the reader's gate in turn, and counts the trials that end in each span."""

    def __init__(self, reader: TextIO) -> None:
        self.spans, self.interrupts = list[int](), Interrupts()
        self._reader, self._count, self._until = reader, 0, 0.0
        self._warm = 2

    def on_event(self, event: object) -> None:
        """One more trial, perhaps the last of its span."""
        self._count += isinstance(event, TrialEnded)
        if (now := time.perf_counter()) < self._until or len(self.spans) == SPANS:
            return
        if self._warm:
            self._warm -= 1
        else:
            self.spans.append(self._count)
        self._count, self._until = 0, now + SPAN_S
        self._reader.write("on\n" if len(self.spans) % 2 else "off\n")
        self._reader.flush()
        if len(self.spans) == SPANS:
            self.interrupts.count = 1


# Memory

MOST_MIB = 600


def memory() -> None:
    """Resident memory of a new process that asks in a long study."""
    context = multiprocessing.get_context("spawn")
    with stores.urls(1, "sqlite") as (url,):
        store, _, driver = filled(url, MANY)
        store.end_driver(driver)
        for sampler in ("tpe", "auto"):
            with context.Pool(1) as pool:
                mib, first_s, next_s = pool.apply(_hold, (url, sampler))
            print(
                f"{sampler}: reads {MANY:,} trials and asks in {first_s:.1f} s, asks 4 more in {next_s:.2f} s"
            )
            bar(f"{sampler}: MiB of a driver of {MANY:,} trials", mib, most=MOST_MIB)
        store.close()


def _hold(url: str, sampler: str) -> tuple[float, float, float]:
    with open_store(url) as store:
        study = Study(store, store.study_names()[0])
        study.proposer.sampler = SAMPLERS[sampler]()
        with study.joined():
            start = time.perf_counter()
            study.proposer.prepare(4)
            first_s = time.perf_counter() - start
            study.proposer.prepare(8)
            return (
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                first_s,
                time.perf_counter() - start - first_s,
            )


def main() -> None:
    """What is asked for."""
    parts: dict[str, list[Callable[[], None]]] = {
        "rates": [lambda k=kind: rates(k) for kind in KINDS],
        "flat": [lambda k=kind: flat(k) for kind in KINDS],
        "reader": [reader],
        "memory": [memory],
    }
    for part in sys.argv[1:] or parts:
        for measure in parts[part]:
            measure()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
