"""Spaces: what there is, what is in them, whether they hold what they promise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nas.cost.cost import COSTS
from nas.errors import UnknownNameError
from nas.service.costs import data_info
from nas.space.load import load_space, shipped_names
from nas.space.profile import SpaceProfile, profile as measure
from nas.space.schema import ParameterModel, SolveModel
from nas.space.space import Space


@dataclass(frozen=True)
class SpaceRow:
    """A line of the list of spaces."""

    space: str
    about: str


@dataclass(frozen=True)
class ParameterRow:
    """A parameter in words."""

    name: str
    domain: str
    when: str


@dataclass(frozen=True)
class DerivedRow:
    """A value that follows from others, by its rule."""

    name: str
    rule: str


@dataclass(frozen=True)
class ReferenceRow:
    """A published network."""

    name: str
    set: Mapping[str, Any]
    published: Mapping[str, float]


@dataclass(frozen=True)
class SpaceView:
    """What a space is made of."""

    name: str
    about: str
    source: str
    parameters: list[ParameterRow]
    derived: list[DerivedRow]
    constraints: list[str]
    references: list[ReferenceRow]
    profiles: list[str]
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """A random feasible point with its price."""

    point: Mapping[str, Any]
    size: int
    arch_id: str
    cost: Mapping[str, int]


def known() -> list[SpaceRow]:
    """All spaces of the package."""
    return [SpaceRow(name, load_space(name).about) for name in shipped_names()]


def show(
    name: str, *, profile: str | None = None, data: str | None = None, settings: Mapping[str, Any]
) -> SpaceView:
    """A space as its profile, data set and settings make it."""
    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    parameters = {name: m.model_dump(exclude_defaults=True) for name, m in space.resolved.parameters.items()}
    references = [ReferenceRow(name, dict(r.set), dict(r.published)) for name, r in space.references.items()]
    return SpaceView(
        name=space.name,
        about=space.about,
        source=_source(space.raw.get("source")),
        parameters=[_parameter(name, model) for name, model in space.resolved.parameters.items()],
        derived=[DerivedRow(name, _rule(rule)) for name, rule in space.resolved.derived.items()],
        constraints=[str(rule) for rule in space.model.constraints],
        references=references,
        profiles=list(space.model.profiles),
        document={
            **space.raw,
            "input": space.resolved.input,
            "constants": space.resolved.constants,
            "parameters": parameters,
            "references": space.raw.get("references", {}),
            "training": space.training,
        },
    )


def _parameter(name: str, model: ParameterModel) -> ParameterRow:
    times = f", {model.length} of them" if model.length is not None else ""
    return ParameterRow(name, f"{model.domain()}{times}", "" if model.when is None else str(model.when))


def _rule(rule: Any) -> str:
    """An expression, or an equation with where its solution lies and how it is rounded."""
    if not isinstance(rule, SolveModel):
        return str(rule)
    rounded = f", rounded {rule.round}" if rule.round else ""
    return f"{rule.solve}, from {rule.domain[0]:g} to {rule.domain[1]:g}{rounded}"


def _source(source: Any) -> str:
    entries = source if isinstance(source, list) else [source] if source else []
    return "; ".join(", ".join(str(part) for part in entry.values() if part) for entry in entries)


def sample(
    name: str,
    *,
    count: int,
    seed: int,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any],
) -> list[Sample]:
    """Random feasible points, uniform over the parameters."""
    import numpy as np

    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    rng = np.random.default_rng(seed)
    return [_priced(space, space.sample(rng)) for _ in range(count)]


def _priced(space: Space, point: Mapping[str, Any]) -> Sample:
    architecture = space.architecture(point)
    return Sample(point, architecture.input.size, architecture.arch_id, asdict(architecture.cost))


def profile(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any],
    samples: int,
    seed: int,
    limits: Mapping[str, float] | None = None,
) -> SpaceProfile:
    """How many points and networks a space has, what they cost, what it refuses and why."""
    import numpy as np

    wrong = [cost for cost in limits or {} if cost not in COSTS]
    if wrong:
        raise UnknownNameError("cost", wrong[0], COSTS)
    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    return measure(space, np.random.default_rng(seed), samples=samples, limits=limits)
