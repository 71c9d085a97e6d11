"""Virtual workers: events in the order of virtual time, and a driver that lives by it."""

import heapq
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from nas.records import AttemptEnd, Cause, Ending, EpochReport, Event, Objective, Request, TrialState
from nas.search.driver import drive
from nas.search.study import Study
from nas.store import Store, open_store
from nas.store.rows import TrialRow
from tests.search.spaces import spec_of, tiny
from tests.workers.standins import request as standin
from tests.workers.tables.making import SQUARE, bowl
from workers.slots.simulated import SimulatedSlots

SPACE = tiny(SQUARE)


@pytest.fixture
def table(tmp_path: Path) -> str:
    return f"table:{bowl(tmp_path / 't.csv')}"


def asked(table: str, number: int, width: int, timeout_s: float | None = None) -> Request:
    return Request(
        "s", number, 1, SPACE.document, {"width": width}, table, "digits", {"epochs": 3}, 0, "/no", timeout_s
    )


def told(slots: SimulatedSlots) -> Sequence[tuple[float, int, int | str]]:
    """(time, trial, epoch or "end") of the next moment."""
    events = slots.events(0.5)
    now = slots.clock.now()
    return [(now, e.number, e.epoch if isinstance(e, EpochReport) else "end") for e in events]


def test_events_come_in_the_order_of_virtual_time(table: str) -> None:
    slots = SimulatedSlots(2)
    slots.submit(asked(table, 1, 100))
    slots.submit(asked(table, 2, 70))
    seen: list[tuple[float, int, int | str]] = []
    while slots.free() < 2:
        seen += told(slots)
    assert seen == [
        (70, 2, 1), (100, 1, 1), (140, 2, 2), (200, 1, 2), (210, 2, 3), (210, 2, "end"),
        (300, 1, 3), (300, 1, "end"),
    ]  # fmt: skip


def test_a_worker_that_is_free_again_begins_later(table: str) -> None:
    slots = SimulatedSlots(1)
    for number, start in ((1, 0), (2, 30)):
        slots.submit(asked(table, number, 10))
        events: list[Event] = []
        while slots.free() < 1:
            events += slots.events(9.0)
        assert [e.wall_s for e in events if isinstance(e, EpochReport)] == [10, 20, 30]
        assert slots.clock.now() == start + 30
        assert isinstance(events[-1], AttemptEnd)
        assert events[-1].worker == "simulated:1"


def test_nothing_happens_before_its_time(table: str) -> None:
    slots = SimulatedSlots(1)
    slots.submit(asked(table, 1, 10))
    assert list(slots.events(0.0)) == []
    assert slots.clock.now() == 0
    assert told(slots) == [(10, 1, 1)]


def test_waiting_for_nobody_passes_the_time() -> None:
    slots = SimulatedSlots(1)
    assert list(slots.events(2.5)) == []
    assert slots.clock.now() == 2.5


def test_a_stop_at_an_epoch_costs_no_time_and_one_in_between_the_rest_of_its_epoch(table: str) -> None:
    slots = SimulatedSlots(2)
    slots.submit(asked(table, 1, 100))
    slots.submit(asked(table, 2, 70))
    assert told(slots) == [(70, 2, 1)]
    slots.stop((2, 1))
    slots.stop((1, 1))
    (second,) = slots.events(0.5)
    assert (slots.clock.now(), second.number) == (70, 2)
    (first,) = slots.events(0.5)
    assert slots.clock.now() == 100
    assert isinstance(first, AttemptEnd)
    assert first.stopped
    assert slots.free() == 2


def test_a_timeout_is_virtual(table: str) -> None:
    slots = SimulatedSlots(1)
    slots.submit(asked(table, 1, 100, timeout_s=150))
    assert told(slots) == [(100, 1, 1)]
    (end,) = slots.events(0.5)
    assert isinstance(end, AttemptEnd)
    assert (end.cause, slots.clock.now()) == (Cause.TIMEOUT, 150)
    assert end.message == "took 200.0 s, longer than its 150 s"


def test_an_evaluator_that_tells_no_seconds_takes_one_an_epoch() -> None:
    slots = SimulatedSlots(1)
    slots.submit(standin("paced", point={"epochs": 2, "epoch_s": 0.0}))
    assert [told(slots)[0][0] for _ in range(3)] == [1, 2, 2]


# A driver on them


@pytest.fixture
def store() -> Store:
    return open_store("sqlite://")


def study_of(store: Store, table: str, budget: int, **changes: object) -> Study:
    given = {"evaluator": table, "objectives": (Objective("error"),), "recipe": {"epochs": 3}, **changes}
    store.create_study("s", spec_of(SPACE, **given), budget, "memory://s")
    return Study(store, "s")


def test_rows_hold_virtual_seconds(store: Store, table: str) -> None:
    study, slots = study_of(store, table, 40), SimulatedSlots(4)
    assert drive(study, slots).ending is Ending.FINISHED
    rows = store.trials(study.row.id)
    assert len(rows) == 40
    for row in rows:
        assert row.wall_s == row.metrics["seconds"] == 3 * row.point["width"]
    busy = sum(row.wall_s or 0 for row in rows)
    assert slots.clock.now() == busiest(rows, 4)
    assert 0.8 < busy / (4 * slots.clock.now()) <= 1
    assert store.curve(study.row.id, 1)[0][1]["seconds"] == rows[0].point["width"]


def busiest(rows: Sequence[TrialRow], workers: int) -> float:
    """When all is done if trials, in their order, begin as soon as a worker is free."""
    free = [0.0] * workers
    for row in rows:
        heapq.heapreplace(free, free[0] + (row.wall_s or 0))
    return max(free)


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_one_seed_is_one_search(table: str, sampler: str) -> None:
    found = []
    for _ in range(2):
        with open_store("sqlite://") as store:
            study, slots = study_of(store, table, 30, stopper="median", sampler=sampler), SimulatedSlots(4)
            drive(study, slots)
            rows = store.trials(study.row.id)
            found.append(([(row.point, row.state, row.wall_s) for row in rows], slots.clock.now()))
    assert found[0] == found[1]


def test_a_stopper_saves_virtual_time(table: str) -> None:
    took = {}
    for stopper in ("none", "median"):
        with open_store("sqlite://") as store:
            study, slots = study_of(store, table, 40, stopper=stopper), SimulatedSlots(4)
            drive(study, slots)
            took[stopper] = slots.clock.now()
            pruned = [row for row in store.trials(study.row.id) if row.state is TrialState.PRUNED]
            for row in pruned:  # at the second epoch, there and then
                assert row.wall_s == row.epoch * row.point["width"]
            assert bool(pruned) is (stopper == "median")
    assert took["median"] < took["none"]


def test_days_of_virtual_time_take_seconds(store: Store, table: str) -> None:
    study, slots, began = study_of(store, table, 200), SimulatedSlots(1), time.process_time()
    drive(study, slots)
    assert slots.clock.now() == sum(3 * width for width in range(1, 201))
    assert time.process_time() - began < 30
