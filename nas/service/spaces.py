"""Spaces: what there is, what is in them, whether they hold what they promise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nas.cost.cost import COSTS
from nas.errors import NasError, UnknownNameError
from nas.service.costs import data_info
from nas.space.load import load_space, shipped_names
from nas.space.profile import SpaceProfile, Tick, profile as measure, unwatched
from nas.space.schema import ParameterModel, ReferenceModel, SolveModel
from nas.space.space import Space
from nas.space.typed import words


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
    about: str
    """In words, with the profile and the input that it has."""


@dataclass(frozen=True)
class ProfileRow:
    """A variant of a space."""

    name: str
    about: str


@dataclass(frozen=True)
class SpaceView:
    """What a space is made of."""

    name: str
    about: str
    source: str
    input: Mapping[str, Any]
    constants: Mapping[str, Any]
    parameters: list[ParameterRow]
    derived: list[DerivedRow]
    constraints: list[str]
    training: Mapping[str, Any]
    references: list[ReferenceRow]
    profiles: list[ProfileRow]
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """A random feasible point with its price."""

    point: Mapping[str, Any]
    derived: Mapping[str, Any]
    """What follows from it, in the space's own names."""
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
    return view_of(load_space(name, profile=profile, settings=settings, data=data_info(data)))


def view_of(space: Space) -> SpaceView:
    """What a loaded space is made of."""
    resolved = space.resolved
    return SpaceView(
        name=space.name,
        about=space.about,
        source=_source(space.raw.get("source")),
        input=resolved.input,
        constants=resolved.constants,
        parameters=[_parameter(space, name, model) for name, model in resolved.parameters.items()],
        derived=[DerivedRow(name, _rule(rule)) for name, rule in resolved.derived.items()],
        constraints=[str(rule) for rule in space.model.constraints],
        training=space.training,
        references=[_reference(name, model) for name, model in space.references.items()],
        profiles=[ProfileRow(name, model.about) for name, model in space.model.profiles.items()],
        document=_document(space),
    )


def _document(space: Space) -> dict[str, Any]:
    parameters = {name: m.model_dump(exclude_defaults=True) for name, m in space.resolved.parameters.items()}
    return {
        **space.raw,
        "input": space.resolved.input,
        "constants": space.resolved.constants,
        "parameters": parameters,
        "references": space.raw.get("references", {}),
        "training": space.training,
    }


def _parameter(space: Space, name: str, model: ParameterModel) -> ParameterRow:
    return ParameterRow(
        name, f"{model.domain()}{_times(space, name, model)}", "" if model.when is None else str(model.when)
    )


def _times(space: Space, name: str, model: ParameterModel) -> str:
    """How many values a vector has, as a number where no parameter decides about it."""
    if model.length is None:
        return ""
    try:
        width = space.compiled.width(name, {})
    except NasError:
        width = None
    return f"; {model.length if width is None else width} of them"


def _reference(name: str, model: ReferenceModel) -> ReferenceRow:
    given = model.input.model_dump(exclude_unset=True) if model.input else {}
    pairs = [f"input.{key}={words(value)}" for key, value in given.items()]
    said = [model.about, f"profile {model.profile}" if model.profile else "", " ".join(pairs)]
    return ReferenceRow(
        name, dict(model.set), dict(model.published), "; ".join(part for part in said if part)
    )


def _rule(rule: Any) -> str:
    """An expression, or an equation with where its solution lies and how it is rounded."""
    if not isinstance(rule, SolveModel):
        return str(rule)
    unit = f" to a multiple of {rule.multiple}" if rule.multiple else ""
    rounded = f", rounded {rule.round}{unit}" if rule.round else ""
    step = f" in steps of {rule.step:.12g}" if rule.step else ""
    pick = f", the {'smallest' if rule.pick == 'min' else 'largest'}" if rule.pick else ""
    return f"{rule.solve}, from {rule.domain[0]:.12g} to {rule.domain[1]:.12g}{step}{rounded}{pick}"


def _source(source: Any) -> str:
    entries = source if isinstance(source, list) else [source] if source else []
    return "; ".join(
        ", ".join(f"arXiv:{part}" if key == "arxiv" else str(part) for key, part in entry.items() if part)
        for entry in entries
    )


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
    cost = asdict(architecture.cost)
    return Sample(point, space.derived(point), architecture.input.size, architecture.arch_id, cost)


def profile(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any],
    samples: int | None = None,
    seed: int,
    limits: Mapping[str, float] | None = None,
    tick: Tick = unwatched,
) -> SpaceProfile:
    """How many points and networks a space has, what they cost, what it refuses and why."""
    import numpy as np

    wrong = [cost for cost in limits or {} if cost not in COSTS]
    if wrong:
        raise UnknownNameError("cost", wrong[0], COSTS)
    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    return measure(space, np.random.default_rng(seed), samples=samples, limits=limits, tick=tick)
