"""The drivers that the service starts: supervised processes on one machine, jobs on a Ray cluster.

They are started as `nas resume STUDY` with the same store, outlive the service, and are found again by what
the store says of them and by a small file each (`nas.service.actions.records`). A study has one at most.
"""

import os
import time
from dataclasses import asdict, replace
from functools import partial

from nas.errors import StudyFailedError
from nas.search.presence import bury, here
from nas.service.actions import processes
from nas.service.actions.jobs import Jobs, job_name
from nas.service.actions.records import JOB, PROCESS, DriverProcess, Folder, Started, key_of, told
from nas.service.engines import EngineOptions, cluster
from nas.store import open_store
from nas.store.engine import parse_url, sqlite_path
from nas.store.rows import DriverRow, StudyRow, StudySummary

CONFIRM_S = 30.0
"""So long it is waited for a driver to come up: Ray alone takes some seconds."""
CLOSING_S = 10.0
"""So long a driver whose study has ended may take to go before another one is started."""
LOOK_S = 0.1
READ, SAID = 1000, 20
"""Lines of a log in which a driver says how it ended; and those that are told where it does not."""


class Drivers:
    """The drivers of one store; several services may share it. Safe to use from several threads."""

    def __init__(self, store_url: str | None = None, address: str | None = None) -> None:
        """`address`: the Ray cluster that studies run on (default: NAS_ADDRESS); None: a Ray of this machine.

        Raises:
            StoreError: no other process can open this store.
        """
        self.address = cluster(address)
        self.folder = Folder(store_url)
        self._url = absolute(store_url)
        self._store = open_store(store_url)
        self._jobs = Jobs()

    def close(self) -> None:
        """Let go of the store; drivers go on."""
        self._store.close()

    def start(
        self,
        study: str,
        engine: EngineOptions | None = None,
        *,
        compare: bool = True,
        wait_s: float = CONFIRM_S,
    ) -> DriverProcess:
        """See to it that a study is driven: by a driver that is alive, whoever started it, else by a new one.

        It comes back once the driver has its row in the store; after `wait_s` in the state `starting`.
        `engine`: where its trials run; None: as at its last start from here. However often and from wherever
        it is called at once, one driver is started.

        Raises:
            StudyNotFoundError: no study of that name.
            StudyFailedError: the driver has ended at once, with its message.
            NasError: there is no place for its log.
        """
        row = self._store.study(study)
        with self.folder.turn(_key(row), wait_s):
            now = self._waited_for(row)
            if now is None:
                started = self._launch(row, engine, compare)
                return self._confirmed(row, started, wait_s)
            if now.state == "starting" and (before := self.folder.read(_key(row))) is not None:
                return self._confirmed(row, before, wait_s)
            return now

    def of(self, study: str) -> DriverProcess | None:
        """The driver of a study that was started last from here, with how it is; None if none was.

        One that died is told with its message or the end of its log, and its trials wait again at once.
        """
        row = self._store.study(study)
        started = self.folder.read(_key(row))
        return None if started is None else self._seen(row, started)

    def known(self) -> list[DriverProcess]:
        """All that were started from here, for each study the last one."""
        rows = {_key(row): row.name for row in self._store.studies()}
        found = (self.of(rows[key]) for key in self.folder.known() if key in rows)
        return [driver for driver in found if driver is not None]

    def running(self) -> list[DriverProcess]:
        """Those that are alive."""
        return [driver for driver in self.known() if driver.alive]

    def log(self, study: str, tail: int = 200) -> str:
        """The last lines of the log of a study's drivers, as JSON lines; empty if none was started here."""
        key = _key(self._store.study(study))
        started = self.folder.read(key)
        if started is not None and started.kind == JOB:
            return self._jobs.read(started.id, started.slots, tail).log
        return processes.tail(self.folder.log(key), tail)

    def interrupt(self, study: str) -> None:
        """Interrupt the study's driver as Ctrl-C does: running trials end first; twice: they wait again.

        For one that does not read what is wanted in the store: it trains a comparison, or still starts. One
        that somebody else has started, or that is gone, is left alone.

        Raises:
            ClusterError: its cluster cannot be reached.
        """
        row = self._store.study(study)
        started = self.folder.read(_key(row))
        if started is None or not self._seen(row, started).alive:
            return
        if started.kind == JOB:
            self._jobs.stop(started.id, started.slots)
        else:
            processes.interrupt(started.pid)

    # What is there

    def _waited_for(self, row: StudyRow) -> DriverProcess | None:
        """The driver that is alive; one that is about to go is waited for."""
        until = time.monotonic() + CLOSING_S
        while (now := self.of(row.name)) is not None and now.state == "closing":
            if time.monotonic() > until:
                break
            time.sleep(LOOK_S)
        if now is not None and now.alive and now.state != "closing":
            return now
        bury(self._store, row.id)
        live = [driver for driver in self._store.drivers(row.id) if driver.live]
        return _other(row, live[0]) if live else None

    def _seen(self, row: StudyRow, started: Started) -> DriverProcess:
        """How the driver that was started is now."""
        alive = started.kind == PROCESS and processes.lives(started.pid, started.born, started.host)
        mine = self._row(row, started)  # after that: one that comes up in between is `starting`
        if started.kind == JOB:
            live = mine is not None and mine.live
            alive = live or self._jobs.look(started.id, started.slots).alive
        found = DriverProcess(
            study=row.name,
            kind=started.kind,
            id=started.id,
            host=started.host.partition("/")[0],
            state="starting" if mine is None else "running" if mine.live else "closing",
            started_s=started.at_s,
            log=str(self.folder.log(_key(row))) if started.kind == PROCESS else "",
        )
        if alive:
            return found
        bury(self._store, row.id)
        state, message = self._end(started, mine)
        return replace(found, state=state, message=message)

    def _row(self, row: StudyRow, started: Started) -> DriverRow | None:
        """The latest row of this driver in the store."""
        for driver in self._store.drivers(row.id):
            if driver.id > started.after and (driver.pid, driver.host) == (started.pid, started.host):
                return driver
        return None

    def _end(self, started: Started, mine: DriverRow | None) -> tuple[str, str]:
        """How a driver ended that is gone: by its own words, else by what the store or its log knows."""
        if started.kind == JOB:
            said = self._jobs.read(started.id, started.slots, READ).log
        else:
            said = processes.tail(self.folder.log(started.key), READ, started.log_from)
        if (ended := told(said)) is not None:
            return ended
        if started.kind == JOB and mine is not None and mine.ended_s is not None and not mine.lost:
            return "ended", ""
        words = "its process is gone without a word, as one that was killed or whose machine went down"
        last = "\n".join(said.splitlines()[-SAID:])
        return "died", f"{words}; its log ends with:\n{last}" if last else words

    # A new one

    def _launch(self, row: StudyRow, engine: EngineOptions | None, compare: bool) -> Started:
        before = self.folder.read(_key(row))
        slots = engine or (before.slots if before else EngineOptions(address=self.address))
        latest = self._store.drivers(row.id)
        started = Started(
            study=row.name,
            study_id=row.id,
            kind=PROCESS,
            id="",
            pid=0,
            host=here(),
            born="",
            at_s=time.time(),
            after=latest[0].id if latest else 0,
            log_from=0,
            engine=asdict(slots),
        )
        if slots.engine == "ray" and slots.address is not None and self._is_shared:
            started = self._submit(started, slots, compare, before)
        else:
            started = self._begin(started, slots, compare)
        self.folder.write(started)
        return started

    def _submit(
        self, started: Started, slots: EngineOptions, compare: bool, before: Started | None
    ) -> Started:
        name = job_name(started.key, self._store.url)
        view = self._jobs.submit(name, words(started.study, slots, compare), slots, self._url)
        if before is not None and (before.id, before.pid, before.host) == (name, view.pid, view.host):
            raise StudyFailedError(
                f"the driver of study {started.study!r} still ends on the cluster, as one that trains a "
                f"comparison: try again after that, or type nas resume {started.study}"
            )
        return replace(started, kind=JOB, id=name, pid=view.pid, host=view.host)

    def _begin(self, started: Started, slots: EngineOptions, compare: bool) -> Started:
        log, log_from = self.folder.open_log(started.key)
        try:
            typed, tend = words(started.study, slots, compare), partial(self.folder.make_room, started.key)
            pid, born = processes.launch(typed, {"NAS_STORE": self._url}, log, tend)
        finally:
            os.close(log)
        return replace(started, id=str(pid), pid=pid, born=born, log_from=log_from)

    @property
    def _is_shared(self) -> bool:
        """Whether other machines reach the store: a file is here alone."""
        return sqlite_path(parse_url(self._url)) is None

    def _confirmed(self, row: StudyRow, started: Started, wait_s: float) -> DriverProcess:
        """Once the driver is in the store, or has ended."""
        until = time.monotonic() + wait_s
        while True:
            now = self._seen(row, started)
            if now.state == "died":
                raise StudyFailedError(f"the driver of study {row.name!r} has not started: {now.message}")
            if now.state != "starting" or time.monotonic() > until:
                return now
            time.sleep(LOOK_S)


def _key(row: StudyRow | StudySummary) -> str:
    return key_of(row.id, row.name)


def words(study: str, slots: EngineOptions, compare: bool) -> list[str]:
    """What is typed after `nas` to drive a study on these slots; the store is named by NAS_STORE."""
    typed = ["resume", study, "--json", "--log-json", "--engine", slots.engine]
    for name in ("workers", "cpus_per_trial", "gpus_per_trial", "address"):
        if (value := getattr(slots, name)) is not None:
            typed += [f"--{name.replace('_', '-')}", str(value)]
    return typed if compare else [*typed, "--no-compare"]


def _other(row: StudyRow, driver: DriverRow) -> DriverProcess:
    """A driver that somebody else has started."""
    return DriverProcess(
        study=row.name,
        kind="other",
        id=str(driver.pid),
        host=driver.host.partition("/")[0],
        state="running",
        started_s=driver.started_s,
    )


def absolute(url: str | None) -> str:
    """The store's URL with its password, meaning the same in every folder."""
    parsed = parse_url(url)
    if (path := sqlite_path(parsed)) is not None:
        parsed = parsed.set(database=str(path.absolute()))
    return parsed.render_as_string(hide_password=False)
