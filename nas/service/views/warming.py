"""What takes long when a service is first asked for it, to be found out before."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module

from nas.errors import StudyNotFoundError
from nas.service.views.curves import curves
from nas.service.views.history import history
from nas.service.views.loaded import datasets
from nas.service.views.parallel import parallel
from nas.service.views.spaces import spaces_page
from nas.service.views.study import study_page
from nas.service.views.timeline import timeline
from nas.service.views.trial import trial_page
from nas.store import Store

LATEST = 3
"""Studies that are most likely asked for: their columns are read, half a second for 100,000 trials."""


def steps(store: Store) -> Iterator[Callable[[], object]]:
    """Calls that each take up to two seconds the first time; what they find is kept where it is asked for."""
    for summary in store.find_studies(limit=LATEST):
        yield partial(_study, store, summary.name)
    yield spaces_page
    yield datasets
    yield partial(import_module, "scipy.stats")  # of comparisons


def _study(store: Store, name: str) -> None:
    with suppress(StudyNotFoundError):  # deleted meanwhile
        found = study_page(store, name)
        for view in (history, timeline, parallel, curves):
            view(store, name)
        if found.best is not None:
            trial_page(store, name, found.best.number)
