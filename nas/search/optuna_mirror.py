"""All studies of a store as studies of Optuna's in memory, kept up to date: for `optuna-dashboard`."""

import threading

import optuna
from optuna.storages import InMemoryStorage

from nas.search.optuna_export import ORIGIN, export
from nas.store import Store
from nas.store.rows import StudyRow


class Mirror:
    """A copy that goes one way: what is changed in it changes nothing in the store."""

    def __init__(self, store: Store) -> None:
        self._store, self._turn = store, threading.Lock()
        self._known: dict[str, int] = {}
        self.storage = InMemoryStorage()

    def refresh(self) -> None:
        """Copy the trials that have ended since last time. Raises `StoreError` while the store is away."""
        with self._turn:
            now = {name: pulse.revision for name, pulse in self._store.pulses().items()}
            for name in [name for name in self._known if name not in now]:
                self._forget(name)
            for name, revision in now.items():
                if self._known.get(name) != revision:
                    self._copy(self._store.study(name))
                    self._known[name] = revision

    def _copy(self, row: StudyRow) -> None:
        there = {study.study_name: study for study in optuna.get_all_study_summaries(self.storage)}
        if row.name in there and there[row.name].user_attrs[ORIGIN]["created_s"] != row.created_s:
            self._forget(row.name)  # another one of that name
        export(self._store, row, self.storage, row.name)

    def _forget(self, name: str) -> None:
        optuna.delete_study(study_name=name, storage=self.storage)
        self._known.pop(name, None)
