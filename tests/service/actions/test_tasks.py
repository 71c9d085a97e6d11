"""Tests of trials and looks into them, as processes that outlive who begins them."""

import os
import signal

import pytest

from nas.errors import StudyNotFoundError
from nas.service.actions.tasks import GONE, SeenBeforeError, Task, Tasks
from nas.service.final.testing import result_of
from nas.service.trained import NoWeightsError
from nas.store import Store
from tests.cluster.processes import until
from tests.dashboard.seeding import ODD, seed
from tests.dashboard.weights import keep_weights


@pytest.fixture
def seeded(store: Store) -> Store:
    """Studies with trials, one of which has weights."""
    seed(store)
    keep_weights(store, ODD, 2)
    return store


def ended(tasks: Tasks, store: Store, kind: str) -> Task:
    """How a task has ended."""

    def one() -> Task:
        return next(task for task in tasks.of(store, ODD, 2) if task.kind == kind)

    until(lambda: one().state != "running", f"{kind} to end", limit_s=120)
    return one()


@pytest.mark.slow
def test_a_trial_is_tested_once(seeded: Store, url: str) -> None:
    tasks = Tasks(url)
    assert tasks.of(seeded, ODD, 2) == []
    first, second = (tasks.start(seeded, ODD, 2, "evaluate") for _ in range(2))
    assert (first.state, first.started_s) == ("running", second.started_s)
    again = Tasks(url)  # after a restart: from the file
    assert ended(again, seeded, "evaluate").state == "done"
    tested = result_of(seeded, seeded.study(ODD), 2)
    assert tested is not None
    assert tested.images > 300
    with pytest.raises(SeenBeforeError, match="trial 2 of odd.* has seen the test set"):
        again.start(seeded, ODD, 2, "evaluate")


def test_one_that_is_killed_or_cannot_begin_says_so(seeded: Store, url: str) -> None:
    tasks = Tasks(url)
    with pytest.raises(NoWeightsError, match="no weights are kept of trial 1"):
        tasks.start(seeded, ODD, 1, "look")
    with pytest.raises(StudyNotFoundError):
        tasks.of(seeded, "nobody", 1)
    tasks.start(seeded, ODD, 2, "look")
    started = tasks.folder.read(f"{seeded.study(ODD).id}-{ODD}.2.look")
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    gone = ended(tasks, seeded, "look")
    assert (gone.state, gone.message) == ("failed", GONE)
    with tasks.folder.log(started.key).open("a") as log:
        log.write('{"event": "error", "message": "the disk is full"}\n')
    assert ended(tasks, seeded, "look").message == "the disk is full"
