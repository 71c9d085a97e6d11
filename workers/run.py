"""One attempt at one trial, whatever the slot: events out, failures told apart, nothing kept but caches."""

import functools
import logging
import math
import os
import socket
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from nas.errors import TrialFailure
from nas.records import AttemptEnd, Cause, EpochReport, Event, Metrics, Request
from workers.evaluators import evaluator
from workers.failures import classify, release, trim
from workers.notes import noted
from workers.spaces import space_of
from workers.yielded import converted, iterable

logger = logging.getLogger(__name__)

RETRIED = (Cause.PREEMPTED, Cause.RELEASED)
"""Causes after which a trial waits for its next attempt."""


@dataclass(frozen=True)
class Attempt:
    """What an evaluator gets: the request, the architecture once it is asked for, and a look at the clock."""

    request: Request
    started: float = field(default_factory=time.monotonic)

    @functools.cached_property
    def architecture(self) -> Any:
        """The lowered architecture of the request's point."""
        return space_of(self.request.space).architecture(self.request.point)

    @property
    def wall_s(self) -> float:
        """Seconds since the attempt began."""
        return time.monotonic() - self.started

    def check_time(self) -> None:
        """Raise `TrialFailure` if the attempt has taken longer than its time: called between steps."""
        limit_s = self.request.timeout_s
        if limit_s is not None and self.wall_s > limit_s:
            raise TrialFailure(Cause.TIMEOUT, f"took {self.wall_s:.1f} s, longer than its {limit_s:g} s")


def run_attempt(request: Request) -> Generator[Event, None, None]:
    """Yields an `EpochReport` per epoch, then exactly one `AttemptEnd`; never raises.

    Closing it stops the attempt: the evaluator's own clean-up (its checkpoint) runs, and the
    caller, who stopped it, reports that end. `timeout_s` is checked after each epoch, and as often
    as the evaluator calls `check_time`. A trial that failed leaves no checkpoint behind; one that
    was preempted does, for its next attempt.
    """
    try:
        with noted() as notes:
            metrics = yield from _reports(request)
        end = AttemptEnd(*request.key, metrics, message="; ".join(notes), worker=worker_name())
        trim()
    except (GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit too: an evaluator must not end its worker
        end = failed(request, *classify(error))
        release(error)
        if end.cause not in RETRIED:
            _forget(request)
    yield end


def _reports(request: Request) -> Generator[EpochReport, None, dict[str, float]]:
    """A report per epoch; returns the last metrics."""
    attempt, epoch, metrics = Attempt(request), 0, dict[str, float]()
    steps = evaluator(request.evaluator)(attempt)
    try:
        for item in iterable(steps):
            epoch, metrics = converted(item, after=epoch)
            _refuse_no_numbers(metrics)
            attempt.check_time()
            yield EpochReport(*request.key, epoch, dict(metrics), attempt.wall_s)
    finally:
        _close(steps, request)
    return metrics


def _close(steps: object, request: Request) -> None:
    """End an evaluator that is not at its end. What its clean-up raises is logged: why it ends is known."""
    if not isinstance(steps, Generator):
        return
    try:
        steps.close()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        logger.warning("trial %d: cleaning up after the evaluator: %s", request.number, classify(error)[1])
        release(error)


def stopped(
    request: Request, steps: Generator[Event, None, None], metrics: Metrics, *, final: bool
) -> AttemptEnd:
    """Stop an attempt under way; a `final` stop leaves no checkpoint of its trial behind."""
    steps.close()
    if final:
        _forget(request)
    return AttemptEnd(*request.key, metrics, stopped=True, worker=worker_name())


def failed(request: Request, cause: Cause, message: str) -> AttemptEnd:
    """The end of an attempt that has no result."""
    return AttemptEnd(request.number, request.attempt, cause=cause, message=message, worker=worker_name())


@functools.cache
def worker_name() -> str:
    """host:pid of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _forget(request: Request) -> None:
    from workers.states import forget  # fsspec, for those who train

    forget(request.artifacts, request.number, request.attempt)


def _refuse_no_numbers(metrics: Metrics) -> None:
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise TrialFailure(Cause.DIVERGED, f"metric {name} is {value}")
