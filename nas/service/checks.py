"""Whether a space holds what it promises: proven by loading, pricing, building and counting."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from nas.cost.architecture import Architecture
from nas.errors import InfeasibleError, NasError
from nas.service.costs import data_info
from nas.space.lint import unused_parameters
from nas.space.load import load_space
from nas.space.schema import SolveModel
from nas.space.space import Space

BUILT = 20
"""Most networks that are built in torch to count them in a second way."""

STEPS = 25
"""Values at which a cost is looked at, to see that it never falls."""


@dataclass
class SpaceCheck:
    """What testing a space found; `problems` is empty for a sound one."""

    space: str
    samples: int
    feasible: int = 0
    built: int = 0
    """Networks whose parameters, macs and output were counted by torch too."""
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    """One refused point's message, by reason."""
    references: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def check(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any],
    samples: int,
    seed: int,
) -> SpaceCheck:
    """Load a space, price random points, count them in torch, compare references with publications."""
    import numpy as np

    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    found, rng = SpaceCheck(space.name, samples), np.random.default_rng(seed)
    networks: dict[str, tuple[Mapping[str, Any], Architecture]] = {}
    points = [space.draw(rng) for _ in range(samples)]
    for point in points:
        try:
            architecture = space.architecture(point)
        except InfeasibleError as error:
            found.refused[error.reason] += 1
            found.examples.setdefault(error.reason, str(error))
            continue
        found.feasible += 1
        networks.setdefault(architecture.arch_id, (point, architecture))
    if not found.feasible:
        reasons = "; ".join(f"{n} times {found.examples[why]}" for why, n in found.refused.most_common(3))
        found.problems.append(f"none of {samples} points is feasible: {reasons}")
    for name in unused_parameters(space):
        found.problems.append(f"parameter {name} changes nothing: neither network, rule nor recipe reads it")
    found.problems += _recipe_problems(space)
    for chosen, architecture in list(networks.values())[:BUILT]:
        found.built += 1
        found.problems += _miscounted(f"point {dict(chosen)}", architecture)
    for point in points[:3]:
        found.problems += _falling(space, point)
    for reference in space.references:
        _check_reference(space, reference, found)
    return found


def _recipe_problems(space: Space) -> Iterator[str]:
    from workers.recipe import Recipe

    try:
        Recipe.check(space.training)
        space.check_recipe(space.training)
    except NasError as error:
        yield f"training: {error}"


def _miscounted(what: str, architecture: Architecture) -> Iterator[str]:
    """Prices that torch's own count of the built module does not confirm."""
    from nas.model.count import count

    counted, cost = count(architecture), architecture.cost
    for key, ours, theirs in (
        ("params", cost.params, counted.params),
        ("macs", cost.macs, counted.macs),
        ("output", architecture.output.channels, counted.outputs),
    ):
        if ours != theirs:
            yield f"{what}: {key} is {ours:,}, torch counts {theirs:,}"


def _falling(space: Space, point: Mapping[str, Any]) -> Iterator[str]:
    """Costs that fall where a value solved from them grows: the search for it would go astray."""
    for name in space.compiled.cost_solved:
        model = space.resolved.derived[name]
        assert isinstance(model, SolveModel)
        step, (low, high) = model.step or model.multiple or 1, model.domain
        last = int((high - low) / step + 1e-9)
        values = [low + step * (last * i // STEPS) for i in range(STEPS + 1)]
        cost = model.solve.partition("=")[0].strip()
        at = [getattr(space.fixed(point, {name: v}).cost, cost) for v in values]
        for (value, before), (_, after) in pairwise(zip(values, at, strict=True)):
            if after < before:
                yield f"{name}: {cost} falls after {name} = {value:g} at point {dict(point)}"
                break


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
