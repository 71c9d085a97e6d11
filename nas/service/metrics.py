"""The store in the text format of Prometheus, printed once or served.

Everything is read from the store at the moment of asking, so any number of drivers on any hosts are seen
from one place, and a driver that dies takes no numbers with it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from nas.errors import NasError, StoreError
from nas.search.draws import SLOTS
from nas.service.studies import summaries
from nas.service.usage import Usage, usage
from nas.service.values import bounded
from nas.store import Store
from nas.store.reading.tallies import Tally
from nas.store.rows import StudySummary
from nas.store.schema import HEAD
from nas.versions import ours

Gauge, Counter = GaugeMetricFamily, CounterMetricFamily
Kind = type[GaugeMetricFamily] | type[CounterMetricFamily]
FAMILIES: dict[str, tuple[Kind, str, tuple[str, ...]]] = {
    "nas_store_up": (Gauge, "Whether the store answers", ()),
    "nas_store_info": (Gauge, "Version of the program and of the tables", ("program", "revision")),
    "nas_study_info": (
        Gauge,
        "What a study searches, what is wanted of it and how it ended",
        ("study", "space", "data", "evaluator", "sampler", "wanted", "ending"),
    ),
    "nas_trials": (Gauge, "Trials by state", ("study", "state")),
    "nas_trials_budget": (Gauge, "Trials that the study may have", ("study",)),
    "nas_best_value": (Gauge, "Best value of the first objective", ("study", "metric")),
    "nas_refusals": (Counter, "Points refused before anything was spent", ("study", "reason")),
    "nas_acceptance_ratio": (Gauge, "Share of draws that became trials", ("study",)),
    "nas_attempts": (Counter, "Attempts by how they stand and why they ended", ("study", "state", "cause")),
    "nas_epochs": (Counter, "Epochs reported, by all attempts", ("study",)),
    "nas_drivers": (Gauge, "Drivers that hold a live lease", ("study",)),
    "nas_leases_lost": (Counter, "Drivers silent for longer than their lease", ("study",)),
    "nas_slots": (Gauge, "Slots of the live drivers", ("study",)),
    "nas_utilisation_ratio": (Gauge, "Share of the slots' time in which they worked", ("study",)),
    "nas_study_revision": (Gauge, "Rises with every change of the study", ("study",)),
    "nas_study_changed_timestamp_seconds": (Gauge, "When the study last changed", ("study",)),
}
"""Name, kind, meaning, labels; counters are written with `_total` behind."""


@dataclass(frozen=True)
class Deep:
    """What takes a walk over a study's rows, kept until the study changes."""

    revision: int
    tally: Tally
    usage: Usage
    slots: int


class Exporter(Collector):
    """Reads the store whenever it is collected from; may be registered anywhere."""

    def __init__(self, store: Store, check: Callable[[], None] = lambda: None) -> None:
        self._store, self._check, self._lock = store, check, threading.Lock()
        self._known: dict[int, Deep] = {}

    def collect(self) -> Iterator[Metric]:
        """All families; while the store is away only that it is."""
        families = {name: kind(name, said, labels=labels) for name, (kind, said, labels) in FAMILIES.items()}
        with self._lock:
            try:
                for name, labels, value in self._samples():
                    families[name].add_metric(labels, value)
            except StoreError:
                up = Gauge("nas_store_up", FAMILIES["nas_store_up"][1], value=0)
                yield up
                return
        yield from families.values()

    def _samples(self) -> Iterator[tuple[str, Sequence[str], float]]:
        self._check()
        rows = summaries(self._store)
        self._known = {row.id: self._known[row.id] for row in rows if row.id in self._known}
        yield "nas_store_up", (), 1
        yield "nas_store_info", (ours(), HEAD), 1
        for row in rows:
            yield from _plain(row)
            yield from _deep(row.name, self._look(row))
            for reason, number in self._store.refusals(row.id).items():
                yield "nas_refusals", (row.name, reason), number

    def _look(self, row: StudySummary) -> Deep:
        known = self._known.get(row.id)
        if known is None or known.revision != row.revision or row.drivers:
            store, study = self._store, self._store.study_by_id(row.id)
            attributes = store.study_attributes(row.id)
            live = (driver.id for driver in store.drivers(row.id) if driver.live)
            slots = sum(attributes.get(f"{SLOTS}{number}", {}).get("total", 0) for number in live)
            known = Deep(row.revision, store.tally(row.id), usage(store, study), slots)
            self._known[row.id] = known
        return known


def _plain(row: StudySummary) -> Iterator[tuple[str, Sequence[str], float]]:
    """What stands on the study's own row."""
    ending = row.ending.value if row.ending else ""
    asked = (row.space, row.data, row.evaluator, row.sampler)
    yield "nas_study_info", (row.name, *asked, row.wanted.value, ending), 1
    for state, number in row.counts.items():
        yield "nas_trials", (row.name, state.value), number
    yield "nas_trials_budget", (row.name,), row.budget
    if row.best is not None:
        yield "nas_best_value", (row.name, row.metric), row.best
    yield "nas_drivers", (row.name,), row.drivers
    yield "nas_study_revision", (row.name,), row.revision
    yield "nas_study_changed_timestamp_seconds", (row.name,), row.changed_s


def _deep(name: str, found: Deep) -> Iterator[tuple[str, Sequence[str], float]]:
    for (state, cause), number in found.tally.attempts.items():
        yield "nas_attempts", (name, state.value, cause.value if cause else ""), number
    yield "nas_epochs", (name,), found.tally.epochs
    yield "nas_leases_lost", (name,), found.tally.leases_lost
    yield "nas_slots", (name,), found.slots
    if found.usage.acceptance is not None:
        yield "nas_acceptance_ratio", (name,), found.usage.acceptance
    if found.usage.utilisation is not None:
        yield "nas_utilisation_ratio", (name,), found.usage.utilisation


def _registry(store: Store, check: Callable[[], None] = lambda: None) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Exporter(store, check))
    return registry


def exposition(store: Store) -> str:
    """All metrics as text."""
    return exposer(store)()


def exposer(store: Store, check: Callable[[], None] = lambda: None) -> Callable[[], str]:
    """The same for who asks again and again: what takes a walk is walked only where a study has changed.

    `check` is called first each time, and raises `StoreError` where the store must not be read now.
    """
    registry = _registry(store, check)
    return lambda: generate_latest(registry).decode()


def samples(store: Store) -> list[dict[str, Any]]:
    """The same as plain data: one object a number."""
    return [
        {"name": sample.name, "labels": dict(sample.labels), "value": sample.value}
        for family in Exporter(store).collect()
        for sample in family.samples
    ]


def serve(store: Store, port: int, host: str) -> threading.Thread:
    """Answer `GET /metrics` from threads, until the process ends."""
    bounded(port, "--port", 1, 65535)
    try:
        _, thread = start_http_server(port, host, _registry(store))
    except OSError as error:
        why = error.strerror or str(error)
        raise NasError(
            f"cannot listen at {host}:{port}: {why}; choose others with --host and --port"
        ) from None
    return thread
