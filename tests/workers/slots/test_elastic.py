"""Slots follow the nodes of a real cluster: they come, wait for room, get stuck, and go with their node."""

import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nas.errors import ClusterError, ClusterLostError
from nas.records import AttemptEnd, Cause, EpochReport, Event, StudySpec, TrialState
from nas.search.driver import drive
from nas.search.events import DriverEvent, TrialRequeued
from nas.store import open_store
from tests.workers.slots.nodes import Nodes, cluster_of, until
from tests.workers.slots.test_contract import until_end
from tests.workers.standins import request
from workers.slots import pool, watch
from workers.slots.ray import RaySlots

pytestmark = [pytest.mark.ray, pytest.mark.slow]

SPACE = {
    "space": {
        "space": "line",
        "about": "one layer",
        "input": {"channels": 1, "size": 12, "classes": 10},
        "parameters": {"width": {"int": [1, 64]}},
        "architecture": [
            {"conv": {"out": "=width", "kernel": 3}},
            "global_avg_pool",
            {"linear": {"out": "=input.classes"}},
        ],
    }
}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with cluster_of(monitor=True) as made:
        yield made


@pytest.fixture
def _told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ROOM_S", 1.0)


@pytest.mark.usefixtures("_told_soon")
def test_slots_come_and_go_with_nodes(nodes: Nodes, caplog: pytest.LogCaptureFixture) -> None:
    slots = RaySlots(address=nodes.address)
    try:
        until(slots, lambda: "waiting for one" in caplog.text, "a line that nothing is there")
        assert "no node that has room for a slot of 1 CPU is there" in caplog.text
        assert (slots.total, slots.free(), len(slots.pool.slots)) == (0, 0, 1)
        first = nodes.add(1)
        until(slots, lambda: slots.free() == 1, "the first slot")
        second = nodes.add(2)
        until(slots, lambda: slots.free() == 3, "the other node's slots")
        assert slots.total == 3
        for number in (1, 2, 3):
            slots.submit(request("paced", number=number, point={"epochs": 1000}))
        nodes.kill(second)
        ends = [event for event in until_end(slots, 2) if isinstance(event, AttemptEnd)]
        assert [end.cause for end in ends] == [Cause.PREEMPTED] * 2
        until(slots, lambda: (slots.total, len(slots.pool.slots)) == (1, 1), "the slots of the node to go")
        assert caplog.text.count("waiting for one") == 1
        nodes.kill(first)
        assert until_end(slots)[-1].cause is Cause.PREEMPTED  # type: ignore[union-attr]
        until(slots, lambda: caplog.text.count("waiting for one") == 2, "the line again")
        third = nodes.add(1)
        until(slots, lambda: slots.free() == 1, "a slot on a new node")
        nodes.kill(third)
        until(slots, lambda: slots.total == 0, "the last slot to go")
    finally:
        slots.close()


def test_slots_beyond_the_room_wait_for_it(nodes: Nodes, caplog: pytest.LogCaptureFixture) -> None:
    first = nodes.add(1)
    slots = RaySlots(3, address=nodes.address)
    try:
        until(slots, lambda: slots.free() == 1, "the slot that fits")
        assert (slots.total, len(slots.pool.slots)) == (1, 3)
        assert caplog.text.count("1 of 3 slots of 1 CPU fit into the cluster; the others start when") == 1
        second = nodes.add(4)
        until(slots, lambda: slots.free() == 3, "the others")
        assert (slots.total, len(slots.pool.slots)) == (3, 3)
    finally:
        slots.close()
    nodes.kill(first)
    nodes.kill(second)


@pytest.fixture(scope="class")
def _two_cpus(nodes: Nodes) -> Iterator[None]:
    node = nodes.add(2)
    nodes.settle(2)
    yield
    nodes.kill(node)


@pytest.mark.usefixtures("_two_cpus")
class TestTwoCpus:
    """What happens on one node."""

    def test_a_node_that_is_too_small_is_refused_at_once(self, nodes: Nodes) -> None:
        said = r"needs 3 CPUs, .* the largest has 2 CPUs .* --cpus-per-trial 2"
        with pytest.raises(ClusterError, match=said):
            RaySlots(address=nodes.address, cpus_per_trial=3)

    def test_a_stopped_worker_is_missed_and_replaced(
        self, nodes: Nodes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("NAS_STUCK_S", "2")
        slots = RaySlots(address=nodes.address)
        try:
            until(slots, lambda: slots.free() == 2, "two slots")
            slots.submit(request("held", number=1, artifacts=str(tmp_path)))
            slots.submit(request("frozen", number=2))
            end = until_end(slots)[-1]
            assert isinstance(end, AttemptEnd)
            assert (end.number, end.cause) == (2, Cause.PREEMPTED)
            assert "is stuck: no answer for 2 s" in end.message
            (tmp_path / "1").touch()
            other = until_end(slots)[-1]
            assert (other.number, other.metrics) == (1, {"error": 0.5})
            until(slots, lambda: slots.free() == 2, "its replacement")
            idle = slots.pool.idle[0].worker
            os.kill(int(idle.split(":")[1]), signal.SIGSTOP)
            until(slots, lambda: idle not in [slot.worker for slot in slots.pool.slots], "an idle one missed")
            until(slots, lambda: slots.free() == 2, "its replacement")
        finally:
            slots.close()


def test_four_trials_share_each_gpu_and_see_no_other(nodes: Nodes) -> None:
    node = nodes.add(8, num_gpus=2)
    slots = RaySlots(address=nodes.address, gpus_per_trial=0.25)
    try:
        until(slots, lambda: slots.free() == 8, "four slots on each GPU")
        assert (slots.total, len(slots.pool.slots)) == (8, 8)
        for number in range(1, 9):
            slots.submit(request("gpus", number=number))
        events = until_end(slots, 8)
        seen = Counter(event.metrics["gpu"] for event in events if isinstance(event, EpochReport))
        assert seen == {0.0: 4, 1.0: 4}
    finally:
        slots.close()
        nodes.kill(node)


class _Breaker:
    """Kills the node of the first trial that has saved its state after an epoch."""

    def __init__(self, nodes: Nodes, slots: RaySlots, homes: dict[str, object], artifacts: Path) -> None:
        self.nodes, self.slots, self.homes, self.artifacts = nodes, slots, homes, artifacts
        self.events: list[DriverEvent] = []
        self.hit = 0

    def on_event(self, event: DriverEvent) -> None:
        self.events.append(event)
        saved = isinstance(event, EpochReport) and list(
            self.artifacts.glob(f"{event.number}/1/state-0000[1-9]-*.safetensors")
        )
        if saved and not self.hit:
            assert isinstance(event, EpochReport)
            self.hit = event.number
            mine = (s for s in self.slots.pool.slots if s.request and s.request.number == self.hit)
            self.nodes.kill(self.homes.pop(next(mine).node))


def test_a_trial_goes_on_from_its_checkpoint_on_another_node(nodes: Nodes, tmp_path: Path) -> None:
    homes = {node.node_id: node for node in (nodes.add(1), nodes.add(1))}
    spec = StudySpec(
        space=SPACE,
        data="digits",
        recipe={"epochs": 8, "threads": 1},
        evaluator="python:tests.workers.standins.patient",
        sampler="random",
    )
    slots = RaySlots(address=nodes.address, artifacts=str(tmp_path))
    try:
        until(slots, lambda: slots.free() == 2, "two slots")
        with open_store(f"sqlite:///{tmp_path}/nas.db") as store:
            row = store.create_study("s", spec, 2, str(tmp_path / "s"))
            from nas.search.study import Study

            breaker = _Breaker(nodes, slots, homes, tmp_path / "s")
            drive(Study(store, "s"), slots, listener=breaker)
            assert [trial.state for trial in store.trials(row.id)] == [TrialState.COMPLETE] * 2
            tries = store.attempts(row.id, breaker.hit)
        assert [each.cause for each in tries] == [Cause.PREEMPTED, None]
        assert sum(isinstance(event, TrialRequeued) for event in breaker.events) == 1
        epochs = [
            e.epoch
            for e in breaker.events
            if isinstance(e, EpochReport) and (e.number, e.attempt) == (breaker.hit, 2)
        ]
        assert epochs
        assert epochs[0] > 1, "it began anew"
        assert epochs == list(range(epochs[0], 9))
    finally:
        slots.close()
        for node in homes.values():
            nodes.kill(node)


def test_a_lost_head_ends_it_with_one_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watch, "HEAD_S", 4.0)
    caplog.set_level(logging.WARNING)
    with cluster_of(1) as nodes:
        slots = RaySlots(address=nodes.address)
        until(slots, lambda: slots.free() == 1, "a slot")
        slots.submit(request("paced", point={"epochs": 10_000}))
        nodes.kill_head()
        events: list[Event] = []
        with pytest.raises(ClusterLostError, match=r"the head .* has not answered for 4 s; .* nas resume"):
            events += until(slots, lambda: False, "the loss")
        slots.close()
