"""Events as lines of JSON on standard error, for machines that collect logs.

Every line is one object with `time` (UTC, ISO 8601), `level`, `event`, `host`, `study`, `driver`, `trial` and
`attempt` (null where there is none), and the fields of its event. Warnings of libraries and whatever else is
printed to standard error come as lines of the same form.
"""

import io
import json
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import typer

from nas.errors import Exit, NasError
from nas.records import EpochReport, TrialState
from nas.search.events import (
    DriverEvent,
    Ended,
    Joined,
    Leased,
    Note,
    Progress,
    TrialEnded,
    TrialRequeued,
    TrialStarted,
)
from nas.service.plain import plain

Fields = Mapping[str, Any]


class JsonLog:
    """A listener that writes every event as a line; `progress` only where it has changed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock, self._host = stream, threading.Lock(), platform.node()
        self._study: str | None = None
        self._driver: int | None = None
        self._progress: Fields = {}

    def on_event(self, event: DriverEvent) -> None:
        """Write it."""
        if isinstance(event, Leased):
            self._study, self._driver = event.study, event.driver
        if isinstance(event, Progress):
            now = {"budget": event.budget, "counts": event.counts, "best": event.best}
            if now == self._progress:
                return
            self._progress = now
        name, fields = _TELLERS[type(event)]
        self.write(_level(event), name, **fields(event))

    def write(self, level: str, event: str, **fields: Any) -> None:
        """One line, at once."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level,
            "event": event,
            "host": self._host,
            "study": self._study,
            "driver": self._driver,
            "trial": None,
            "attempt": None,
        }
        text = json.dumps(plain({**line, **fields}), default=str)
        with self._lock:
            self._stream.write(text + "\n")
            self._stream.flush()


def _level(event: DriverEvent) -> str:
    if isinstance(event, TrialRequeued) or (isinstance(event, Note) and event.grave):
        return "warning"
    if isinstance(event, TrialEnded):
        return "warning" if event.outcome.state is TrialState.FAILED or not event.accepted else "info"
    return "info"


def _joined(event: Any) -> Fields:
    row, spec = event.study, event.study.spec
    asked = {"space": spec.space_name, "data": spec.data, "sampler": spec.sampler, "stopper": spec.stopper}
    return {**asked, "evaluator": spec.evaluator, "budget": row.budget, "slots": event.slots}


def _started(event: Any) -> Fields:
    asked = event.request
    here = {"trial": asked.number, "attempt": asked.attempt, "point": asked.point}
    return {**here, "seed": asked.seed, "cost": event.cost}


def _ended(event: Any) -> Fields:
    outcome = event.outcome
    names = ("state", "values", "metrics", "cause", "message", "wall_s", "worker")
    found = {name: getattr(outcome, name) for name in names}
    return {"trial": outcome.number, "attempt": outcome.attempt, "accepted": event.accepted, **found}


def _epoch(event: Any) -> Fields:
    here = {"trial": event.number, "attempt": event.attempt, "epoch": event.epoch}
    return {**here, "metrics": event.metrics, "wall_s": event.wall_s}


def _progress(event: Any) -> Fields:
    best = {"trial": event.best[0], "values": event.best[1]} if event.best else None
    counts = {state.value: count for state, count in event.counts.items()}
    shares = {"acceptance": event.acceptance, "utilisation": event.utilisation}
    return {"budget": event.budget, "counts": counts, "best": best, **shares}


def _requeued(event: Any) -> Fields:
    here = {"trial": event.number, "attempt": event.attempt}
    return {**here, "cause": event.cause, "message": event.message}


_TELLERS: dict[type, tuple[str, Callable[[Any], Fields]]] = {
    Leased: ("leased", lambda event: {}),
    Joined: ("joined", _joined),
    TrialStarted: ("trial_started", _started),
    EpochReport: ("epoch", _epoch),
    TrialEnded: ("trial_ended", _ended),
    TrialRequeued: ("trial_requeued", _requeued),
    Progress: ("progress", _progress),
    Note: ("note", lambda event: {"message": event.message}),
    Ended: ("ended", lambda event: {"ending": event.ending, "detail": event.detail}),
}


EVENTS = (*(name for name, _ in _TELLERS.values()), "log", "stderr", "error", "crash")
"""All that a line may tell of."""


class _Handler(logging.Handler):
    """Records of Python's logging."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; what cannot be formatted is the library's mistake, and said as Python says it."""
        try:
            more = {"traceback": self._traceback(record)} if record.exc_info else {}
            said = {"logger": record.name, "message": record.getMessage(), **more}
            self._log.write(record.levelname.lower(), "log", **said)
        except Exception:
            self.handleError(record)

    @staticmethod
    def _traceback(record: logging.LogRecord) -> str:
        return "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""


class _Lines(io.TextIOBase):
    """Takes the place of `sys.stderr`: what is printed there becomes lines of the log."""

    def __init__(self, log: JsonLog, stream: TextIO) -> None:
        self._log, self._stream, self._rest = log, stream, ""

    def write(self, text: str) -> int:
        """Whole lines at once, the rest when it is whole."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line.strip():
                self._log.write("warning", "stderr", message=line)
        return len(text)

    def fileno(self) -> int:
        """For those who write without Python, such as its handler of crashes."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """It is."""
        return True

    def end(self) -> None:
        """Write a last line that has no end."""
        if self._rest:
            self.write("\n")


@contextmanager
def json_log() -> Iterator[JsonLog]:
    """The log on standard error, with all that would else be printed there; errors end it as a line too."""
    stream, log = sys.stderr, JsonLog(sys.stderr)
    handler, root = _Handler(log), logging.getLogger()
    sys.stderr = lines = _Lines(log, stream)
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield log
    except typer.Exit:
        raise
    except NasError as error:
        code = int(error.exit_code)
        log.write("error", "error", message=str(error), kind=type(error).__name__, exit_code=code)
        raise typer.Exit(code) from None
    except Exception as error:
        said = {"message": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}
        log.write("error", "crash", **said, exit_code=int(Exit.FAILED))
        raise typer.Exit(Exit.FAILED) from None
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        lines.end()
        sys.stderr = stream
