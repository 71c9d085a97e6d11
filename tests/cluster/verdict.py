"""What a study did, by the rows of its store and by the journals of its evaluators: the two must agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, text

from tests.cluster.journal import Line

ENDS = ("preempted", "released")
"""Recorded causes after which a trial may be evaluated again."""


@dataclass
class Verdict:
    """Counts, and everything that should not be."""

    trials: int = 0
    attempts: int = 0
    evaluations: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    late: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, so: object, complaint: str) -> None:
        """Note a complaint unless something is so."""
        if not so:
            self.wrong.append(complaint)


def rows(url: str, query: str, **values: Any) -> list[Any]:
    """The answer of a store, past our own code."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query), values))
    finally:
        engine.dispose()


def judge(url: str, study: str, budget: int, journal: Sequence[Line]) -> Verdict:
    """Hold the study that should have spent `budget` against its journals."""
    verdict = Verdict()
    mine = "study_id = (SELECT id FROM nas_studies WHERE name = :study)"
    trials = rows(url, f"SELECT * FROM nas_trials WHERE {mine} ORDER BY number", study=study)
    tries = rows(url, f"SELECT * FROM nas_attempts WHERE {mine} ORDER BY number, attempt", study=study)
    (row,) = rows(url, "SELECT * FROM nas_studies WHERE name = :study", study=study)
    _budget(verdict, row, trials, budget)
    _results(verdict, trials, tries, journal)
    _order(verdict, tries, journal)
    return verdict


def _budget(verdict: Verdict, row: Any, trials: Sequence[Any], budget: int) -> None:
    """Exactly so many, all complete, none twice."""
    verdict.trials = len(trials)
    states = Counter(trial.state for trial in trials)
    verdict.expect(states == {"complete": budget}, f"trials: {dict(states)}, budget {budget}")
    verdict.expect(row.num_complete == row.budget == budget, f"counters: {row.num_complete} of {row.budget}")
    verdict.expect(row.num_queued == row.num_running == 0, f"open: {row.num_queued}, {row.num_running}")
    verdict.expect([trial.number for trial in trials] == list(range(1, len(trials) + 1)), "numbers have gaps")
    keys = Counter(trial.key for trial in trials)
    verdict.expect(len(keys) == len(trials), f"keys twice: {[k for k, n in keys.items() if n > 1]}")


def _results(verdict: Verdict, trials: Sequence[Any], tries: Sequence[Any], journal: Sequence[Line]) -> None:
    """One accepted attempt a trial, its last, with the value that its evaluator wrote down."""
    verdict.attempts = len(tries)
    ended = {(line.number, line.attempt): line.value for line in journal if line.what == "end"}
    by_number: dict[int, list[Any]] = {}
    for one in tries:
        by_number.setdefault(one.number, []).append(one)
    for trial in trials:
        mine, name = by_number.get(trial.number, []), f"trial {trial.number}"
        count = list(range(1, trial.attempt + 1))
        verdict.expect([one.attempt for one in mine] == count, f"{name}: attempts have gaps")
        accepted = [one.attempt for one in mine if one.accepted]
        verdict.expect(accepted == [trial.attempt], f"{name}: accepted {accepted}, is at {trial.attempt}")
        told = ended.get((trial.number, trial.attempt))
        verdict.expect(told == trial.value_0, f"{name}: {trial.value_0} in the store, evaluated {told}")


def _order(verdict: Verdict, tries: Sequence[Any], journal: Sequence[Line]) -> None:
    """Each attempt closed with a cause, evaluated at most once, and only after the end of the one before."""
    begun = [line for line in journal if line.what == "begin"]
    verdict.evaluations = len(begun)
    evaluations = Counter((line.number, line.attempt) for line in begun)
    for key, count in evaluations.items():
        verdict.expect(count == 1, f"attempt {key} was evaluated {count} times")
    ends = {(one.number, one.attempt): one for one in tries}
    for one in tries:
        name = f"attempt {(one.number, one.attempt)}"
        verdict.late += one.late_s is not None
        verdict.expect(one.ended_s is not None, f"{name}: not closed, in state {one.state}")
        if not one.accepted:
            verdict.causes[f"{one.cause}: {one.message.split(':')[0][:40]}"] += 1
            verdict.expect(one.cause in ENDS and one.message, f"{name}: ended by {one.cause} {one.message!r}")
    for line in begun:
        key, before = (line.number, line.attempt), ends.get((line.number, line.attempt - 1))
        verdict.expect(key in ends, f"attempt {key} was evaluated, and the store knows nothing of it")
        if before is not None and before.ended_s is not None:
            early = before.ended_s - line.moment
            verdict.expect(early <= 0, f"attempt {key} began {early:.3f} s before the end of the one before")
