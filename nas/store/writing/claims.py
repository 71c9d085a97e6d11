"""Candidates become trials, queued trials start: the budget stays exact with any number of drivers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from nas.records import TrialState
from nas.store.codec import cost_in, float_in, to_json
from nas.store.many import insert_many
from nas.store.reading.trials import select_trials, trial_row
from nas.store.rows import Candidate, Claim, Refused, TrialRow
from nas.store.tables import params, trials
from nas.store.unit import Change, Units
from nas.store.writing.drivers import holds_lease
from nas.store.writing.transitions import open_attempts, transition

_KNOWN = select(
    trials.c.key, trials.c.number, trials.c.attempt, trials.c.state, trials.c.driver_id, trials.c.draw
).where(trials.c.study_id == bindparam("study"), trials.c.key.in_(bindparam("keys", expanding=True)))


class ClaimWrites(Units):
    """The part of a `Store` that starts trials."""

    def claim(self, study_id: int, driver_id: int, candidates: Sequence[Candidate]) -> list[Claim | Refused]:
        """Make trials of candidates and start them, as far as key and budget allow; one answer each.

        A candidate that this very driver has claimed already (same key and draw, still running) gets
        the same claim again, so a claim whose commit was in doubt can be repeated.
        """
        with self._changing(study_id) as change:
            if not holds_lease(change, driver_id):
                return [Refused("lease", None, candidate) for candidate in candidates]
            answers = decide(change, candidates, driver_id)
            enter(change, [a for a in answers if _is_new(change, a)], driver_id)
            return answers

    def enqueue(self, study_id: int, candidates: Sequence[Candidate]) -> list[Claim | Refused]:
        """Make trials of a user's points that wait in the queue, as far as key and budget allow."""
        with self._changing(study_id) as change:
            answers = decide(change, candidates, None)
            enter(change, [a for a in answers if _is_new(change, a)], None)
            return answers

    def claim_queued(self, study_id: int, driver_id: int, limit: int) -> list[TrialRow]:
        """Start up to `limit` waiting trials, lowest number first, each as its next attempt."""
        waiting = (
            select(trials.c.number)
            .where(trials.c.study_id == study_id, trials.c.state == TrialState.QUEUED.value)
            .order_by(trials.c.number)
            .limit(limit)
        )
        with self._reading() as connection:
            if connection.execute(waiting.limit(1)).first() is None:
                return []
        with self._changing(study_id) as change:
            if not holds_lease(change, driver_id):
                return []
            numbers = change.connection.execute(waiting).scalars().all()
            return _start(change, numbers, driver_id)

    def refuse_queued(self, study_id: int, number: int, reason: str) -> bool:
        """A waiting trial turns out infeasible (queued -> infeasible); False if it no longer waits."""
        with self._changing(study_id) as change:
            return bool(
                transition(
                    change,
                    TrialState.QUEUED,
                    TrialState.INFEASIBLE,
                    trials.c.number == number,
                    message=reason,
                    ended_s=change.now_s,
                )
            )


def _start(change: Change, numbers: Sequence[int], driver_id: int) -> list[TrialRow]:
    started = transition(
        change,
        TrialState.QUEUED,
        TrialState.RUNNING,
        trials.c.number.in_(numbers),
        attempt=trials.c.attempt + 1,
        driver_id=driver_id,
        started_s=change.now_s,
    )
    open_attempts(change, started, driver_id)
    mine = select_trials(change.study_id).where(trials.c.number.in_(numbers)).order_by(trials.c.number)
    return [trial_row(row) for row in change.connection.execute(mine)]


def decide(change: Change, candidates: Sequence[Candidate], driver_id: int | None) -> list[Claim | Refused]:
    """An answer for each candidate; new numbers are given out in order, from the study's counter."""
    keys = {"study": change.study_id, "keys": [candidate.key for candidate in candidates]}
    known = {row.key: row for row in change.connection.execute(_KNOWN, keys)}
    taken = {key: row.number for key, row in known.items()}
    left, number = change.budget_left, change.next_number
    answers: list[Claim | Refused] = []
    for candidate in candidates:
        row = known.get(candidate.key)
        if row is not None and _is_mine(row, candidate, driver_id):
            answers.append(Claim(row.number, row.attempt, candidate))
        elif candidate.key in taken:
            answers.append(Refused("duplicate", taken[candidate.key], candidate))
        elif left == 0:
            answers.append(Refused("budget", None, candidate))
        else:
            answers.append(Claim(number, 0 if driver_id is None else 1, candidate))
            taken[candidate.key] = number
            left, number = left - 1, number + 1
    return answers


def _is_mine(row: Any, candidate: Candidate, driver_id: int | None) -> bool:
    return (
        driver_id is not None
        and (row.driver_id, row.draw) == (driver_id, candidate.draw)
        and row.state == TrialState.RUNNING.value
    )


def _is_new(change: Change, answer: Claim | Refused) -> bool:
    return isinstance(answer, Claim) and answer.number >= change.next_number


def enter(change: Change, claims: Sequence[Any], driver_id: int | None) -> None:
    """Insert new trials, queued without a driver and running with one."""
    if not claims:
        return
    state = TrialState.QUEUED if driver_id is None else TrialState.RUNNING
    rows = [_trial_columns(change, claim, state, driver_id) for claim in claims]
    insert_many(change.connection, trials, rows)
    labels = [row for claim in claims for row in _param_columns(change, claim)]
    if labels:
        insert_many(change.connection, params, labels)
    if driver_id is not None:
        open_attempts(change, [(claim.number, claim.attempt) for claim in claims], driver_id)
    change.next_number += len(claims)
    change.count(state, len(claims))


def _trial_columns(change: Change, claim: Claim, state: TrialState, driver_id: int | None) -> dict[str, Any]:
    candidate = claim.candidate
    return {
        "study_id": change.study_id,
        "number": claim.number,
        "state": state.value,
        "key": candidate.key,
        "arch_id": candidate.arch_id,
        "point": to_json(candidate.point),
        "attributes": to_json(candidate.attributes),
        "draw": candidate.draw,
        "seed": str(candidate.seed),
        **cost_in(candidate.cost),
        "attempt": claim.attempt,
        "driver_id": driver_id,
        "created_s": change.now_s,
        "started_s": None if driver_id is None else change.now_s,
        "revision": change.revision,
    }


def _param_columns(change: Change, claim: Claim) -> list[dict[str, Any]]:
    return [
        {
            "study_id": change.study_id,
            "label": label,
            "number": claim.number,
            "value": _number(value),
            "json": to_json(value),
        }
        for label, value in claim.candidate.labels.items()
    ]


def _number(value: Any) -> float | None:
    """A parameter's value as a number to sort and plot by; None for words, truth values and lists."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float_in(float(value))
    except OverflowError:
        return None
