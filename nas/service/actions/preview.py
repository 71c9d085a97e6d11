"""What a search would be, before it begins: its specification, what its networks cost, what is refused."""

import dataclasses
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from nas.errors import (
    DataError,
    NasError,
    PointError,
    RecipeError,
    SamplerError,
    SpaceError,
    StopperError,
    TableError,
    UnknownNameError,
)
from nas.records import StudySpec
from nas.service import starting
from nas.service.actions.request import SearchRequest, command, refuse_paths
from nas.service.draws import Draws, Example, points
from nas.service.engines import EngineOptions, check_engine
from nas.service.helper import ask
from nas.service.labels import by_labels, option
from nas.service.specify import TRIALS, SearchOptions, specify
from nas.service.studies import check_name, taken, unlike
from nas.space.load import shipped_names
from nas.store import Store
from workers.spaces import space_of

YAML = "space_yaml"
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class CostRange:
    """How a cost is spread over the feasible points that were drawn: exact values, not estimates between."""

    low: int
    q1: int
    median: int
    q3: int
    high: int


@dataclass(frozen=True)
class Preview:
    """What would begin; with `ok` false what is wrong, and in which field of the request."""

    ok: bool
    error: str = ""
    field: str | None = None
    space: str = ""
    data: str = ""
    budget: int = TRIALS
    spec: dict[str, Any] = dataclasses.field(default_factory=dict)
    """All that the study would be defined by, its space aside: the whole recipe, objectives, limits, …"""
    limits: list[str] = dataclasses.field(default_factory=list)
    """The space's rules, with the limits of costs that refuse points before they are trained; then those of
    metrics, which are known after it."""
    envelope: dict[str, CostRange] = dataclasses.field(default_factory=dict)
    """By cost; empty where no point that was drawn is feasible."""
    draws: int = 0
    """How many random points were priced."""
    acceptance: float | None = None
    """The share of them that are feasible, by which a search of random draws would go."""
    refusals: dict[str, int] = dataclasses.field(default_factory=dict)
    """Reason -> how many of the draws were refused for it, the commonest first."""
    points: int | None = None
    """How many points there are, feasible or not; None: too many, or not countable."""
    train_s: float | None = None
    """Mean seconds of a trial; None: nothing is known of it before the first."""
    examples: list[Example] = dataclasses.field(default_factory=list)
    first: list[str] = dataclasses.field(default_factory=list)
    """What comes first, and what is left out of it, in words."""
    command: str = ""
    """What to type for the same."""
    joins: bool = False
    """Whether there is an equal study of that name, with which starting goes on."""
    differences: list[str] = dataclasses.field(default_factory=list)
    """What tells it from the study that has the name; then it is not `ok`."""


def preview(request: SearchRequest, store: Store | None = None, *, address: str | None = None) -> Preview:
    """What this request would begin; a mistake in it is no error but an answer, with `ok` false.

    Nothing is created. The work is done in a helper process: the first answer takes some seconds, those after
    it well below one.
    """
    slots = request.slots(address)
    typed = command(request.options(), slots, compare=request.compare)
    try:
        refuse_paths(store, request)
        if request.study is not None:
            check_name(request.study, request.space or "my-space")
        found, spec = ask(looked, request.options(), slots, request.compare, timeout_s=TIMEOUT_S)
    except NasError as error:
        return _refused(request, error, typed)
    try:
        return replace(found, joins=_joins(store, request, spec))
    except NasError as error:
        return replace(found, **_mistake(request, error))


def _refused(request: SearchRequest, error: NasError, typed: str) -> Preview:
    return Preview(
        **_mistake(request, error),
        space=request.space,
        data=request.data or "",
        budget=request.trials or TRIALS,
        command=typed,
    )


def _mistake(request: SearchRequest, error: NasError) -> dict[str, Any]:
    return {
        "ok": False,
        "error": by_labels(error.brief or str(error)),
        "differences": list(error.details),
        "field": field_of(request, error),
    }


def warm_up() -> None:
    """Let the helper load what previews need, so that the first one is as quick as the others."""
    with suppress(NasError):
        ask(look, SearchOptions(space=shipped_names()[0]), EngineOptions(), timeout_s=TIMEOUT_S)


def _joins(store: Store | None, request: SearchRequest, spec: StudySpec) -> bool:
    """Whether there is an equal study of that name. Raises `StudyExistsError` for one that differs."""
    if store is None or request.study is None or request.study not in store.study_names():
        return False
    if told := unlike(store.study(request.study), spec, request.trials):
        raise taken(request.study, told)
    return True


def look(options: SearchOptions, slots: EngineOptions, compare: bool = True) -> Preview:
    """The preview of what is right. Loads Optuna; raises the `NasError` of what is wrong."""
    return looked(options, slots, compare)[0]


def looked(options: SearchOptions, slots: EngineOptions, compare: bool) -> tuple[Preview, StudySpec]:
    """The preview of what is right, with all that the study would be defined by."""
    check_engine(slots)
    spec = specify(options)
    first = starting.read(options.start_from, spec)
    found = Draws(space_of(spec.space))
    found.draw()
    return _told(options, slots, compare, spec, found, first), spec


def _told(
    options: SearchOptions,
    slots: EngineOptions,
    compare: bool,
    spec: StudySpec,
    found: Draws,
    first: starting.Start | None,
) -> Preview:
    return Preview(
        ok=True,
        space=spec.space_name,
        data=spec.data,
        budget=options.trials or TRIALS,
        spec={name: value for name, value in spec.to_json().items() if name != "space"},
        limits=[str(limit) for limit in (*found.space.model.constraints, *spec.limits)],
        envelope={cost: _range(values) for cost, values in found.costs.items() if values},
        draws=found.count,
        acceptance=found.feasible / found.count if found.count else None,
        refusals=dict(found.refusals.most_common()),
        points=points(found.space),
        examples=found.examples,
        first=list(first.told()) if first else [],
        command=command(options, slots, compare=compare),
    )


def _range(values: Sequence[int]) -> CostRange:
    """Of one value or more."""
    ordered = sorted(values)
    return CostRange(*(ordered[round(share * (len(ordered) - 1))] for share in (0, 0.25, 0.5, 0.75, 1)))


# Which field a mistake is in

_FIELDS = {
    "data set": "data",
    "kind of evaluator": "evaluator",
    "metric": "objective",
    "proxy": "screen",
    "cost": "iso",
    "engine": "engine",
}
"""The fields of names that are called otherwise; `UnknownNameError` has the kind of what is unknown."""
_KINDS: tuple[tuple[type[NasError], str], ...] = (
    (DataError, "data"),
    (SpaceError, "settings"),
    (PointError, "settings"),
    (RecipeError, "recipe"),
    (SamplerError, "sampler"),
    (StopperError, "stopper"),
    (TableError, "evaluator"),
)
_NAMES = tuple(SearchRequest.__dataclass_fields__)
_BY_OPTION = {option(name): name for name in _NAMES}
_OPTION = re.compile(r"(?:limit )?(--[a-z][a-z-]*)")


def field_of(request: SearchRequest, error: NasError) -> str | None:
    """The field of the request that a mistake is in; None where it is not in one of them alone."""
    if request.space_yaml is not None and isinstance(error, SpaceError):
        return YAML
    said = str(error)
    if (named := _OPTION.match(said)) and named[1] in _BY_OPTION:
        return _BY_OPTION[named[1]]
    if isinstance(error, UnknownNameError):
        return _FIELDS.get(error.kind, error.kind if error.kind in _NAMES else None)
    for kind, name in _KINDS:
        if isinstance(error, kind):
            return name
    first = said.partition(" ")[0]
    return first if first in _NAMES else "settings" if said.startswith("no name ") else None
