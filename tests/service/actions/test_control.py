"""Studies are deleted from the service, with what is noted of the processes that worked for them."""

import os
from pathlib import Path

import pytest

from nas.errors import StudyDrivenError
from nas.search.presence import birth, here
from nas.service.actions import Drivers, delete
from nas.service.actions.records import PROCESS, Started
from nas.service.actions.tasks import Tasks
from nas.store import Store
from tests.store.makers import spec


@pytest.fixture
def tasks(url: str) -> Tasks:
    return Tasks(url)


def begun(store: Store, tasks: Tasks, study: str, what: str, *, born: str) -> None:
    """Note this process down as one that was started, with its log."""
    pid, row = os.getpid(), store.study(study)
    started = Started(f"{study}{what}", row.id, PROCESS, str(pid), pid, here(), born, 0.0, 0, 0)
    with tasks.folder.turn(started.key, 1):
        tasks.folder.write(started)
        tasks.folder.log(started.key).write_text("{}")


def files(tasks: Tasks) -> list[str]:
    return sorted(path.name for path in tasks.folder.path.iterdir())


def test_not_while_something_is_done_with_a_trial(
    store: Store, drivers: Drivers, tasks: Tasks, tmp_path: Path
) -> None:
    for name in ("s", "s.2.look"):
        store.create_study(name, spec(), 5, f"file://{tmp_path}/art/{name}")
    mine = birth(os.getpid())
    begun(store, tasks, "s.2.look", ".7.look", born=mine)
    begun(store, tasks, "s", ".1.look", born="long ago")
    begun(store, tasks, "s", ".2.evaluate", born=mine)
    with pytest.raises(StudyDrivenError, match=r"'s': evaluate of trial 2 runs: delete it when that"):
        delete(store, "s", drivers, tasks)
    assert store.study("s").name == "s"
    begun(store, tasks, "s", ".11.look", born=mine)
    with pytest.raises(StudyDrivenError, match=r"look of trial 11, evaluate of trial 2 run:"):
        delete(store, "s", drivers, tasks)


def test_what_is_noted_of_its_processes_goes_with_it(
    store: Store, drivers: Drivers, tasks: Tasks, tmp_path: Path
) -> None:
    row = store.create_study("s", spec(), 5, f"file://{tmp_path}/art/s")
    other = [f"{row.id}1-s.{ending}" for ending in ("json", "lock", "log")]
    for what in ("", ".2.evaluate", ".3.look"):
        begun(store, tasks, "s", what, born="long ago")
    for name in other:
        (tasks.folder.path / name).touch()
    assert len(files(tasks)) == 12
    assert delete(store, "s", drivers, tasks).study == "s"
    assert (store.study_names(), files(tasks)) == ([], other)
