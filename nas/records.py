"""Plain data that every room shares: states and their legal transitions, requests, events, rows.

Nothing here imports torch, SQL, Ray or a clock. `number` counts a study's trials from 1,
`attempt` a trial's tries from 1, `epoch` from 1; `*_id` is a database id; times are seconds
since 1970 by the database's clock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

Point = Mapping[str, Any]
Metrics = Mapping[str, float]


class TrialState(StrEnum):
    """Where a trial stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INFEASIBLE = "infeasible"


S = TrialState
TRANSITIONS: frozenset[tuple[TrialState, TrialState]] = frozenset(
    [
        (S.QUEUED, S.RUNNING),
        (S.QUEUED, S.CANCELLED),
        (S.QUEUED, S.INFEASIBLE),
        (S.RUNNING, S.COMPLETE),
        (S.RUNNING, S.PRUNED),
        (S.RUNNING, S.FAILED),
        (S.RUNNING, S.CANCELLED),
        (S.RUNNING, S.QUEUED),  # its lease expired or its worker died: the next attempt waits
    ]
)
"""Every legal change of a trial's state; all others are refused by compare-and-set."""

BUDGETED = (S.QUEUED, S.RUNNING, S.COMPLETE, S.PRUNED, S.FAILED)
"""States that count against a study's budget."""

FINISHED = (S.COMPLETE, S.PRUNED, S.FAILED, S.CANCELLED, S.INFEASIBLE)
"""States that nothing leaves."""


class Cause(StrEnum):
    """Why an attempt ended without a result."""

    PREEMPTED = "preempted"
    """Its worker died or was taken away."""
    RELEASED = "released"
    """Its driver let go of it: paused, stopped, or silent for longer than its lease."""
    OUT_OF_MEMORY = "out_of_memory"
    DIVERGED = "diverged"
    ERROR = "error"
    TIMEOUT = "timeout"


class Wanted(StrEnum):
    """What a study's drivers are asked to do; they poll it."""

    RUN = "run"
    PAUSE = "pause"
    DRAIN = "drain"
    CANCEL = "cancel"


class Ending(StrEnum):
    """Why a driver stopped driving."""

    FINISHED = "finished"
    """The budget is spent and every trial has ended."""
    DRAINED = "drained"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    EXHAUSTED = "exhausted"
    """Its space has no new point left, or looks like it after long rows of refusals."""
    FAILING = "failing"
    """Several trials in a row failed with the same cause."""


@dataclass(frozen=True)
class DataInfo:
    """What a space needs to know of a data set: the shape of its images and its classes."""

    name: str
    channels: int
    size: int
    classes: int


@dataclass(frozen=True)
class Objective:
    """A metric and whether less of it is better."""

    metric: str
    minimize: bool = True


@dataclass(frozen=True)
class Limit:
    """A bound on a measured metric: a complete trial beyond it is no answer. Limits of costs are constraints
    of the space, and refused before anything is spent."""

    metric: str
    bound: float
    upper: bool = True

    def __str__(self) -> str:
        return f"{self.metric} {'<=' if self.upper else '>='} {self.bound:g}"

    def excess(self, value: float) -> float:
        """How far a value lies beyond, as a share of the bound, so that limits of different units can be
        weighed; 0 or less where it keeps the limit."""
        beyond = value - self.bound if self.upper else self.bound - value
        return beyond / (abs(self.bound) or 1.0)


@dataclass(frozen=True)
class Screen:
    """Of so many new candidates a trial, a proxy advises which one to train; what it thinks is told by an
    evaluator's metric of its name."""

    proxy: str
    evaluator: str
    pool: int
    minimize: bool = False
    """Whether less of it is better."""


@dataclass(frozen=True)
class StudySpec:
    """All that defines a study; two drivers join only with equal specifications.

    `space` is the resolved document (definitions inlined, profile and settings applied) and
    `recipe` its training mapping, in which values may still be expressions over a point.
    """

    space: Mapping[str, Any]
    data: str
    recipe: Mapping[str, Any]
    evaluator: str = "train"
    objectives: tuple[Objective, ...] = (Objective("error"),)
    sampler: str = "auto"
    stopper: str = "none"
    seed: int = 0
    timeout_s: float | None = None
    """How long an attempt at a trial may take; None: as long as it likes."""
    limits: tuple[Limit, ...] = ()
    screen: Screen | None = None
    repeat: int = 1
    """How many trials a network gets, each with a seed of its own: what measures the noise."""

    @property
    def space_name(self) -> str:
        """The family's name, from its stored document."""
        return str(self.space["space"]["space"])

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data; `from_json` is its inverse."""
        return {
            "space": dict(self.space),
            "data": self.data,
            "recipe": dict(self.recipe),
            "evaluator": self.evaluator,
            "objectives": [[o.metric, "minimize" if o.minimize else "maximize"] for o in self.objectives],
            "sampler": self.sampler,
            "stopper": self.stopper,
            "seed": self.seed,
            "timeout_s": self.timeout_s,
            "limits": [[limit.metric, limit.bound, "max" if limit.upper else "min"] for limit in self.limits],
            "screen": list(astuple(self.screen)) if self.screen else None,
            "repeat": self.repeat,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "StudySpec":
        """The specification that `to_json` wrote."""
        objectives = tuple(Objective(m, d == "minimize") for m, d in data["objectives"])
        limits = tuple(Limit(m, bound, side == "max") for m, bound, side in data["limits"])
        screen = Screen(*data["screen"]) if data["screen"] else None
        return cls(**{**data, "objectives": objectives, "limits": limits, "screen": screen})


@dataclass(frozen=True)
class Request:
    """One attempt at one trial, as handed to a slot: plain data, enough for any machine."""

    study: str
    number: int
    attempt: int
    space: Mapping[str, Any]
    point: Point
    evaluator: str
    data: str
    recipe: Mapping[str, Any]
    """Resolved for this point: plain values."""
    seed: int
    artifacts: str
    """fsspec URL of the study's folder; an attempt writes below `NUMBER/ATTEMPT/`."""
    timeout_s: float | None = None
    objectives: tuple[Objective, ...] = (Objective("error"),)
    """By which the study ranks its trials: those at the end of it do not keep their weights."""
    limits: tuple[Limit, ...] = ()
    """A trial beyond one of them ranks behind all that keep them."""
    costs: Metrics = field(default_factory=dict)
    """The exact costs that objectives name: part of the trial's metrics, whatever evaluates it."""

    @property
    def key(self) -> tuple[int, int]:
        """(number, attempt): which attempt an event speaks of."""
        return (self.number, self.attempt)


@dataclass(frozen=True)
class EpochReport:
    """An attempt has finished an epoch (evaluators without epochs send one, numbered 1)."""

    number: int
    attempt: int
    epoch: int
    metrics: Metrics
    wall_s: float
    """Seconds since the attempt began on its worker."""


@dataclass(frozen=True)
class AttemptEnd:
    """An attempt is over and its slot free: with its last metrics, stopped as told, or with a cause."""

    number: int
    attempt: int
    metrics: Metrics = field(default_factory=dict)
    stopped: bool = False
    cause: Cause | None = None
    message: str = ""
    worker: str = ""


Event = EpochReport | AttemptEnd


class Slots(Protocol):
    """Where trials run. A slot is only told what to run and when to stop; it never sees SQL."""

    @property
    def total(self) -> int:
        """How many slots there are or are about to be: on a cluster more or fewer as time goes by."""
        ...

    def free(self) -> int:
        """How many requests can be submitted now."""
        ...

    def submit(self, request: Request) -> None:
        """Start an attempt on a free slot."""
        ...

    def stop(self, key: tuple[int, int], final: bool = False) -> None:
        """Ask an attempt to end at its next epoch; its `AttemptEnd` has `stopped` set.

        `final`: nobody will go on with its trial, so no checkpoint of it need be left.
        """
        ...

    def events(self, timeout_s: float) -> Sequence[Event]:
        """Events since the last call, in order; waits up to `timeout_s` for the first one."""
        ...

    def close(self) -> None:
        """Let go of all workers; attempts still running are ended."""
        ...


class Evaluation(Protocol):
    """What an evaluator gets to know besides its request."""

    @property
    def request(self) -> Request:
        """What to evaluate."""
        ...

    @property
    def architecture(self) -> Any:
        """The lowered `nas.space` Architecture of the request's point."""
        ...

    def check_time(self) -> None:
        """Raise `TrialFailure` if the attempt has taken longer than its time; called between steps."""
        ...


Evaluator = Callable[[Evaluation], Iterator[tuple[int, Metrics]]]
"""Turns an architecture into metrics: a generator that yields (epoch, metrics) after each epoch.

The metrics of the last epoch are the trial's. Closing the generator stops the evaluation; to end
with a cause of its own it raises `TrialFailure`.
"""
