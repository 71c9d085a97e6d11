"""What only a pool of processes has: deaths, hangs, waves, threads, and quiet."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nas.errors import ClusterError, NasError
from nas.records import AttemptEnd, Cause, TrialState
from nas.store import open_store
from tests.workers.slots.test_contract import until_end, until_free
from tests.workers.standins import request
from workers.slots import ray as pool
from workers.slots.ray import RaySlots

pytestmark = pytest.mark.ray
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def slots() -> Iterator[RaySlots]:
    made = RaySlots(2, cpus_per_trial=0.5)
    yield made
    made.close()


def _process_of(slots: RaySlots, number: int) -> int:
    worker = next(s.worker for s in slots.pool.slots if s.request is not None and s.request.number == number)
    return int(worker.split(":")[1])


def test_a_killed_worker_is_an_event_at_once_and_is_replaced(slots: RaySlots, tmp_path: Path) -> None:
    until_free(slots, 2)
    slots.submit(request("paced", number=1, point={"epochs": 10_000}))
    slots.submit(request("held", number=2, artifacts=str(tmp_path)))
    slots.events(5)
    os.kill(_process_of(slots, 1), signal.SIGKILL)
    end = until_end(slots)[-1]  # while the other one still runs
    assert isinstance(end, AttemptEnd)
    assert (end.number, end.cause) == (1, Cause.PREEMPTED)
    assert "died" in end.message
    (tmp_path / "2").touch()
    other = until_end(slots)[-1]
    assert (other.number, other.metrics) == (2, {"error": 0.5})
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


def test_a_stop_while_others_run_holds_nobody_up(slots: RaySlots, tmp_path: Path) -> None:
    """Ray calls a cancelled stream ready before it is: the others' events must not wait for it."""
    until_free(slots, 2)
    slots.submit(request("waits", number=1, artifacts=str(tmp_path)))
    while not (tmp_path / "begun").exists():  # a stop before its beginning would end it at once
        time.sleep(0.01)
    slots.submit(request("paced", number=2, point={"epochs": 5, "epoch_s": 0.05}))
    slots.stop((1, 1))
    assert until_end(slots)[-1].number == 2  # on the slowest machine: the other one has not its sign yet
    (tmp_path / "go").touch()
    second = until_end(slots)[-1]
    assert isinstance(second, AttemptEnd)
    assert (second.number, second.stopped) == (1, True)


def test_a_worker_that_dies_idle_is_replaced_before_it_costs_an_attempt(slots: RaySlots) -> None:
    until_free(slots, 2)
    before = {slot.worker for slot in slots.pool.slots}
    for worker in before:
        os.kill(int(worker.split(":")[1]), signal.SIGKILL)
    started = time.monotonic()
    while slots.free() and time.monotonic() - started < 10:
        time.sleep(0.01)
    assert slots.free() == 0
    until_free(slots, 2)
    assert before.isdisjoint(slot.worker for slot in slots.pool.slots)
    slots.submit(request("instant"))
    end = until_end(slots)[-1]
    assert isinstance(end, AttemptEnd)
    assert end.cause is None


def test_waiting_for_events_replaces_the_dead_too(slots: RaySlots) -> None:
    until_free(slots, 2)
    dead = slots.pool.slots[0].worker
    os.kill(int(dead.split(":")[1]), signal.SIGKILL)
    until = time.monotonic() + 30
    while dead in {slot.worker for slot in slots.pool.slots} and time.monotonic() < until:
        assert slots.events(0.5) == []
    until_free(slots, 2)


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
    slots = RaySlots(5, cpus_per_trial=0.01)
    try:
        assert slots.free() == 0
        assert len(slots.pool.slots) == min(5, slots.pool.wave)
        until_free(slots, 5)
        assert slots.free() == slots.total == 5
    finally:
        slots.close()


def test_workers_that_do_not_see_the_artifacts_do_not_join(tmp_path: Path) -> None:
    """Each process has a `memory://` of its own, as each host has its own `/tmp`."""
    slots = RaySlots(2, cpus_per_trial=0.1, artifacts="memory://study")
    try:
        with pytest.raises(ClusterError, match=r"no worker may join: .* cannot read memory://study/\.probe-"):
            until_free(slots, 2)
    finally:
        slots.close()


def test_workers_that_see_the_artifacts_join(tmp_path: Path) -> None:
    slots = RaySlots(2, cpus_per_trial=0.1, artifacts=f"file://{tmp_path}/study")
    try:
        until_free(slots, 2)
        assert len(list((tmp_path / "study").iterdir())) == 1
    finally:
        slots.close()
    assert not list((tmp_path / "study").iterdir())


def test_a_terminated_search_drains_as_with_ctrl_c(tmp_path: Path) -> None:
    """Ray's own handler of SIGTERM would end the process at once."""
    words = "search vgg --evaluator python:tests.workers.standins.slow --workers 1 --trials 3 --study s"
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from nas.cli import main; sys.exit(main())", *words.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _until_an_epoch_is_told(tmp_path / "nas-data" / "nas.db", process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 3, err
    assert "draining" in out
    assert "s: drained" in out
    assert "nas resume s" in out
    with open_store(f"sqlite:///{tmp_path}/nas-data/nas.db") as store:
        assert [trial.state for trial in store.trials(store.study("s").id)] == [TrialState.COMPLETE]


def _until_an_epoch_is_told(path: Path, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        time.sleep(0.1)
        if path.exists():
            with suppress(NasError), open_store(f"sqlite:///{path}", create=False) as store:
                if any(trial.epoch for trial in store.trials(store.study("s").id)):
                    return
    raise AssertionError(f"no epoch was told: {process.communicate()}")


def test_ctrl_c_reaches_the_driver_alone_and_nothing_is_printed(tmp_path: Path) -> None:
    """A terminal sends SIGINT to the whole group: workers must live on, and stdout stay clean."""
    code = f"""
        import os, pathlib, signal, sys, tempfile
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
            root = pathlib.Path(os.environ.get("RAY_TMPDIR", tempfile.gettempdir()), "ray")
            mine = f"session_*_{{os.getpid()}}"
            assert len(list(root.glob(mine))) == 1
            ends = []
            while len(ends) < 2:
                ends += [event for event in slots.events(1) if isinstance(event, AttemptEnd)]
            slots.close()
            causes = sorted((end.number, str(end.cause)) for end in ends)
            assert causes == [(1, "None"), (2, "preempted")], causes
            assert presses == [1], presses
            assert not list(root.glob(mine)), "Ray's logs and sockets were left behind"
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
