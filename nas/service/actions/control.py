"""Stop, pause, cancel, resume and extend a study: asked for in the store, where its drivers read it.

And delete it, once nobody drives it or does something with one of its trials.
"""

import time

from nas.errors import StudyDrivenError, StudyEndedError
from nas.records import Ending, TrialState, Wanted
from nas.service.actions.drivers import Drivers
from nas.service.actions.records import DriverProcess
from nas.service.actions.tasks import Task, Tasks
from nas.service.deleting import Deleted, delete as remove, driven
from nas.service.engines import EngineOptions
from nas.service.extending import check_more
from nas.service.helper import ask
from nas.service.studies import Wish, reopen, want
from nas.store import Store
from nas.store.rows import StudyRow

HEARD_S = 2.0
"""By then a live driver has read what is wanted, four times over; one that was about to end is gone."""
LOOK_S = 0.1


def stop(store: Store, name: str) -> Wish:
    """Let its running trials end, start no new ones. Raises `StudyEndedError`."""
    return _wanted(store, name, Wanted.DRAIN)


def pause(store: Store, name: str) -> Wish:
    """Stop its drivers now; running trials go back to the queue and go on from their checkpoints.

    Raises:
        StudyEndedError: it has come to its end.
    """
    return _wanted(store, name, Wanted.PAUSE)


def cancel(store: Store, name: str) -> Wish:
    """Stop its drivers and cancel trials that wait or run. Raises `StudyEndedError`."""
    return _wanted(store, name, Wanted.CANCEL)


def _wanted(store: Store, name: str, wanted: Wanted) -> Wish:
    wish = want(store, name, wanted)
    if wish.over:
        raise StudyEndedError(
            f"study {name!r} has ended already, it is {wish.study.ending}: extend it to go on with it"
        )
    return wish


def resume(
    store: Store, name: str, drivers: Drivers, more: int = 0, engine: EngineOptions | None = None
) -> DriverProcess:
    """Go on with a study, `more` trials further if asked: by the driver that is alive, else by a new one.

    `engine`: where its trials run; None: as at its last start from here.

    Raises:
        StudyEndedError: its budget is spent, and no more is asked for.
        NasError: see `check_more`, and `Drivers.start`.
    """
    before = store.study(name)
    if not more and before.ending is Ending.FINISHED and not any(d.live for d in store.drivers(before.id)):
        raise StudyEndedError(f"study {name!r} is finished: send how many trials to add, more, such as 24")
    if more:
        ask(check_more, before, more)
        store.extend(before.id, more)
    reopen(store, name)
    if _is_ending(before):
        _outlast(store, before)
        reopen(store, name)  # who ended meanwhile has noted how
    return drivers.start(name, engine)


def delete(
    store: Store, name: str, drivers: Drivers, tasks: Tasks, *, keep_artifacts: bool = False
) -> Deleted:
    """Delete a study for good, with its artifacts unless they are kept, and what is noted here of its
    drivers and tasks.

    Raises:
        StudyDrivenError: a driver of it is alive, be it one that starts or closes, or a task of a trial.
        NasError: its artifacts cannot be removed; nothing is deleted.
    """
    started = drivers.of(name)
    if started is not None and started.alive:
        raise driven(name, [started.host])
    row = store.study(name)
    if running := tasks.running(row):
        raise _used(running)
    gone = remove(store, name, keep_artifacts=keep_artifacts)
    tasks.folder.forget(row.id)
    return gone


def _used(running: list[Task]) -> StudyDrivenError:
    """That something runs on trials of a study."""
    told = ", ".join(f"{task.kind} of trial {task.number}" for task in running)
    verb = "runs" if len(running) == 1 else "run"
    return StudyDrivenError(f"study {running[0].study!r}: {told} {verb}: delete it when that has ended")


def _is_ending(row: StudyRow) -> bool:
    """Whether a driver that is alive may be about to end."""
    open_trials = row.counts[TrialState.QUEUED] + row.counts[TrialState.RUNNING]
    return row.wanted is not Wanted.RUN or not open_trials


def _outlast(store: Store, row: StudyRow) -> None:
    """Wait until no driver is alive, or those that are have heard that the study goes on."""
    until = time.monotonic() + HEARD_S
    while any(driver.live for driver in store.drivers(row.id)) and time.monotonic() < until:
        time.sleep(LOOK_S)
