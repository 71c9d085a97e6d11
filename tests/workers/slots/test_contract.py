"""What every kind of slots must do, in one suite over all of them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nas.records import AttemptEnd, Cause, EpochReport, Event, Slots
from tests.workers.standins import request
from workers.slots.inline import InlineSlots
from workers.slots.simulated import SimulatedSlots


def _ray() -> Slots:
    from workers.slots.ray import RaySlots

    return RaySlots(2, cpus_per_trial=0.1)


KINDS: dict[str, Callable[[], Slots]] = {
    "inline": InlineSlots,
    "ray": _ray,
    "simulated": lambda: SimulatedSlots(2),
}


PARAMS = [pytest.param(kind, marks=[pytest.mark.ray] * (kind == "ray")) for kind in KINDS]


@pytest.fixture(scope="module", params=PARAMS)
def slots(request: pytest.FixtureRequest) -> Iterator[Slots]:
    made = KINDS[request.param]()
    yield made
    made.close()


def until_free(slots: Slots, count: int = 1) -> None:
    until = time.monotonic() + 90
    while slots.free() < count and time.monotonic() < until:
        slots.events(0.5)
    assert slots.free() >= count


def until_end(slots: Slots, ends: int = 1) -> list[Event]:
    """All events up to and with the given number of ends."""
    events: list[Event] = []
    until = time.monotonic() + 90
    while sum(isinstance(event, AttemptEnd) for event in events) < ends and time.monotonic() < until:
        events += slots.events(0.5)
    assert sum(isinstance(event, AttemptEnd) for event in events) == ends
    return events


def test_events_come_in_order_and_the_slot_is_free_again(slots: Slots) -> None:
    until_free(slots, slots.total)
    slots.submit(request("paced", number=3, attempt=2, point={"epochs": 4, "epoch_s": 0.01}))
    assert slots.free() == slots.total - 1
    events = until_end(slots)
    assert [e.epoch for e in events if isinstance(e, EpochReport)] == [1, 2, 3, 4]
    assert {(e.number, e.attempt) for e in events} == {(3, 2)}
    end = events[-1]
    assert isinstance(end, AttemptEnd)
    assert (end.metrics, end.cause, end.stopped) == ({"error": 0.25}, None, False)
    assert slots.free() == slots.total


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        ("raises", Cause.ERROR),
        ("not_a_number", Cause.DIVERGED),
        ("own_cause", Cause.OUT_OF_MEMORY),
        ("starved", Cause.OUT_OF_MEMORY),
        ("exits", Cause.ERROR),
    ],
)
def test_a_failure_is_an_event_and_the_worker_lives(slots: Slots, function: str, cause: Cause) -> None:
    until_free(slots)
    slots.submit(request(function))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.cause is cause
    slots.submit(request("instant", number=2))
    assert until_end(slots)[-1] == AttemptEnd(2, 1, {"error": 0.5}, worker=end.worker)


def test_stop_ends_at_the_next_epoch_and_closes_the_evaluator(slots: Slots, tmp_path: Path) -> None:
    until_free(slots)
    slots.submit(request("leaves_a_mark", number=5, artifacts=str(tmp_path)))
    seen: list[Event] = []
    while not seen:
        seen += slots.events(0.5)
    slots.stop((99, 1))  # nobody: ignored
    slots.stop((5, 1))
    slots.stop((5, 1))
    events = seen + until_end(slots)
    end = events[-1]
    assert len(events) < 500, "of the thousand epochs that there are"
    assert isinstance(end, AttemptEnd)
    assert end.stopped
    assert end.cause is None
    assert end.metrics == events[-2].metrics
    assert (tmp_path / "closed").read_text() == "yes"
    assert slots.free() == slots.total


@pytest.mark.parametrize("final", [False, True])
def test_a_stop_for_good_leaves_no_checkpoint(slots: Slots, tmp_path: Path, final: bool) -> None:
    until_free(slots)
    recipe = {"epochs": 1000, "threads": 1}
    slots.submit(request("tiny", number=6, recipe=recipe, artifacts=str(tmp_path)))
    seen: list[Event] = []
    while not seen:
        seen += slots.events(0.5)
    slots.stop((6, 1), final=final)
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.stopped
    names = {path.name for path in tmp_path.rglob("*.safetensors")}
    assert bool(names) is not final
    assert final or ("best.safetensors" in names and any(name.startswith("state-") for name in names))


def test_a_timeout_is_an_event(slots: Slots) -> None:
    until_free(slots)
    slots.submit(request("paced", timeout_s=0.05))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.TIMEOUT


@pytest.mark.parametrize("kind", PARAMS)
def test_closing_closes_what_runs(kind: str, tmp_path: Path) -> None:
    slots = KINDS[kind]()
    until_free(slots)
    slots.submit(request("leaves_a_mark", artifacts=str(tmp_path)))
    while not slots.events(0.5):
        pass
    slots.close()
    assert (tmp_path / "closed").read_text() == "yes"
