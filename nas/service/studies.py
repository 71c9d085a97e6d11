"""Studies: create, join, look at, and ask their drivers for something. No Optuna, torch or Ray."""

from dataclasses import dataclass

from nas.errors import NasError, StudyExistsError, UnknownNameError
from nas.records import Ending, StudySpec, TrialState, Wanted
from nas.service.answer import Answer
from nas.service.specify import TRIALS, differences
from nas.store import Store
from nas.store.rows import AttemptRow, StudyRow, StudySummary, TrialRow

SHOWN = 8
"""Differences that an error lists."""


@dataclass(frozen=True)
class StudyView:
    """One study with what its page shows."""

    study: StudyRow
    best: TrialRow | None
    refusals: dict[str, int]
    answer: Answer | None
    """What the search found; None before its end."""


@dataclass(frozen=True)
class TrialView:
    """One trial with its curve and its attempts."""

    trial: TrialRow
    curve: list[tuple[int, dict[str, float]]]
    attempts: list[AttemptRow]


def start(store: Store, spec: StudySpec, name: str | None, trials: int | None) -> tuple[StudyRow, bool]:
    """Create a study, or join the one of that name; and whether it was joined.

    Without a name the next free `SPACE-n` is taken. Raises `StudyExistsError` if the study of that
    name has another specification or budget.
    """
    while name is None:
        try:
            return _create(store, spec, _free_name(store, spec.space_name), trials), False
        except StudyExistsError:  # another process took that name in between
            continue
    if name not in store.study_names():
        try:
            return _create(store, spec, name, trials), False
        except StudyExistsError:
            pass
    return _join(store.study(name), spec, trials), True


def _create(store: Store, spec: StudySpec, name: str, trials: int | None) -> StudyRow:
    if not name or "/" in name or name != name.strip() or name.startswith((".", "-")):
        raise NasError(f"study name {name!r}: use letters, digits, dots and dashes, such as vgg-1")
    return store.create_study(name, spec, trials or TRIALS, f"{store.artifacts.rstrip('/')}/{name}")


def _free_name(store: Store, space: str) -> str:
    names = set(store.study_names())
    return next(name for n in range(1, len(names) + 2) if (name := f"{space}-{n}") not in names)


def _join(row: StudyRow, spec: StudySpec, trials: int | None) -> StudyRow:
    told = differences(row.spec, spec)
    if trials is not None and trials != row.budget:
        told.append(f"trials: {row.budget} in the study, {trials} asked for")
    if told:
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        raise StudyExistsError(
            f"study {row.name!r} exists with another specification: {'; '.join(told[:SHOWN])}{more}. "
            f"Type nas resume {row.name} to go on with it (--trials +N for more), or choose another --study"
        )
    return row


def reopen(store: Store, name: str, more: int = 0) -> StudyRow:
    """Make a paused, drained, cancelled or crashed study run again, with `more` trials if asked."""
    row = store.study(name)
    if more:
        store.extend(row.id, more)
    store.set_wanted(row.id, Wanted.RUN)
    store.set_ending(row.id, None)
    return store.study(name)


def want(store: Store, name: str, wanted: Wanted) -> StudyRow:
    """Ask a study's drivers for something; without live drivers it holds for the next ones."""
    row = store.study(name)
    store.set_wanted(row.id, wanted)
    if wanted is Wanted.CANCEL:
        store.reap(row.id)
        store.cancel_trials(row.id)
    return store.study(name)


def summaries(store: Store) -> list[StudySummary]:
    """All studies, newest last."""
    return store.studies()


def view(store: Store, name: str) -> StudyView:
    """One study."""
    row = store.study(name)
    best = store.best(row.id)
    kept = store.study_attributes(row.id).get("answer")
    answer = Answer.from_json(kept) if kept else None
    return StudyView(row, best[0] if best else None, store.refusals(row.id), answer)


def trials(
    store: Store,
    name: str,
    *,
    state: str | None = None,
    limit: int | None = None,
    by_value: bool = False,
) -> list[TrialRow]:
    """Trials of a study, by number or best first."""
    row = store.study(name)
    states = None if state is None else [_state(state)]
    descending = by_value and not row.spec.objectives[0].minimize
    return store.trials(
        row.id,
        states=states,
        limit=limit,
        order="value" if by_value else "number",
        descending=descending,
    )


def _state(name: str) -> TrialState:
    if name not in list(TrialState):
        raise UnknownNameError("state", name, list(TrialState))
    return TrialState(name)


def trial(store: Store, name: str, number: int) -> TrialView:
    """One trial with its curve and attempts."""
    row = store.study(name)
    found = store.trial(row.id, number)
    curve = [(epoch, dict(metrics)) for epoch, metrics in store.curve(row.id, number)]
    return TrialView(found, curve, list(store.attempts(row.id, number)))


def best(store: Store, name: str, count: int = 1) -> list[TrialRow]:
    """The best complete trials of a study."""
    row = store.study(name)
    found = list(store.best(row.id, count))
    if not found:
        raise NasError(f"study {name!r} has no complete trial yet: see nas trials {name}, nas resume {name}")
    return found


def finished(row: StudyRow) -> bool:
    """Whether nothing is left to do in a study."""
    return row.ending is Ending.FINISHED and row.used >= row.budget
