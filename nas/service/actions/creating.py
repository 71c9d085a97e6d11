"""Begin a study: all that it needs is tested first, then it is created, then it is driven."""

from nas.records import StudySpec
from nas.service import starting
from nas.service.actions.drivers import Drivers
from nas.service.actions.request import SearchRequest, refuse_paths
from nas.service.engines import EngineOptions, check_artifacts, check_engine
from nas.service.helper import ask
from nas.service.specify import SearchOptions, specify
from nas.service.starting import Start
from nas.service.studies import reopen, start
from nas.store import Store
from nas.store.rows import StudyRow

TIMEOUT_S = 60.0


def create(store: Store, request: SearchRequest, drivers: Drivers) -> StudyRow:
    """Create the study that is asked for, or join an equal one of that name, and see to it that it is driven.

    Raises:
        StudyExistsError: the study of that name is another one.
        StudyFailedError: the study is there, but its driver has not started; with the reason.
        NasError: a mistake in the request: nothing was created.
    """
    refuse_paths(store, request)
    slots = request.slots(drivers.address)
    spec, first = ask(prepared, request.options(), slots, store.artifacts, timeout_s=TIMEOUT_S)
    row, joined = start(store, spec, request.study, request.trials)
    if first is not None and not any(row.counts.values()):
        starting.enqueue(store, row, first)
    if joined:
        reopen(store, row.name)
    drivers.start(row.name, slots, compare=request.compare and not joined)
    return store.study(row.name)


def prepared(options: SearchOptions, slots: EngineOptions, artifacts: str) -> tuple[StudySpec, Start | None]:
    """The specification and what comes first, once slots and artifacts can be had. Loads Optuna."""
    check_engine(slots)
    spec = specify(options)
    first = starting.read(options.start_from, spec)
    check_artifacts(slots, artifacts)
    return spec, first
