"""Drivers that are really started: they outlive who starts them, are found again, one for each study."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from nas.errors import NasError, StoreError, StudyFailedError, StudyNotFoundError
from nas.records import Ending, TrialState, Wanted
from nas.search.presence import birth, here
from nas.service.actions import (
    DriverProcess,
    Drivers,
    SearchRequest,
    create,
    drivers as module,
    pause,
    records,
    resume,
    stop,
)
from nas.service.actions.drivers import words
from nas.service.actions.jobs import job_name
from nas.service.actions.processes import lives, tail
from nas.service.actions.records import Folder, Started
from nas.service.engines import EngineOptions
from nas.store import Store
from nas.store.rows import StudyRow
from tests.cluster.processes import until
from tests.conftest import ROOT
from tests.service.actions.conftest import Asked
from tests.store.makers import spec
from workers.slots.jobs import JobView

BEGIN = """
import os, signal
from nas.service.actions import Drivers, SearchRequest, create
from nas.store import open_store
store, drivers = open_store({url!r}), Drivers({url!r})
create(store, SearchRequest(**{request!r}), drivers)
os.kill(os.getpid(), signal.SIGKILL)
"""


def state(drivers: Drivers) -> str:
    found = drivers.of("s")
    return "none" if found is None else found.state


def clicked(times: int, action: Callable[[], DriverProcess]) -> list[DriverProcess]:
    """So many people click at once."""
    with ThreadPoolExecutor(times) as threads:
        return [click.result() for click in [threads.submit(action) for _ in range(times)]]


def test_it_outlives_the_service_and_is_found_again(
    store: Store, drivers: Drivers, url: str, asked: Asked
) -> None:
    request = {name: value for name, value in vars(asked()).items() if name in SearchRequest.__annotations__}
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.format(url=url, request=request)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    (found,) = drivers.running()
    assert (found.study, found.kind, found.state) == ("s", "process", "running")
    row = store.study("s")
    (known,) = store.drivers(row.id)
    assert known.live
    assert str(known.pid) == found.id
    assert os.getsid(known.pid) == known.pid
    before = store.study("s").counts[TrialState.COMPLETE]
    until(lambda: store.study("s").counts[TrialState.COMPLETE] > before, "it to go on")
    assert '"event": "trial_ended"' in drivers.log("s", tail=3)
    assert len(drivers.log("s", tail=3).splitlines()) == 3

    other = Drivers(url)  # another service on the same store
    assert {each.id for each in clicked(4, lambda: other.start("s"))} == {found.id}
    other.close()

    assert [driver.pid for driver in stop(store, "s").drivers] == [known.pid]
    until(lambda: state(drivers) == "ended", "it to end")
    ended = drivers.of("s")
    assert ended is not None
    assert ended.message == "drained"
    assert store.study("s").ending is Ending.DRAINED
    assert drivers.running() == []

    ids = {each.id for each in clicked(4, lambda: resume(store, "s", drivers))}  # nobody says on which slots
    assert len(ids) == 1
    assert ids == {driver.id for driver in drivers.running()} != {found.id}
    assert store.study("s").wanted is Wanted.RUN
    drivers.interrupt("s")
    until(lambda: state(drivers) == "ended", "it to end")
    assert store.study("s").ending is Ending.DRAINED
    drivers.interrupt("s")  # there is nobody any more


def test_resumed_while_it_ends_then_killed(store: Store, drivers: Drivers, asked: Asked) -> None:
    create(store, asked(), drivers)
    pause(store, "s")
    ids = {each.id for each in clicked(2, lambda: resume(store, "s", drivers))}
    (running,) = drivers.running()
    assert ids == {running.id}
    row = store.study("s")
    assert [str(driver.pid) for driver in store.drivers(row.id) if driver.live] == [running.id]
    assert row.ending is None

    until(lambda: "trial_started" in drivers.log("s", tail=5), "a trial to start")
    os.kill(int(running.id), signal.SIGKILL)
    until(lambda: state(drivers) == "died", "it to be seen as dead", limit_s=10)
    died = drivers.of("s")
    assert died is not None
    assert died.message.startswith("its process is gone without a word, as one that was killed")
    assert "its log ends with:\n" in died.message
    assert not any(driver.live for driver in store.drivers(row.id))  # its lease would last 15 s
    assert store.study("s").counts[TrialState.RUNNING] == 0


def test_one_that_cannot_start_says_why(store: Store, drivers: Drivers, asked: Asked) -> None:
    create(store, asked(trials=1), drivers)
    until(lambda: state(drivers) == "ended", "it to end")
    with pytest.raises(
        StudyFailedError, match=r"driver of study 's' has not started: cannot reach .*refused"
    ):
        resume(store, "s", drivers, more=1, engine=EngineOptions(address="127.0.0.1:1"))
    died = drivers.of("s")
    assert died is not None
    assert (died.state, died.message.partition(" at ")[0]) == ("died", "cannot reach the Ray cluster")
    assert store.study("s").budget == 2

    elsewhere = store.start_driver(store.study("s").id, "another/boot/1", 4711, lease_s=60)
    found = drivers.start("s")  # somebody else has started one: it is left alone
    assert (found.kind, found.id, found.host, found.state) == ("other", "4711", "another", "running")
    store.end_driver(elsewhere)


@pytest.mark.slow
def test_a_tiny_study_trains_to_its_end(store: Store, drivers: Drivers) -> None:
    request = SearchRequest(
        space="lenet", study="s", trials=2, recipe={"epochs": 1}, engine="inline", compare=False
    )
    row = create(store, request, drivers)
    assert (row.name, row.budget, row.spec.data) == ("s", 2, "digits")
    until(lambda: state(drivers) == "ended", "it to end", limit_s=120)
    row = store.study("s")
    assert (row.ending, row.counts[TrialState.COMPLETE]) == (Ending.FINISHED, 2)
    assert drivers.log("s").count('"event": "epoch"') == 2


def test_what_cannot_be(store: Store, drivers: Drivers, tmp_path: Path) -> None:
    for ask in (drivers.start, drivers.of, drivers.log):
        with pytest.raises(StudyNotFoundError, match="no study called '../../etc/passwd'"):
            ask("../../etc/passwd")
    with pytest.raises(StoreError, match="a store in memory has no drivers"):
        Drivers("sqlite://")
    assert drivers.running() == []
    turn = drivers.folder.turn
    with turn("s", 1), pytest.raises(NasError, match="is being started already"), turn("s", 0.1):
        pass


def test_a_name_that_was_used_before_has_no_log_yet(store: Store, drivers: Drivers) -> None:
    row = store.create_study("s", spec(), 5, "memory://drivers")
    before = Started("s", row.id, "process", "1", 1, "another/boot/1", "1", 0.0, 0, 0)
    with drivers.folder.turn(before.key, 1):
        drivers.folder.write(before)
        drivers.folder.log(before.key).write_text('{"event": "trial_ended"}')
    assert drivers.log("s") != ""
    store.delete_study(row.id)
    store.create_study("s", spec(), 5, "memory://drivers")
    assert (drivers.log("s"), drivers.of("s"), drivers.known()) == ("", None, [])


def test_a_log_that_grows_long_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "ROTATE_BYTES", 100)
    folder = Folder(f"sqlite:///{tmp_path}/nas.db")
    with folder.turn("1-s", 1):
        descriptor, _ = folder.open_log("1-s")
    os.write(descriptor, b"before\n" * 10)
    since = folder.log("1-s").stat().st_size
    folder.make_room("1-s")
    assert tail(folder.log("1-s"), 20) != "", "it is short"
    os.write(descriptor, b"long\n" * 10)
    folder.make_room("1-s")
    os.write(descriptor, b"after\n")
    os.close(descriptor)
    assert tail(folder.log("1-s"), 20, since) == "after"
    assert folder.log("1-s").with_suffix(".log.1").read_text().endswith("long\n")


def test_what_is_known_of_a_server_is_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://nas:{}@db:5433/{}"
    folder = Folder(url.format("secret", "nas")).path
    monkeypatch.chdir(tmp_path)
    assert Folder(url.format("another", "nas")).path == folder
    assert Folder(url.format("secret", "other")).path != folder
    assert folder.parent == tmp_path / "state" / "nas"
    assert "secret" not in str(folder)
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert Folder(url.format("secret", "nas")).path.parent == Path.home() / ".local" / "state" / "nas"


def test_the_id_of_a_process_that_is_gone_is_no_proof() -> None:
    born = birth(os.getpid())
    assert lives(os.getpid(), born, here())
    assert not lives(os.getpid(), str(int(born) - 1), here())
    assert not lives(os.getpid(), born, "another/boot/1")


def test_what_is_typed() -> None:
    assert words("s", EngineOptions(workers=4, gpus_per_trial=0.25, address="head:6379"), False) == [
        *["resume", "s", "--json", "--log-json", "--engine", "ray", "--workers", "4"],
        *["--gpus-per-trial", "0.25", "--address", "head:6379", "--no-compare"],
    ]


def test_one_that_ends_slowly_hides_no_other(
    store: Store, drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSING_S", 0.0)
    row = closing(store, drivers, Started("s", 1, "process", *_me()))
    elsewhere = store.start_driver(row.id, "another/boot/1", 4711, lease_s=60)
    assert (drivers.start("s").kind, state(drivers)) == ("other", "closing")
    store.end_driver(elsewhere)
    drivers.folder.write(Started("s", 1, "process", "1", 1, "another/boot/1", "1", 0.0, 0, 0))


def test_a_job_that_ends_slowly_is_no_new_driver(
    store: Store, drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = JobView(there=True, alive=True, pid=os.getpid(), host="head/boot/1")
    monkeypatch.setattr(module, "CLOSING_S", 0.0)
    monkeypatch.setattr(Drivers, "_is_shared", True)
    for name in ("submit", "look"):
        monkeypatch.setattr(drivers._jobs, name, lambda *_: head)
    slots = {"engine": "ray", "address": "head:6379"}
    started = Started(
        "s", 1, "ray-job", job_name("1-s", store.url), head.pid, head.host, "", 0.0, 0, 0, slots
    )
    closing(store, drivers, started)
    with pytest.raises(StudyFailedError, match="still ends on the cluster.*nas resume s"):
        drivers.start("s")
    assert drivers.folder.read(started.key) == started
    drivers.folder.write(replace(started, kind="process"))


def closing(store: Store, drivers: Drivers, started: Started) -> StudyRow:
    """A study whose driver has told its end, and is there still."""
    row = store.create_study("s", spec(), 5, "memory://drivers")
    store.end_driver(store.start_driver(row.id, started.host, started.pid, lease_s=60))
    with drivers.folder.turn("1-s", 1):
        drivers.folder.write(started)
    assert state(drivers) == "closing"
    return row


def _me() -> tuple[str, int, str, str, float, int, int]:
    return str(os.getpid()), os.getpid(), here(), birth(os.getpid()), 0.0, 0, 0
