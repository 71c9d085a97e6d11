"""What is kept of a driver that was started: a small file, one a study, with its log.

They are beside a store that is a file, and for a server's in the user's state folder (XDG_STATE_HOME).

The truth about drivers is in the store. The file says which process was started here, so that another
service, or the same one after a restart, finds it again.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nas.errors import NasError, StoreError
from nas.service.engines import EngineOptions
from nas.store.engine import parse_url, server_name, sqlite_path

PROCESS, JOB = "process", "ray-job"
ROTATE_BYTES = 20_000_000
"""A log that is longer makes room; one older log is kept."""
LOOK_S = 0.05


@dataclass(frozen=True)
class DriverProcess:
    """A driver that was started, and how it is."""

    study: str
    kind: str
    """`process` on this machine, `ray-job` on a cluster, `other` for one that somebody else has started."""
    id: str
    """Its process id, or the name of its job."""
    host: str
    state: str
    """`starting`, `running`, `closing` (its study has ended, it trains a comparison or lets go of its slots),
    `ended`, or `died`."""
    started_s: float
    message: str = ""
    """How it ended, or what it died of."""
    log: str = ""
    """Where its log is."""

    @property
    def alive(self) -> bool:
        """Whether there is a process."""
        return self.state in ("starting", "running", "closing")


@dataclass(frozen=True)
class Started:
    """What is written down of a start."""

    study: str
    study_id: int
    """Another study may have the name later."""
    kind: str
    id: str
    pid: int
    host: str
    """Where process ids mean the same, see `nas.search.presence`."""
    born: str
    """When the process began by its kernel's clock: another one may have its id later."""
    at_s: float
    after: int
    """The id of the study's latest driver before."""
    log_from: int
    """Where its part of the log begins, in bytes."""
    engine: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What its files are called."""
        return key_of(self.study_id, self.study)

    @property
    def slots(self) -> EngineOptions:
        """On which slots it was started."""
        return EngineOptions(**self.engine)


def key_of(study_id: int, study: str) -> str:
    """What the files of a study's drivers are called: no other study ever has them."""
    return f"{study_id}-{study}"


class Folder:
    """The files of all drivers of a store that were started on this machine."""

    def __init__(self, url: str | None) -> None:
        parsed = parse_url(url)
        path = sqlite_path(parsed)
        if path is None and parsed.get_backend_name() == "sqlite":
            raise StoreError("a store in memory has no drivers: start one with --store FILE")
        beside = path.absolute().with_name(f"{path.name}.drivers") if path else None
        self.path = beside or _of_server(server_name(parsed))

    def log(self, key: str) -> Path:
        """The log of a study's drivers; `key`: see `key_of`."""
        return self.path / f"{key}.log"

    def read(self, key: str) -> Started | None:
        """What was written down last; None if no driver was started here."""
        try:
            return Started(**json.loads((self.path / f"{key}.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            return None  # written by another version, or by a machine that died meanwhile

    def known(self) -> list[str]:
        """The keys of all studies of which something was written down."""
        return sorted(path.stem for path in self.path.glob("*.json"))

    def write(self, started: Started) -> None:
        """Write it down: whole or not at all."""
        path = self.path / f"{started.key}.json"
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(asdict(started)), encoding="utf-8")
        part.replace(path)

    def forget(self, study_id: int) -> None:
        """Remove all that was written down of a study, logs included; best effort."""
        for path in self.path.glob(f"{study_id}-*"):
            with suppress(OSError):
                path.unlink()

    @contextmanager
    def turn(self, key: str, wait_s: float) -> Iterator[None]:
        """Only one starts a study's driver at a time, of all processes and threads of this machine.

        Raises:
            NasError: another one is at it for so long.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            said = f"{self.path}: {error.strerror}: drivers cannot be started where nothing can be written"
            raise NasError(f"{said}; start them with nas resume STUDY") from None
        try:
            until = time.monotonic() + wait_s
            while not _locked(descriptor):
                if time.monotonic() > until:
                    raise NasError("the driver of this study is being started already; wait for it")
                time.sleep(LOOK_S)
            yield
        finally:
            os.close(descriptor)

    def make_room(self, key: str) -> None:
        """Keep what a long log has as the older one, while a driver goes on writing; best effort."""
        path = self.log(key)
        with suppress(OSError):
            if path.stat().st_size > ROTATE_BYTES:
                shutil.copyfile(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)

    def open_log(self, key: str) -> tuple[int, int]:
        """A descriptor that adds to the log, and where that begins."""
        path = self.log(key)
        with suppress(FileNotFoundError):
            if path.stat().st_size > ROTATE_BYTES:
                path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return descriptor, os.fstat(descriptor).st_size


def _of_server(name: str) -> Path:
    """Where what is known of a server's store is kept: the same place from whatever folder one asks."""
    home = os.environ.get("XDG_STATE_HOME", "")
    state = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "state"
    return state / "nas" / f"{name}.drivers"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def told(lines: str) -> tuple[str, str] | None:
    """How the driver whose log this is has ended: (`ended` or `died`, message); None: it does not say."""
    for line in reversed(lines.splitlines()):
        with suppress(ValueError):
            event = json.loads(line)
            if not isinstance(event, Mapping):
                continue
            if event.get("event") in ("error", "crash"):
                return "died", str(event.get("message", ""))
            if event.get("event") == "ended":
                detail = f": {event['detail']}" if event.get("detail") else ""
                return "ended", f"{event.get('ending')}{detail}"
    return None
