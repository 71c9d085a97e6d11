"""What a driver tells those who watch it. Epochs come as `records.EpochReport`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nas.records import Cause, Ending, EpochReport, Request, TrialState
from nas.search.frontier import Told
from nas.store.rows import Outcome, StudyRow


@dataclass(frozen=True)
class Leased:
    """A driver has a lease on trials of the study, under this id; another one after it lost that."""

    study: str
    driver: int


@dataclass(frozen=True)
class Joined:
    """A driver begins with a study."""

    study: StudyRow
    slots: int


@dataclass(frozen=True)
class TrialStarted:
    """An attempt was handed to a slot."""

    request: Request
    cost: Mapping[str, int]


@dataclass(frozen=True)
class TrialEnded:
    """An attempt ended; `accepted` is False for one that came too late to count."""

    outcome: Outcome
    accepted: bool


@dataclass(frozen=True)
class TrialRequeued:
    """An attempt ended through no fault of its trial, which waits for the next one."""

    number: int
    attempt: int
    cause: Cause
    message: str


@dataclass(frozen=True)
class Progress:
    """The study as the store has it, all drivers together."""

    budget: int
    counts: Mapping[TrialState, int]
    best: tuple[int, tuple[float, ...]] | None
    """Number and values of the best complete trial that keeps all limits."""
    told: Sequence[Told] = ()
    """The complete trials of a study with several objectives, which has no best one."""
    acceptance: float | None = None
    """The share of this driver's draws that became trials; None before the first."""
    utilisation: float | None = None
    """The share of its slots' time in which they were busy; None before any time has passed."""


@dataclass(frozen=True)
class Note:
    """One line for the user; `grave`: of something that should not be."""

    message: str
    grave: bool = False


@dataclass(frozen=True)
class Ended:
    """A driver has stopped driving, and why."""

    ending: Ending
    detail: str = ""


DriverEvent = (
    Leased | Joined | TrialStarted | EpochReport | TrialEnded | TrialRequeued | Progress | Note | Ended
)


class Listener(Protocol):
    """Watches a driver; it is called from the driver's loop and should return at once."""

    def on_event(self, event: DriverEvent) -> None:
        """Something happened."""
        ...


class Silence:
    """The listener that does not listen."""

    def on_event(self, event: DriverEvent) -> None:
        """Nothing."""
