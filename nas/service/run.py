"""Run a study to its end: the driver on an engine's slots, then the answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nas.cost.cost import COSTS
from nas.errors import NasError, StoppedError, StoreError, StudyFailedError
from nas.records import Ending, StudySpec, TrialState
from nas.service import starting
from nas.service.answer import Answer, answer
from nas.service.engines import EngineOptions, check_artifacts, check_engine, check_evaluator, open_slots
from nas.service.networks import Network
from nas.service.pareto import Pareto, standing
from nas.service.plain import counted
from nas.service.specify import SearchOptions, specify
from nas.service.studies import reopen, start
from nas.store import Store
from nas.store.engine import absolute_url
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
    """None where nothing was found, and with several objectives."""
    front: Pareto | None
    """With several objectives."""
    unmet: str
    """That no trial keeps the limits, if it is so, and that `best` is only the nearest."""
    network: Network | None
    """The repeats of the best network, where networks have several trials each."""
    answer: Answer | None
    """None if the study has not ended, nothing was found, or there are several objectives."""


def begin(
    store: Store, options: SearchOptions, engine: EngineOptions, *, say: Callable[[str], None] | None = None
) -> tuple[StudyRow, bool]:
    """Create the study that is asked for, or join it; and whether it was there already.

    `say` hears line by line which trials come first, and why others do not.
    """
    check_engine(engine)
    check_evaluator(engine, options.evaluator)
    spec = specify(options)
    first = starting.read(options.start_from, spec)
    check_artifacts(engine, absolute_url(options.artifacts) if options.artifacts else store.artifacts)
    row, joined = start(store, spec, options.study, options.trials, options.artifacts)
    if first is not None and not any(row.counts.values()):
        starting.enqueue(store, row, first)
        if say is not None:
            for line in first.told():
                say(line)
    return (reopen(store, row.name), True) if joined else (store.study(row.name), False)


def run(
    store: Store,
    name: str,
    engine: EngineOptions,
    *,
    listener: "Listener | None" = None,
    interrupts: "Interrupts | None" = None,
    compare: bool = True,
) -> Result:
    """Drive the study until it ends; `compare`: then train the answer's comparison on the same slots.

    A front has no comparison: there is no one network that its trials would be compared with.
    """
    from nas.search.driver import drive
    from nas.search.events import Silence
    from nas.search.interrupts import Interrupts
    from nas.search.study import Study

    watcher, presses = listener or Silence(), interrupts or Interrupts()
    study = Study(store, name)
    with open_slots(engine, study.row.artifacts) as slots:
        with _kept_in(name, presses):
            ended = drive(study, slots, listener=watcher, interrupts=presses)
        row = store.study(name)
        _refuse_emptiness(row, ended.detail)
        answered = None
        if ended.ending in (Ending.FINISHED, Ending.EXHAUSTED) and len(study.spec.objectives) == 1:
            worth = compare and comparable(study.spec)
            answered = answer(study, slots if worth else None, listener=watcher, interrupts=presses)
    now = standing(store, row)
    return Result(row, ended.ending, ended.detail, now.best, now.front, now.unmet, now.network, answered)


@contextmanager
def _kept_in(name: str, presses: "Interrupts") -> Iterator[None]:
    """A store that is lost under a running study is no mistake in what was typed."""
    try:
        yield
    except StoreError as error:
        said = str(error).replace("`nas resume STUDY`", f"nas resume {name}")
        more = "" if said != str(error) else f"; then type nas resume {name}"
        kind = StoppedError if presses.count > 1 else StudyFailedError
        raise kind(f"study {name!r} stopped: {said}{more}") from error


def comparable(spec: StudySpec) -> bool:
    """Whether fresh seeds could give another result, so that a comparison would tell something."""
    from workers.evaluators import foreseeing

    foresees = foreseeing(spec.evaluator)
    return spec.objectives[0].metric not in COSTS and not (foresees and foresees.repeatable)


def _refuse_emptiness(row: StudyRow, detail: str) -> None:
    """A study that ended without anything to show is an error with its cause."""
    if row.ending is Ending.EXHAUSTED and not row.counts[TrialState.COMPLETE]:
        raise NasError(
            f"no new point of space {row.spec.space_name!r} obeys its rules: {detail}. "
            f"Loosen the constraints, or see nas space check {row.spec.space_name}"
        )
    if row.ending is Ending.FAILING:
        raise StudyFailedError(
            f"study {row.name!r} stopped: {detail}. See nas trials {row.name}; "
            f"when the cause is gone, type nas resume {row.name}"
        )
    if row.ending is Ending.FINISHED and row.counts[TrialState.FAILED] == row.budget:
        raise StudyFailedError(
            f"{counted(row.budget, 'trial')} of study {row.name!r}, and all failed: see nas trials {row.name}"
        )
