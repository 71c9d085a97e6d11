"""Spaces: what there is, what is in them, whether they hold what they promise."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from nas.errors import InfeasibleError, NasError
from nas.service.costs import data_info
from nas.space.load import load_space, shipped_names
from nas.space.schema import ParameterModel
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


@dataclass
class SpaceCheck:
    """What testing a space found; `problems` is empty for a sound one."""

    space: str
    samples: int
    feasible: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    references: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


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


def check(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any],
    samples: int,
    seed: int,
) -> SpaceCheck:
    """Load a space, lower and price random points, and compare its references with what was published."""
    import numpy as np

    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    found, rng = SpaceCheck(space.name, samples), np.random.default_rng(seed)
    for _ in range(samples):
        try:
            space.architecture(space.draw(rng))
            found.feasible += 1
        except InfeasibleError as error:
            found.refused[error.reason] += 1
    if not found.feasible:
        reasons = ", ".join(f"{why} ({n})" for why, n in found.refused.most_common(3))
        found.problems.append(f"none of {samples} points is feasible: {reasons}; loosen the constraints")
    for reference in space.references:
        _check_reference(space, reference, found)
    return found


def _check_reference(space: Space, name: str, found: SpaceCheck) -> None:
    published = space.references[name].published
    try:
        cost = asdict(space.reference(name).cost)
    except NasError as error:
        if published:
            found.problems.append(f"reference {name}: {error}")
        return
    for key, value in published.items():
        if key in cost and cost[key] != value:
            found.problems.append(f"reference {name}: {key} is {cost[key]:,}, published {value:,}")
    exact = [key for key, value in published.items() if cost.get(key) == value]
    if exact:
        found.references.append(f"reference {name}: {', '.join(exact)} as published")
