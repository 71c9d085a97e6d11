"""The one place where a trial's state changes, by compare-and-set, with its attempt's row and counters."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, tuple_, update

from nas.records import TRANSITIONS, Cause, TrialState
from nas.store.tables import attempts, trials
from nas.store.unit import Change

Moved = Sequence[tuple[int, int]]
"""(number, attempt) of the trials that a transition moved."""

_CLOSE = (
    update(attempts)
    .where(
        attempts.c.study_id == bindparam("study"),
        attempts.c.number == bindparam("trial"),
        attempts.c.attempt == bindparam("try"),
    )
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("state", "accepted", "cause", "message", "worker", "ended_s", "wall_s", "result")
        }
    )
)
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


def open_attempts(change: Change, started: Moved, driver_id: int) -> None:
    """Rows for attempts that have just started."""
    if started:
        change.connection.execute(
            insert(attempts),
            [
                {
                    "study_id": change.study_id,
                    "number": number,
                    "attempt": attempt,
                    "driver_id": driver_id,
                    "state": TrialState.RUNNING.value,
                    "started_s": change.now_s,
                }
                for number, attempt in started
            ],
        )


def close_attempts(change: Change, ended: Moved, said: Sequence[dict[str, Any]]) -> None:
    """End the rows of attempts that are over; `said`, one each, has `state` and what else is known."""
    if ended:
        change.connection.execute(
            _CLOSE,
            [
                {"study": change.study_id, "trial": number, "try": attempt, "new_ended_s": change.now_s}
                | {f"new_{name}": value for name, value in {**_NOT_SAID, **words}.items()}
                for (number, attempt), words in zip(ended, said, strict=True)
            ],
        )


def back_to_queue(
    change: Change, *where: ColumnElement[bool], cause: Cause | None, message: str
) -> list[int]:
    """Running trials that meet `where` wait for their next attempt; their present one is closed."""
    moved = transition(change, TrialState.RUNNING, TrialState.QUEUED, *where, epoch=0)
    said = {"state": TrialState.QUEUED.value, "cause": cause.value if cause else None, "message": message}
    close_attempts(change, moved, [said] * len(moved))
    return sorted(number for number, _ in moved)
