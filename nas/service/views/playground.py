"""One point of a space at once: what follows from it, what it costs, how it looks."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from nas.cost.architecture import Architecture
from nas.drawing import draw
from nas.errors import InfeasibleError, NasError
from nas.service.plain import plain, settings as as_text
from nas.service.views.loaded import loaded
from nas.service.views.points import completed
from nas.space.schema import frozen_value
from nas.space.space import Space

Json = dict[str, Any]


@dataclass(frozen=True)
class Playground:
    """A point with everything that is known of it before training."""

    point: Json
    """Complete: what was left out is filled in, what is not active at it is gone."""
    derived: Json
    feasible: bool
    reason: str
    """Why it is not feasible, with the values."""
    field: str | None
    """The parameter to change then, where one can be named."""
    cost: dict[str, int] | None
    """None where there is no network at all; a network that breaks a rule has its costs."""
    arch_id: str | None
    input: dict[str, int] | None
    svg: str
    """Embedded (see `nas.drawing`); empty where there is no network."""
    layers: list[Json]
    """Rows of the layer table, in data order."""
    published: dict[str, float]
    """Of the reference, if one was asked for as it is."""
    notes: list[str]
    """Why a reference is no point of the space, if so."""
    took_ms: float
    command: str
    """What to type for the same."""


def price_point(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any] | None = None,
    point: Mapping[str, Any] | None = None,
    reference: str | None = None,
    unfold: Collection[str] = (),
) -> Playground:
    """The price and the picture of a point, or of a published reference; `unfold` as for `nas.drawing.draw`.

    A partial `point` is completed (`nas.service.views.points.completed`). An infeasible point is an answer.

    Raises:
        UnknownNameError: no such space, profile, data set, setting, reference or parameter.
        PointError: a value that is not in its parameter's domain, or a point beside a reference.
    """
    began = time.perf_counter()
    if reference and point:
        raise NasError("a point and a reference at once: leave one of them out")
    space = loaded(name, profile=profile, data=data, settings=settings, reference=reference)
    options = {"profile": profile, "data": data, "reference": reference}
    said = "".join(f" --{option} {value}" for option, value in options.items() if value)
    chosen: Mapping[str, Any] = settings or {}
    if reference:
        found = _reference(space, reference, unfold)
    else:
        found = _point(space, completed(space, point or {}), unfold)
        chosen = {**chosen, **found["point"]}
    sets = "".join(f" --set {as_text({key: frozen_value(value)})}" for key, value in chosen.items())
    took_ms = 1000 * (time.perf_counter() - began)
    return Playground(**found, took_ms=round(took_ms, 2), command=f"nas cost {name}{said}{sets}")


def _reference(space: Space, reference: str, unfold: Collection[str]) -> Json:
    """A published network: it need not be a point, and obeys no rules."""
    model = space.references[reference]
    changed = space.profile != model.profile or space.data is not None or space.settings
    architecture = space.fixed({})
    searched = space.model.parameters
    return {
        **_seen(space, {}, architecture, unfold, reference),
        "point": plain({key: value for key, value in model.set.items() if key in searched}),
        "feasible": True,
        "reason": "",
        "field": None,
        "published": {} if changed else dict(model.published),
        "notes": [*space.outside(), *(f"it breaks {rule}" for rule in space.broken({}))],
    }


def _point(space: Space, point: Mapping[str, Any], unfold: Collection[str]) -> Json:
    """A point; one that breaks a rule has a network all the same, if it can be built."""
    reason, blamed, architecture = "", None, None
    try:
        architecture = space.architecture(point)
    except InfeasibleError as error:
        reason, blamed = str(error), _blamed(space, error.reason)
        architecture = _anyway(space, point)
    return {
        **_seen(space, point, architecture, unfold),
        "point": plain(point),
        "feasible": not reason,
        "reason": reason,
        "field": blamed,
        "published": {},
        "notes": [],
    }


def _anyway(space: Space, point: Mapping[str, Any]) -> Architecture | None:
    try:
        return space.fixed(point)
    except InfeasibleError:
        return None


def _blamed(space: Space, reason: str) -> str | None:
    """The last parameter that a broken rule reads, or a value that does not exist."""
    rules = [*space.compiled.rules, *space.compiled.rules.early]
    behind = next((rule.parameters for rule in rules if reason.startswith(rule.text)), None)
    if behind is None:
        first = reason.partition(" ")[0]
        behind = space.compiled.table.sources([first], space.parameters).intersection(space.parameters)
    return max(behind, key=list(space.parameters).index) if behind else None


def _seen(
    space: Space,
    point: Mapping[str, Any],
    architecture: Architecture | None,
    unfold: Collection[str],
    title: str | None = None,
) -> Json:
    """What a network shows of itself."""
    seen: Json = {"derived": plain(space.following(point))}
    if architecture is None:
        return {**seen, "cost": None, "arch_id": None, "input": None, "svg": "", "layers": []}
    return {
        **seen,
        "cost": architecture.cost.to_json(),
        "arch_id": architecture.arch_id,
        "input": architecture.input._asdict(),
        "svg": draw(architecture, title=title, unfold=unfold, embedded=True),
        "layers": [dict(vars(row)) for row in architecture.layers()],
    }
