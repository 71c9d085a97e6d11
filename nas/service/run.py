"""Run a study to its end: the driver on an engine's slots, then the answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nas.errors import NasError
from nas.records import Ending, TrialState
from nas.service.answer import Answer, answer
from nas.service.engines import EngineOptions, check_engine, open_slots
from nas.service.specify import SearchOptions, specify
from nas.service.studies import reopen, start
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow

if TYPE_CHECKING:  # Optuna is loaded by those who search
    from nas.search.events import Listener
    from nas.search.interrupts import Interrupts


@dataclass(frozen=True)
class Result:
    """How a run of a study ended."""

    study: StudyRow
    ending: Ending
    detail: str
    best: TrialRow | None
    answer: Answer | None
    """None if the study has not ended, or nothing was found."""


def begin(store: Store, options: SearchOptions, engine: EngineOptions) -> tuple[StudyRow, bool]:
    """Create the study that is asked for, or join it; and whether it was there already."""
    check_engine(engine)
    spec = specify(options)
    row, joined = start(store, spec, options.study, options.trials, options.artifacts)
    return (reopen(store, row.name), True) if joined else (row, False)


def run(
    store: Store,
    name: str,
    engine: EngineOptions,
    *,
    listener: "Listener | None" = None,
    interrupts: "Interrupts | None" = None,
    compare: bool = True,
) -> Result:
    """Drive the study until it ends; `compare`: then train the answer's comparison on the same slots."""
    from nas.search.driver import drive
    from nas.search.events import Silence
    from nas.search.interrupts import Interrupts
    from nas.search.study import Study

    watcher, presses = listener or Silence(), interrupts or Interrupts()
    study = Study(store, name)
    with open_slots(engine, study.row.artifacts) as slots:
        ended = drive(study, slots, listener=watcher, interrupts=presses)
        row = store.study(name)
        _refuse_emptiness(row, ended.detail)
        answered = None
        if ended.ending in (Ending.FINISHED, Ending.EXHAUSTED):
            worth = compare and not repeats(study.spec.evaluator)
            answered = answer(study, slots if worth else None, listener=watcher, interrupts=presses)
    best = store.best(row.id)
    return Result(row, ended.ending, ended.detail, best[0] if best else None, answered)


def repeats(name: str) -> bool:
    """Whether an evaluator gives the same result for fresh seeds, so that a comparison would tell nothing."""
    from workers.evaluators import foreseeing

    foresees = foreseeing(name)
    return foresees is not None and foresees.repeatable


def _refuse_emptiness(row: StudyRow, detail: str) -> None:
    """A study that ended without anything to show is an error with its cause."""
    if row.ending is Ending.EXHAUSTED and not row.counts[TrialState.COMPLETE]:
        raise NasError(
            f"no new point of space {row.spec.space_name!r} obeys its rules: the last 1,000 drawn were "
            f"refused ({detail}). Loosen the constraints, or see nas space check {row.spec.space_name}"
        )
    if row.ending is Ending.FAILING:
        raise NasError(
            f"study {row.name!r} stopped: {detail}. See nas trials {row.name}; "
            f"when the cause is gone, type nas resume {row.name}"
        )
    if row.ending is Ending.FINISHED and row.counts[TrialState.FAILED] == row.budget:
        raise NasError(f"all {row.budget} trials of study {row.name!r} failed: see nas trials {row.name}")
