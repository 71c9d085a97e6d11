"""The page of the cluster: drivers with their leases, what runs and waits, workers lately heard of, nodes."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nas.records import BUDGETED, TrialState
from nas.search.draws import SLOTS
from nas.service.views.ray_nodes import RAY_NODES, NodeLine, Nodes
from nas.store import Store
from nas.store.rows import StudySummary

RUNNING = 500
"""Running trials of a study that are listed."""
LATELY = 500
"""Trials of a study that changed last, in which workers are looked for."""


@dataclass(frozen=True)
class DriverLine:
    """A process that drives a study."""

    study: str
    host: str
    pid: int
    slots: int | None
    """None: it has not told."""
    started_s: float
    lease_until_s: float
    live: bool
    """False: silent for longer than its lease."""
    heartbeat_age_s: float


@dataclass(frozen=True)
class RunningLine:
    """A trial that runs."""

    study: str
    number: int
    attempt: int
    worker: str
    """Empty until it ends: only then does a worker give its name."""
    host: str
    """Of its driver."""
    epoch: int
    started_s: float | None
    age_s: float | None


@dataclass(frozen=True)
class QueueLine:
    """What a study has still to do."""

    study: str
    queued: int
    budget_left: int
    """Trials that may still be drawn."""


@dataclass(frozen=True)
class WorkerLine:
    """A worker that has ended a trial lately, of a study that is driven now."""

    worker: str
    study: str | None
    number: int | None
    """The trial that it ended last."""
    state: str
    """How that ended."""
    last_seen_s: float
    done: int
    """Trials that it has ended among the latest."""


@dataclass(frozen=True)
class ClusterPage:
    """What is going on now, over all studies."""

    now_s: float
    """By the database's clock, as all times here."""
    drivers: list[DriverLine]
    running: list[RunningLine]
    running_total: int
    queue: list[QueueLine]
    workers: list[WorkerLine]
    nodes: list[NodeLine]
    ray: str
    """Why nodes are not known, or empty."""


def cluster_page(store: Store, *, address: str | None = None) -> ClusterPage:
    """What is going on; `address` is the Ray head's HOST:PORT (default: NAS_ADDRESS)."""
    now_s, studies = store.now_s(), store.studies()
    drivers = list(_drivers(store, now_s))
    nodes = _nodes(address or os.environ.get("NAS_ADDRESS", ""))
    active = [row for row in studies if row.counts[TrialState.RUNNING]]
    return ClusterPage(
        now_s=now_s,
        drivers=[line for _, line in drivers],
        running=list(_running(store, active, {known: line.host for known, line in drivers}, now_s)),
        running_total=sum(row.counts[TrialState.RUNNING] for row in active),
        queue=[_queue(row) for row in studies if row.drivers or row.counts[TrialState.QUEUED]],
        workers=_workers(store, [row for row in studies if row.drivers]),
        nodes=nodes.nodes,
        ray=nodes.why_not,
    )


def _nodes(address: str) -> Nodes:
    if not address:
        why = "no Ray cluster is named: type nas serve --address HOST:PORT, or set NAS_ADDRESS"
        return Nodes([], why)
    return RAY_NODES.of(address)


def _drivers(store: Store, now_s: float) -> Iterator[tuple[int, DriverLine]]:
    """By their ids."""
    found = store.active_drivers()
    known = store.attributes_of(sorted({driver.study_id for driver in found}))
    for one in found:
        yield (
            one.id,
            DriverLine(
                study=one.study,
                host=one.host.partition("/")[0],
                pid=one.pid,
                slots=_slots(known.get(one.study_id, {}).get(f"{SLOTS}{one.id}")),
                started_s=one.started_s,
                lease_until_s=one.lease_until_s,
                live=one.live,
                heartbeat_age_s=max(0.0, now_s - one.heard_s),
            ),
        )


def _slots(noted: object) -> int | None:
    total = noted.get("total") if isinstance(noted, Mapping) else None
    return total if isinstance(total, int) else None


def _running(
    store: Store, studies: list[StudySummary], hosts: Mapping[int, str], now_s: float
) -> Iterator[RunningLine]:
    for row in studies:
        for one in store.running_trials(row.id, row.name, RUNNING):
            age_s = None if one.started_s is None else max(0.0, now_s - one.started_s)
            host = hosts.get(one.driver_id or 0, "")
            place = (one.study, one.number, one.attempt, one.worker, host)
            yield RunningLine(*place, one.epoch, one.started_s, age_s)


def _queue(row: StudySummary) -> QueueLine:
    used = sum(row.counts[state] for state in BUDGETED)
    return QueueLine(row.name, row.counts[TrialState.QUEUED], row.budget - used)


def _workers(store: Store, studies: list[StudySummary]) -> list[WorkerLine]:
    """The one heard of last first."""
    found: dict[str, WorkerLine] = {}
    for row in studies:
        for seen in store.sightings(row.id, LATELY):
            known = found.get(seen.worker)
            done = 1 + (known.done if known else 0)
            if known and known.last_seen_s >= seen.ended_s:
                found[seen.worker] = WorkerLine(**{**vars(known), "done": done})
            else:
                here = (seen.worker, row.name, seen.number, seen.state.value)
                found[seen.worker] = WorkerLine(*here, seen.ended_s, done)
    return sorted(found.values(), key=lambda line: (-line.last_seen_s, line.worker))
