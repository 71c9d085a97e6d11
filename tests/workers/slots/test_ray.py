"""What only a pool of processes has: deaths, hangs, waves, threads, and quiet."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nas.errors import ClusterError
from nas.records import AttemptEnd, Cause
from tests.workers.slots.test_contract import until_end, until_free
from tests.workers.standins import request
from workers.slots import ray as pool
from workers.slots.ray import RaySlots, capacity

pytestmark = pytest.mark.ray
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def slots() -> Iterator[RaySlots]:
    made = RaySlots(2, cpus_per_slot=0.5)
    yield made
    made.close()


def _process_of(slots: RaySlots, number: int) -> int:
    worker = next(s.worker for s in slots._slots if s.request is not None and s.request.number == number)
    return int(worker.split(":")[1])


def test_a_killed_worker_is_an_event_at_once_and_is_replaced(slots: RaySlots) -> None:
    until_free(slots, 2)
    slots.submit(request("paced", number=1, point={"epochs": 100}))
    slots.submit(request("paced", number=2, point={"epochs": 8}))
    slots.events(5)
    os.kill(_process_of(slots, 1), signal.SIGKILL)
    started = time.monotonic()
    end = until_end(slots)[-1]
    assert time.monotonic() - started < 0.5
    assert isinstance(end, AttemptEnd)
    assert (end.number, end.cause) == (1, Cause.PREEMPTED)
    assert "died" in end.message
    other = until_end(slots)[-1]
    assert (other.number, other.metrics) == (2, {"error": 1 / 8})
    until_free(slots, 2)


def test_an_evaluator_that_kills_its_worker_is_preempted(slots: RaySlots) -> None:
    until_free(slots)
    slots.submit(request("killed"))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.PREEMPTED
    until_free(slots, 2)


def test_a_worker_that_hangs_is_killed_after_its_time(
    slots: RaySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "TIMEOUT_GRACE_S", 0.3)
    until_free(slots)
    slots.submit(request("frozen", timeout_s=0.5))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.cause is Cause.TIMEOUT
    assert "worker killed" in end.message
    until_free(slots, 2)


def test_a_stop_while_others_run_holds_nobody_up(slots: RaySlots) -> None:
    """Ray calls a cancelled stream ready before it is: the others' events must not wait for it."""
    until_free(slots, 2)
    slots.submit(request("paced", number=1, point={"epochs": 2, "epoch_s": 1.0}))
    slots.submit(request("paced", number=2, point={"epochs": 5, "epoch_s": 0.05}))
    slots.stop((1, 1))
    started = time.monotonic()
    first = until_end(slots)[-1]
    assert first.number == 2
    assert time.monotonic() - started < 0.8
    second = until_end(slots)[-1]
    assert isinstance(second, AttemptEnd)
    assert (second.number, second.stopped) == (1, True)


def test_workers_start_without_torch_and_share_the_cores(slots: RaySlots) -> None:
    until_free(slots, 2)
    ends = []
    for number in (1, 2):
        slots.submit(request("environment", number=number))
    ends = [event for event in until_end(slots, 2) if isinstance(event, AttemptEnd)]
    assert [end.metrics["threads"] for end in ends] == [1.0, 1.0]
    assert all(end.worker.endswith(f":{end.metrics['pid']:.0f}") for end in ends)
    assert len({end.worker for end in ends}) == 2


def test_what_is_trained_on_ray_equals_what_is_trained_inline(slots: RaySlots, tmp_path: Path) -> None:
    from workers.run import run_attempt

    recipe = {"epochs": 1, "threads": 1}
    until_free(slots)
    slots.submit(request("tiny", recipe=recipe, artifacts=str(tmp_path / "ray")))
    there = until_end(slots)[-1].metrics
    *_, end = run_attempt(request("tiny", recipe=recipe, artifacts=str(tmp_path / "inline")))
    assert {k: there[k] for k in ("error", "loss", "train_loss")} == {
        k: end.metrics[k] for k in ("error", "loss", "train_loss")
    }


def test_more_slots_than_cores_come_up_in_waves() -> None:
    slots = RaySlots(5, cpus_per_slot=0.01)
    try:
        assert slots.free() == 0
        assert len(slots._slots) == min(5, slots._wave)
        until_free(slots, 5)
        assert slots.free() == slots.total == 5
    finally:
        slots.close()


def test_ctrl_c_reaches_the_driver_alone_and_nothing_is_printed(tmp_path: Path) -> None:
    """A terminal sends SIGINT to the whole group: workers must live on, and stdout stay clean."""
    code = f"""
        import os, signal, sys
        sys.path.insert(0, {str(ROOT)!r})
        from tests.workers.standins import request
        from nas.records import AttemptEnd
        from workers.slots.ray import RaySlots
        if __name__ == "__main__":
            presses = []
            signal.signal(signal.SIGINT, lambda *_: presses.append(1))
            slots = RaySlots(2)
            while slots.free() < 2:
                slots.events(1)
            slots.submit(request("paced", number=1, point={{"epochs": 5}}))
            slots.submit(request("killed", number=2))
            os.killpg(0, signal.SIGINT)
            ends = []
            while len(ends) < 2:
                ends += [event for event in slots.events(1) if isinstance(event, AttemptEnd)]
            slots.close()
            causes = sorted((end.number, str(end.cause)) for end in ends)
            assert causes == [(1, "None"), (2, "preempted")], causes
            assert presses == [1], presses
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == ""
    assert not (tmp_path / ".ray").exists(), "a token was left behind that others would stumble over"


@pytest.mark.parametrize(
    ("total", "cpus_per_slot", "gpus_per_slot", "expected"),
    [
        (None, None, 0.0, (2, 1.0)),
        (2, None, 0.0, (2, 1.0)),
        (16, None, 0.0, (16, 0.125)),
        (3, None, 0.0, (3, 0.6666)),
        (None, 2.0, 0.0, (1, 2.0)),
        (None, 0.5, 0.5, (2, 0.5)),
    ],
)
def test_capacity(
    total: int | None, cpus_per_slot: float | None, gpus_per_slot: float, expected: tuple[int, float]
) -> None:
    assert capacity({"CPU": 2.0, "GPU": 1.0}, total, cpus_per_slot, gpus_per_slot) == expected


def test_too_little_is_refused_with_what_would_fit() -> None:
    with pytest.raises(ClusterError, match=r"4 slots of 1 CPUs and 0 GPUs do not fit 2 CPUs.*at most 2"):
        capacity({"CPU": 2.0}, 4, 1.0, 0.0)
    with pytest.raises(ClusterError, match="at most 0"):
        capacity({"CPU": 2.0}, None, None, 1.0)


def test_no_cluster_at_the_address_is_one_message() -> None:
    code = f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from nas.errors import ClusterError
        from workers.slots.ray import RaySlots
        try:
            RaySlots(1, address="127.0.0.1:1")
        except ClusterError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=90, check=False
    )
    assert "cannot reach the Ray cluster at '127.0.0.1:1'" in done.stdout, done.stderr
