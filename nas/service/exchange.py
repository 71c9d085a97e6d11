"""Studies to and from Optuna's own storage."""

import os
from typing import TYPE_CHECKING

from nas.errors import NasError
from nas.service.specify import TRIALS, SearchOptions, specify
from nas.service.studies import start
from nas.store import Store
from nas.store.rows import StudyRow

if TYPE_CHECKING:  # Optuna is loaded by those who use it
    from nas.search.optuna_export import Exported
    from nas.search.optuna_import import Imported


def export_optuna(store: Store, name: str, url: str, as_name: str | None = None) -> "Exported":
    """Write a study's ended trials into Optuna's storage at `url`, those that are not there yet."""
    from nas.search.optuna_export import export
    from nas.search.optuna_storage import opened

    row = store.study(name)
    with opened(url, create=True) as storage:
        return export(store, row, storage, as_name or name)


def import_optuna(
    store: Store, url: str, options: SearchOptions, source: str | None = None
) -> tuple[StudyRow, "Imported"]:
    """Take the trials of an Optuna study into a study of ours, which is created from `options` if it is not
    there; only those that it does not have yet.
    """
    from nas.search.optuna_import import adopt
    from nas.search.optuna_storage import opened, the_study
    from nas.search.presence import here

    with opened(url, create=False) as storage:
        study = the_study(storage, source)
        row = _target(store, options, study.study_name)
        driver_id = store.start_driver(row.id, here(), os.getpid())
        try:
            found = adopt(store, row, driver_id, study)
        finally:
            store.end_driver(driver_id)
    return store.study(row.name), found


def _target(store: Store, options: SearchOptions, source: str) -> StudyRow:
    """The study that trials go into: the one of that name, or a new one."""
    name = options.study or source
    if name in store.study_names():
        return store.study(name)
    if not options.space:
        raise NasError(
            f"no study called {name!r} in the store: say what its space is, --space SPACE, and the rest as "
            "to nas search, or name a study that is there with --study"
        )
    return start(store, specify(options), name, options.trials or TRIALS, options.artifacts)[0]
