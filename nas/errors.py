"""What can go wrong, as seen by a user.

A user's mistake raises a `NasError` whose text is one message: what was wrong, the value,
what is allowed, what to type. Our own mistakes are `assert`s.
"""

import difflib
from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of the command line; for `nas search` and `nas resume` they tell how a study stands."""

    DONE = 0
    """Finished, or exhausted: there is an answer."""
    FAILED = 1
    """The study failed, or a check found something bad; a traceback as well: a mistake of this program."""
    MISTAKE = 2
    """What was typed, or what it names, cannot be used: nothing was begun."""
    STOPPED = 3
    """Stopped before its end, nothing lost: `nas resume` goes on."""


class NasError(Exception):
    """A mistake the user can mend; the command line prints it and exits with `exit_code`."""

    exit_code = Exit.MISTAKE
    brief = ""
    """The same for those who ask over the network: without places of this machine and without what
    `details` lists; empty: the message as it is."""
    details: tuple[str, ...] = ()
    """What the message is about, one by one."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'tpe'?`, whatever the case; empty where nothing is; of all there is, the nearest."""
    names = list(known)
    lowered = {each: each.lower() for each in names}
    found = difflib.get_close_matches(name.lower(), set(lowered.values()), n=3, cutoff=0.55)
    near = [each for low in found for each in names if lowered[each] == low]
    meant = near[:1] if len(near) == len(names) else near
    return f"; did you mean {' or '.join(map(repr, meant))}?" if meant else ""


class UnknownNameError(NasError, LookupError):
    """A name that no entry of its kind has; the message lists near matches."""

    def __init__(self, kind: str, name: object, known: Iterable[str], where: str = "") -> None:
        names = sorted(map(str, known))
        hint, listed = did_you_mean(str(name), names), ", ".join(names) or "none"
        super().__init__(f"{where}unknown {kind} {str(name)!r}: known are {listed}{hint}")
        self.kind, self.name, self.known = kind, name, tuple(names)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.kind, self.name, self.known))


class SpaceError(NasError, ValueError):
    """A space that cannot be read: its message starts with file, line and key path."""


class PointError(NasError, ValueError):
    """An assignment of parameters that is not a point of its space; `field` is the value's name, or None."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InfeasibleError(NasError, ValueError):
    """A legal point that breaks a rule of its space.

    `reason` is short and the same for all points refused alike, so that it can be counted;
    the message has the values.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.reason, self.detail))


class StoreError(NasError, OSError):
    """A store that cannot be opened, read or written."""


class StoreAwayError(StoreError):
    """A store that does not answer for now: locked, restarting, cut off. Asked again later it may."""


class TrialNotFoundError(NasError, LookupError):
    """No trial of that number in the study."""


class StudyNotFoundError(NasError, LookupError):
    """No study of that name in the store."""

    def __init__(self, message: str, brief: str = "") -> None:
        super().__init__(message)
        self.brief = brief


class StudyFailedError(NasError, RuntimeError):
    """A study that cannot go on although all that was typed is right: its trials fail, its store is lost."""

    exit_code = Exit.FAILED


class StoppedError(NasError):
    """Stopped by Ctrl-C or SIGTERM before a driver had begun, or while its store was away."""

    exit_code = Exit.STOPPED


class StudyExistsError(NasError, ValueError):
    """A study of that name exists with another specification; `details` are the differences."""

    field = "study"

    def __init__(self, message: str, brief: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.brief, self.details = brief, details


class StudyEndedError(NasError, ValueError):
    """A study that has come to its end: there is nothing to stop."""


class StudyDrivenError(NasError, RuntimeError):
    """A study that is driven, or a trial of which is at work: what takes it away has to wait."""


class DataError(NasError, ValueError):
    """A data set that cannot be used as asked."""


class TableError(NasError, ValueError):
    """A table of results that cannot be read, or does not have what a study asks of it."""


class RecipeError(NasError, ValueError):
    """A training recipe with an unknown key or an impossible value."""


class SamplerError(NasError, ValueError):
    """A sampler asked for what it cannot do."""


class StopperError(NasError, ValueError):
    """A stopper for trials that have no curves, or none that can be compared."""


class ClusterError(NasError, RuntimeError):
    """Slots that cannot be had: no such cluster, too few CPUs or GPUs."""


class ClusterLostError(ClusterError):
    """A cluster that went away while a study ran on it."""

    exit_code = Exit.FAILED


class TrialFailure(NasError, RuntimeError):  # noqa: N818 (a failure of a trial, told apart by cause)
    """An evaluator's way to end its trial with a cause of its own (`records.Cause` value)."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.cause, str(self)))
