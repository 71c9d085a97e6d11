"""Whether a space holds what it promises: proven by loading, pricing, building and counting."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from nas.cost.architecture import Architecture
from nas.errors import InfeasibleError, NasError
from nas.service.answer import rehearse
from nas.service.costs import data_info
from nas.service.iso import at_cost
from nas.service.published import confirmed, contradictions
from nas.space.lint import unused_parameters
from nas.space.load import load_space
from nas.space.profile import Tick, unwatched
from nas.space.schema import SolveModel
from nas.space.space import Space
from nas.space.typed import words

BUILT = 20
"""Most networks that are built in torch to count them in a second way."""

STEPS = 25
"""Values at which a cost is looked at, to see that it never falls."""

FEW = 5
"""Points of each profile that is not the one asked for."""


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
    profiles: list[str] = field(default_factory=list)
    """Profiles that were loaded and tried besides the one asked for."""
    problems: list[str] = field(default_factory=list)


def check(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any],
    samples: int,
    seed: int,
    tick: Tick = unwatched,
) -> SpaceCheck:
    """Load a space, price random points, count them in torch, compare references with publications."""
    space = load_space(name, profile=profile, settings=settings, data=data_info(data))
    found = SpaceCheck(space.name, samples)
    others = [name for name in space.model.profiles if name != space.profile]
    total = samples + BUILT + len(space.references) + len(others)
    done = Progress(tick, total)
    points, networks = _tried(space, found, np.random.default_rng(seed), done)
    for unused in unused_parameters(space):
        found.problems.append(
            f"parameter {unused} changes nothing: neither network, rule nor recipe reads it"
        )
    found.problems += _unsound(space)
    for label, architecture in networks[:BUILT]:
        found.built += 1
        found.problems += _miscounted(f"point {label}", architecture)
        done.step()
    for point in points[:3]:
        found.problems += _falling(space, point)
    if space.model.iso and networks:
        found.problems += _unequal(space, networks[len(networks) // 2][1].cost.macs)
    for reference in space.references:
        _check_reference(space, reference, found)
        done.step()
    for other in others:
        found.profiles.append(other)
        found.problems += (f"profile {other}: {problem}" for problem in _check_profile(space, other))
        done.step()
    return found


class Progress:
    """Counts what is done."""

    def __init__(self, tick: Tick, total: int) -> None:
        self.tick, self.total, self.done = tick, total, 0

    def step(self) -> None:
        """One more."""
        self.done += 1
        self.tick(self.done, self.total)


def _tried(
    space: Space, found: SpaceCheck, rng: np.random.Generator, done: Progress
) -> tuple[list[Mapping[str, Any]], list[tuple[str, Architecture]]]:
    """Draw and price; the points, and the different networks among them with the words for their points."""
    networks: dict[str, tuple[str, Architecture]] = {}
    points: list[Mapping[str, Any]] = [space.draw(rng) for _ in range(found.samples)]
    for point in points:
        done.step()
        try:
            architecture = space.architecture(point)
        except InfeasibleError as error:
            found.refused[error.reason] += 1
            found.examples.setdefault(error.reason, f"{error} (at {_said(point)})")
        except NasError as error:
            if len(found.problems) < 3:
                found.problems.append(f"point {_said(point)}: {error}")
        else:
            found.feasible += 1
            networks.setdefault(architecture.arch_id, (_said(point), architecture))
    if not found.feasible and not found.problems:
        reasons = "; ".join(f"{n} times {found.examples[why]}" for why, n in found.refused.most_common(3))
        found.problems.append(f"none of {found.samples} points is feasible: {reasons}")
    return points, list(networks.values())


def _said(point: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={words(value)}" for name, value in point.items())


def _unsound(space: Space) -> Iterator[str]:
    """What is wrong with a recipe, or with what the end of a search would show."""
    from workers.recipe import Recipe

    try:
        Recipe.check(space.training)
        space.check_recipe(space.training)
    except NasError as error:
        yield f"training: {error}"
    try:
        rehearse(space)
    except NasError as error:
        yield str(error)


def _check_profile(space: Space, profile: str) -> Iterator[str]:
    """Load a profile as a search does, and price a few of its points."""
    try:
        made = Space(space.raw, space.where, data=_data_of(profile), profile=profile)
        yield from _unsound(made)
        few = SpaceCheck(space.name, FEW)
        _, networks = _tried(made, few, np.random.default_rng(0), Progress(unwatched, FEW))
        yield from few.problems
        for label, architecture in networks[:1]:
            yield from _miscounted(f"point {label}", architecture)
    except NasError as error:
        yield str(error)


def _data_of(profile: str) -> Any:
    """The data set that a profile is named after; None if it is named after none."""
    from workers.data import DATASETS

    return data_info(profile) if profile in DATASETS else None


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
                yield f"{name}: {cost} falls after {name} = {value:g} at point {_said(point)}"
                break


def _unequal(space: Space, macs: int) -> Iterator[str]:
    """Whether no network of the space can be brought to a middling cost by its width."""
    try:
        at_cost(space, f"macs={macs}").sample(np.random.default_rng(0))
    except NasError as error:
        yield f"iso: {error}"


def _check_reference(space: Space, name: str, found: SpaceCheck) -> None:
    published = space.references[name].published
    try:
        architecture = space.reference(name)
    except NasError as error:
        found.problems.append(str(error))
        return
    said = contradictions(published, architecture)
    found.problems += (f"reference {name}: {problem}" for problem in said)
    if exact := confirmed(published, architecture):
        found.references.append(f"reference {name}: {', '.join(exact)} as published")
