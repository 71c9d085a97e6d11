"""Samplers: each a file of this folder, entered with `@SAMPLERS.register(name, about)`.

A sampler is a pure function of what it is asked: two objects of one class, one fresh and one
used for hours, propose the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from nas.records import Objective
from nas.registry import Registry
from nas.search.history import Past
from nas.space.space import Space


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request for `count` points, for the draws `draw, draw + 1, …` of a study."""

    space: Space
    history: Sequence[Past]
    """Told, running and pending trials; a sampler whose cost grows with them bounds them itself."""
    seed: int
    draw: int
    count: int = 1
    objectives: tuple[Objective, ...] = (Objective("error"),)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """The sampler's study attributes, as it returned them last."""


@dataclass(frozen=True)
class Proposal:
    """One proposed point with the draw it came from and the sampler's own attributes."""

    draw: int
    point: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposals:
    """What a sampler answers: points in draw order, and its study attributes if they changed."""

    items: Sequence[Proposal]
    attributes: Mapping[str, Any] | None = None


class Sampler(Protocol):
    """Proposes points. It may remember work to save time, never to change an answer."""

    def propose(self, ask: Ask) -> Proposals:
        """`ask.count` legal points; whether they are feasible is tested by their price, later."""
        ...


SAMPLERS: Registry[Callable[[], Sampler]] = Registry("sampler", "nas.search.samplers", group="nas.samplers")
