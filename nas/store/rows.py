"""What goes into the store and comes out of it: plain frozen records without any SQL.

`number` counts a study's trials from 1, `attempt` a trial's tries from 1 (0: never started),
`epoch` from 1; `*_s` are seconds, those named after an event (`created_s`) since 1970 by the
database's clock; `revision` is the study's revision at the record's last change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nas.records import BUDGETED, Cause, Ending, EpochReport, Metrics, Point, StudySpec, TrialState, Wanted

# What the callers hand in


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A priced point that a driver wants to claim, or a user to enqueue."""

    point: Point
    labels: Mapping[str, Any]
    """The point's active scalars, flat: `name` or `name[i]` -> value."""
    key: str
    """Hash of all that decides the result; unique in a study."""
    arch_id: str
    cost: Mapping[str, int]
    """params, macs, activations, train_bytes, layers, receptive_field (below 2**63) and paths (any size)."""
    draw: int
    """Which reserved draw proposed it; -1 for an enqueued point."""
    seed: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """The sampler's own JSON data, given back unread."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A candidate that a proxy has scored, whether it has become a trial or not."""

    key: str
    draw: int
    arch_id: str
    point: Point
    score: float | None
    """More is better; None: the proxy failed on it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A candidate that has become the study's trial `number`, running as `attempt` of the claiming driver.

    After `enqueue` it waits instead, as attempt 0.
    """

    number: int
    attempt: int
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that has not become a trial.

    `reason`: "duplicate" (the study's trial `number` has its key), "budget" (spent), or "lease" (the
    driver's lease is lost: `start_driver` again).
    """

    reason: str
    number: int | None
    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended for good: `state` is complete, pruned, failed or cancelled."""

    number: int
    attempt: int
    state: TrialState
    values: tuple[float, ...] = ()
    """One a study's objective (at most 4), in its order; empty when there is no result."""
    metrics: Metrics = field(default_factory=dict)
    cause: Cause | None = None
    message: str = ""
    wall_s: float | None = None
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A trial that ended elsewhere, as complete or pruned."""

    candidate: Candidate
    state: TrialState
    values: tuple[float, ...]
    metrics: Metrics
    curve: tuple[tuple[int, Metrics], ...] = ()
    """(epoch, metrics), in order."""
    wall_s: float = 0.0
    worker: str = ""
    """Where it ran."""

    def reports(self, number: int) -> list[EpochReport]:
        """Its epochs as the study's trial `number`; how long each took is not known."""
        share = self.wall_s / max(len(self.curve), 1)
        return [EpochReport(number, 1, e, m, share * (i + 1)) for i, (e, m) in enumerate(self.curve)]

    def outcome(self, number: int) -> Outcome:
        """Its result as the study's trial `number`."""
        return Outcome(
            number=number,
            attempt=1,
            state=self.state,
            values=self.values,
            metrics=self.metrics,
            wall_s=self.wall_s,
            worker=self.worker,
        )


@dataclass(frozen=True, slots=True)
class Named:
    """What a trial is filtered or sorted by: a column of `trial`, a `metric`, a `parameter` (one value of a
    vector by its place), or all values of a `vector`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """`macs < 1e9`: a trial that has no such value does not meet it. Only parameters, and columns that hold
    words, are compared with anything but numbers."""

    name: Named
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Sort:
    """By what, and which way."""

    name: Named
    descending: bool = False


# What the store hands out


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One study, whole."""

    id: int
    name: str
    spec: StudySpec
    budget: int
    wanted: Wanted
    ending: Ending | None
    artifacts: str
    """fsspec URL of the study's own folder."""
    created_s: float
    changed_s: float
    revision: int
    counts: Mapping[TrialState, int]
    """Trials in each state, zeros included."""

    @property
    def used(self) -> int:
        """How much of the budget is taken: trials queued, running, complete, pruned or failed."""
        return sum(self.counts[state] for state in BUDGETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySummary:
    """One line of the list of studies."""

    id: int
    name: str
    space: str
    data: str
    evaluator: str
    sampler: str
    metric: str
    """The first objective's metric."""
    minimize: bool
    budget: int
    counts: Mapping[TrialState, int]
    best: float | None
    """The best value of the first objective over complete trials, whether they keep limits or not."""
    limited: bool
    """Whether the study has limits on measured metrics."""
    drivers: int
    """How many drivers hold a live lease."""
    starting: bool
    """Whether it was begun or resumed a moment ago, and no driver has been there since."""
    wanted: Wanted
    ending: Ending | None
    created_s: float
    changed_s: float
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverRow:
    """One process that has driven, or drives, a study."""

    id: int
    host: str
    pid: int
    started_s: float
    lease_until_s: float
    ended_s: float | None
    lost: bool
    """Its lease ran out and its trials were taken away."""
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One trial with its result, if it has one."""

    number: int
    state: TrialState
    point: Point
    key: str
    arch_id: str
    params: int | None
    macs: int | None
    activations: int | None
    train_bytes: int | None
    layers: int | None
    receptive_field: int | None
    paths: int | None
    draw: int
    seed: int
    attributes: Mapping[str, Any]
    values: tuple[float, ...]
    metrics: Metrics
    attempt: int
    epoch: int
    """The last epoch reported by its latest attempt; 0: none yet."""
    cause: Cause | None
    message: str
    worker: str
    driver_id: int | None
    """Who runs it, or ran it last."""
    created_s: float
    started_s: float | None
    """When its latest attempt started."""
    ended_s: float | None
    wall_s: float | None
    revision: int

    @property
    def cost(self) -> dict[str, int]:
        """The costs that are known, by name."""
        return {name: value for name in COSTS if (value := getattr(self, name)) is not None}


COSTS = ("params", "macs", "activations", "train_bytes", "layers", "receptive_field", "paths")
"""Names of a trial's costs, as in `Candidate.cost` and `TrialRow`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One try at a trial. `state`: running, how it ended, or queued when the trial went back to wait."""

    number: int
    attempt: int
    driver_id: int | None
    state: TrialState
    accepted: bool
    """Its result is the trial's; true for at most one attempt of a trial."""
    cause: Cause | None
    message: str
    worker: str
    started_s: float
    ended_s: float | None
    wall_s: float | None
    late_s: float | None
    """When its result came although the attempt was over; `values` and `metrics` are then that result's."""
    late_state: TrialState | None
    values: tuple[float, ...]
    metrics: Metrics
