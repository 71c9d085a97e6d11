"""What a page lets be done with one trial: its test, and pictures of what its network sees.

Each is a process of its own, as drivers are: on one machine `nas evaluate` or `nas look` beside the service,
with a Ray cluster that reaches the store a job on its head. It outlives the service that starts it, and is
found again by a small file; what it finds is in the store and among the artifacts.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

from nas.errors import NasError
from nas.search.presence import here
from nas.service.actions import processes
from nas.service.actions.drivers import absolute
from nas.service.actions.jobs import Jobs, job_name
from nas.service.actions.records import JOB, PROCESS, Folder, Started, key_of, told
from nas.service.engines import EngineOptions, cluster
from nas.service.final.testing import result_of
from nas.service.trained import NoWeightsError, trained
from nas.store import Store
from nas.store.engine import parse_url, sqlite_path
from nas.store.rows import StudyRow

Kind = Literal["evaluate", "look"]
KINDS: tuple[Kind, ...] = get_args(Kind)
OPTIONS: Mapping[Kind, tuple[str, ...]] = {"evaluate": ("--no-baselines",), "look": ()}
TURN_S = 30.0
READ = 1000
"""Lines of a log in which a task says what it does and how it ended."""
GONE = "its process is gone without a word, as one that was killed or whose machine went down"


class SeenBeforeError(NasError, ValueError):
    """A network that has seen the test set: once is all."""


@dataclass(frozen=True)
class Task:
    """Something that was begun with a trial, and how it is."""

    study: str
    number: int
    kind: Kind
    state: Literal["running", "done", "failed"]
    started_s: float
    message: str = ""
    """What it does, or what it failed of."""


class Tasks:
    """The tasks of one store that were started on this machine. Safe to use from several threads."""

    def __init__(self, store_url: str | None = None, address: str | None = None) -> None:
        """`address`: the Ray cluster that they run on (default: NAS_ADDRESS) if it reaches the store.

        Raises:
            StoreError: no other process can open this store.
        """
        self.folder = Folder(store_url)
        self._url = absolute(store_url)
        shared = sqlite_path(parse_url(self._url)) is None
        self._slots = EngineOptions(address=cluster(address)) if shared else EngineOptions()
        self._jobs = Jobs()

    def start(self, store: Store, study: str, number: int, kind: Kind) -> Task:
        """Begin it, unless it runs already. However often it is called at once, one is begun.

        Raises:
            NoWeightsError: no weights are kept of the trial.
            SeenBeforeError: its network has seen the test set.
            NasError: no such study or trial, or there is no place for its log.
        """
        found = trained(store, study, number)
        if kind == "evaluate" and result_of(store, found.study, number) is not None:
            raise SeenBeforeError(f"{found.name} has seen the test set, and nothing sees it twice")
        if not found.has_weights:
            raise NoWeightsError(found.missing())
        with self.folder.turn(_key(found.study, number, kind), TURN_S):
            now = self._of(found.study, number, kind)
            if now is None or now.state != "running":
                self._launch(store, found.study, number, kind)
        begun = self._of(found.study, number, kind)
        assert begun is not None, "it was written down"
        return begun

    def of(self, store: Store, study: str, number: int) -> list[Task]:
        """What was begun last with a trial, of each kind at most one. Raises `StudyNotFoundError`."""
        row = store.study(study)
        tasks = (self._of(row, number, kind) for kind in KINDS)
        return [task for task in tasks if task is not None]

    def running(self, row: StudyRow) -> list[Task]:
        """Those that run on any trial of a study."""
        found = []
        for number, kind in self._begun(row):
            task = self._of(row, number, kind)
            if task is not None and task.state == "running":
                found.append(task)
        return found

    def _begun(self, row: StudyRow) -> Iterator[tuple[int, Kind]]:
        """The trials of a study with which something was begun, with what."""
        before = f"{key_of(row.id, row.name)}."
        for key in self.folder.known():
            number, _, last = key.removeprefix(before).partition(".")
            for kind in KINDS:
                if key.startswith(before) and number.isdecimal() and last == kind:
                    yield int(number), kind

    def _of(self, row: StudyRow, number: int, kind: Kind) -> Task | None:
        started = self.folder.read(_key(row, number, kind))
        if started is None:
            return None
        task = Task(row.name, number, kind, "running", started.at_s)
        alive, log = self._look(started)
        if alive:
            return replace(task, message=_doing(log))
        if (ended := told(log)) is None:  # a cluster forgets its jobs, whatever has become of them
            return None if started.kind == JOB else _failed(task, GONE)
        state, message = ended
        return replace(task, state="done") if state == "ended" else _failed(task, message)

    def _look(self, started: Started) -> tuple[bool, str]:
        """Whether it is alive, and what it has said."""
        if started.kind == JOB:
            view = self._jobs.read(started.id, started.slots, READ)
            return view.alive, view.log
        alive = processes.lives(started.pid, started.born, started.host)
        return alive, processes.tail(self.folder.log(started.key), READ, started.log_from)

    def _launch(self, store: Store, row: StudyRow, number: int, kind: Kind) -> None:
        key, named = _key(row, number, kind), _named(row, number, kind)
        words = [kind, row.name, str(number), *OPTIONS[kind], "--json", "--log-json"]
        started = partial(Started, study=named, study_id=row.id, host=here(), at_s=time.time(), after=0)
        if self._slots.address is not None:
            name = job_name(key, store.url)
            view = self._jobs.submit(name, words, self._slots, self._url)
            at = {"address": self._slots.address}
            made = started(kind=JOB, id=name, pid=view.pid, born="", log_from=0, engine=at)
        else:
            pid, born, log_from = self._begin(key, words)
            made = started(kind=PROCESS, id=str(pid), pid=pid, born=born, log_from=log_from)
        self.folder.write(made)

    def _begin(self, key: str, words: list[str]) -> tuple[int, str, int]:
        log, log_from = self.folder.open_log(key)
        try:
            tend = partial(self.folder.make_room, key)
            pid, born = processes.launch(words, {"NAS_STORE": self._url}, log, tend)
        finally:
            os.close(log)
        return pid, born, log_from


def _failed(task: Task, message: str) -> Task:
    return replace(task, state="failed", message=message)


def _key(row: StudyRow, number: int, kind: Kind) -> str:
    return key_of(row.id, _named(row, number, kind))


def _named(row: StudyRow, number: int, kind: Kind) -> str:
    return f"{row.name}.{number}.{kind}"


def _doing(log: str) -> str:
    """What a task has said last that it does."""
    for line in reversed(log.splitlines()):
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and event.get("event") == "note":
                return str(event.get("message", ""))
    return ""
