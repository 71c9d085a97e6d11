"""The one place where a trial's state changes, by compare-and-set, with its attempt's row and counters."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_, update

from nas.records import TRANSITIONS, Cause, TrialState
from nas.store.many import insert_many, update_many
from nas.store.tables import attempts, trials
from nas.store.unit import Change

Moved = Sequence[tuple[int, int]]
"""(number, attempt) of the trials that a transition moved."""

TRIAL = ("study_id", "number")
ATTEMPT = ("study_id", "number", "attempt")
_NOT_SAID = {"accepted": False, "cause": None, "message": "", "worker": "", "wall_s": None, "result": None}


def transition(
    change: Change, old: TrialState, new: TrialState, *where: ColumnElement[bool], **columns: Any
) -> list[tuple[int, int]]:
    """Move the study's trials that are in `old` and meet `where` to `new`, and set `columns`.

    Compare-and-set: trials in any other state, or not meeting `where` (the fence), stay as they are.
    Returns (number, attempt) of those that moved.
    """
    assert (old, new) in TRANSITIONS, f"no transition from {old} to {new}"
    statement = (
        update(trials)
        .where(trials.c.study_id == change.study_id, trials.c.state == old.value, *where)
        .values(state=new.value, revision=change.revision, **columns)
        .returning(trials.c.number, trials.c.attempt)
    )
    moved = [(row[0], row[1]) for row in change.connection.execute(statement)]
    if moved:
        change.count(old, -len(moved))
        change.count(new, len(moved))
    return moved


def held(driver_id: int, tries: Moved) -> tuple[ColumnElement[bool], ...]:
    """The fence: the trial's present attempt is one of these, (number, attempt), and this driver's."""
    return (tuple_(trials.c.number, trials.c.attempt).in_(tries), trials.c.driver_id == driver_id)


def end_trials(change: Change, driver_id: int, said: Mapping[tuple[int, int], Mapping[str, Any]]) -> Moved:
    """Running trials end with what is said of them by (number, attempt), `state` included; the same for all.

    Trials whose present attempt is another one, or not this driver's, stay as they are: the study is locked,
    so those that are held now still are when their rows are written.
    """
    running = select(trials.c.number, trials.c.attempt).where(
        trials.c.study_id == change.study_id,
        trials.c.state == TrialState.RUNNING.value,
        *held(driver_id, list(said)),
    )
    moved = [(row[0], row[1]) for row in change.connection.execute(running)]
    same = {"study_id": change.study_id, "ended_s": change.now_s, "revision": change.revision}
    rows = [{"number": number, **same, **said[number, attempt]} for number, attempt in moved]
    if rows:
        update_many(change.connection, trials, TRIAL, rows)
    for row in rows:
        new = TrialState(row["state"])
        assert (TrialState.RUNNING, new) in TRANSITIONS, f"no transition from running to {new}"
        change.count(TrialState.RUNNING, -1)
        change.count(new, 1)
    return moved


def open_attempts(change: Change, started: Moved, driver_id: int) -> None:
    """Rows for attempts that have just started."""
    if started:
        same = {"driver_id": driver_id, "state": TrialState.RUNNING.value, "started_s": change.now_s}
        rows = [_attempt(change, number, attempt) | same for number, attempt in started]
        insert_many(change.connection, attempts, rows)


def close_attempts(change: Change, ended: Moved, said: Sequence[dict[str, Any]]) -> None:
    """End the rows of attempts that are over; `said`, one each, has `state` and what else is known."""
    if ended:
        rows = [
            {**_attempt(change, number, attempt), **_NOT_SAID, **words, "ended_s": change.now_s}
            for (number, attempt), words in zip(ended, said, strict=True)
        ]
        update_many(change.connection, attempts, ATTEMPT, rows)


def _attempt(change: Change, number: int, attempt: int) -> dict[str, Any]:
    return {"study_id": change.study_id, "number": number, "attempt": attempt}


def back_to_queue(
    change: Change, *where: ColumnElement[bool], cause: Cause | None, message: str
) -> list[int]:
    """Running trials that meet `where` wait for their next attempt; their present one is closed."""
    moved = transition(change, TrialState.RUNNING, TrialState.QUEUED, *where, epoch=0)
    said = {"state": TrialState.QUEUED.value, "cause": cause.value if cause else None, "message": message}
    close_attempts(change, moved, [said] * len(moved))
    return sorted(number for number, _ in moved)
