"""Epochs and results: exactly one result is accepted per trial; what comes late is noted, never fatal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from nas.records import Cause, EpochReport, TrialState
from nas.store.codec import float_in, text_in, to_json, values_in
from nas.store.many import insert_many, update_many
from nas.store.rows import Outcome
from nas.store.tables import attempts, epochs, metrics, trials
from nas.store.unit import Change, Units
from nas.store.writing.transitions import TRIAL, back_to_queue, close_attempts, end_trials, held

_HELD = select(trials.c.number, trials.c.attempt).where(
    trials.c.study_id == bindparam("study"),
    trials.c.driver_id == bindparam("driver"),
    trials.c.state == TrialState.RUNNING.value,
    trials.c.number.in_(bindparam("numbers", expanding=True)),
)
_LATE = (
    update(attempts)
    .where(
        attempts.c.study_id == bindparam("study"),
        attempts.c.number == bindparam("trial"),
        attempts.c.attempt == bindparam("try"),
        attempts.c.driver_id == bindparam("driver"),
        attempts.c.accepted.is_(False),
        attempts.c.late_s.is_(None),
    )
    .values(late_s=bindparam("when"), late_state=bindparam("how"), result=bindparam("what"))
)


class ResultWrites(Units):
    """The part of a `Store` that takes what running trials send."""

    def report(self, study_id: int, driver_id: int, reports: Sequence[EpochReport]) -> int:
        """Append epochs; returns how many were kept.

        Dropped quietly: those of attempts that this driver no longer holds, and an epoch that its
        attempt has reported before.
        """
        if not reports:
            return 0
        with self._changing(study_id) as change:
            asked = {"study": study_id, "driver": driver_id, "numbers": list({r.number for r in reports})}
            mine = {(row[0], row[1]) for row in change.connection.execute(_HELD, asked)}
            kept = [r for r in reports if (r.number, r.attempt) in mine]
            if kept:
                append(change, kept)
            return len(kept)

    def tell(self, study_id: int, driver_id: int, outcomes: Sequence[Outcome]) -> list[bool]:
        """End running trials for good. False: too late, since the attempt was no longer this driver's.

        A late result is written on its attempt's row (the first one, if there are several) and has no
        other effect.
        """
        if not outcomes:
            return []
        with self._changing(study_id) as change:
            taken = accept(change, driver_id, outcomes)
            accepted = [taken.pop((o.number, o.attempt), None) is o for o in outcomes]
            for outcome, good in zip(outcomes, accepted, strict=True):
                if not good:
                    _note_late(change, driver_id, outcome)
            return accepted

    def requeue(
        self, study_id: int, driver_id: int, number: int, attempt: int, cause: Cause, message: str
    ) -> bool:
        """The attempt is over without a result (its worker died): the trial waits for its next one.

        False: the attempt was no longer this driver's.
        """
        with self._changing(study_id) as change:
            fence = held(driver_id, [(number, attempt)])
            return bool(back_to_queue(change, *fence, cause=cause, message=text_in(message)))


def append(change: Change, reports: Sequence[EpochReport]) -> None:
    """Write epochs of attempts that are running."""
    rows = [
        {
            "study_id": change.study_id,
            "number": r.number,
            "attempt": r.attempt,
            "epoch": r.epoch,
            "value": float_in(r.metrics.get(change.metric)),
            "metrics": to_json(r.metrics),
            "wall_s": r.wall_s,
            "reported_s": change.now_s,
        }
        for r in reports
    ]
    insert_many(change.connection, epochs, rows, fresh=False)
    last = {r.number: r.epoch for r in sorted(reports, key=lambda r: r.epoch)}
    progress = [
        {"study_id": change.study_id, "number": number, "epoch": epoch, "revision": change.revision}
        for number, epoch in last.items()
    ]
    update_many(change.connection, trials, TRIAL, progress)
    change.changed = True


def accept(change: Change, driver_id: int, outcomes: Sequence[Outcome]) -> dict[tuple[int, int], Outcome]:
    """End the trials whose present attempt is named, the first outcome of each; (number, attempt) -> it."""
    first = {(o.number, o.attempt): o for o in reversed(outcomes)}
    moved = end_trials(change, driver_id, {key: _columns(outcome) for key, outcome in first.items()})
    taken = {key: first[key] for key in moved}
    if taken:
        close_attempts(change, list(taken), [_said(o) for o in taken.values()])
        _write_metrics(change, list(taken.values()))
    return taken


def _columns(outcome: Outcome) -> dict[str, Any]:
    """What a trial keeps of its outcome."""
    said = _said(outcome)
    return {
        **{name: said[name] for name in ("state", "cause", "message", "worker", "wall_s")},
        "metrics": to_json(outcome.metrics),
        **values_in(outcome.values),
    }


def _said(outcome: Outcome) -> dict[str, Any]:
    return {
        "state": outcome.state.value,
        "accepted": True,
        "cause": outcome.cause.value if outcome.cause else None,
        "message": text_in(outcome.message),
        "worker": text_in(outcome.worker),
        "wall_s": outcome.wall_s,
        "result": _result(outcome),
    }


def _result(outcome: Outcome) -> str:
    return to_json({"values": list(outcome.values), "metrics": outcome.metrics})


def _write_metrics(change: Change, outcomes: Sequence[Outcome]) -> None:
    rows = [
        {"study_id": change.study_id, "metric": name, "number": o.number, "value": float_in(value)}
        for o in outcomes
        for name, value in o.metrics.items()
    ]
    if rows:
        insert_many(change.connection, metrics, rows)


def _note_late(change: Change, driver_id: int, outcome: Outcome) -> None:
    late = {
        "study": change.study_id,
        "trial": outcome.number,
        "try": outcome.attempt,
        "driver": driver_id,
        "when": change.now_s,
        "how": outcome.state.value,
        "what": _result(outcome),
    }
    if change.connection.execute(_LATE, late).rowcount:
        change.changed = True
