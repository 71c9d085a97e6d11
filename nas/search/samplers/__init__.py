"""Samplers: each a file of this folder, entered with `@SAMPLERS.register(name, about)`.

A sampler is a pure function of what it is asked: two objects of one class, one fresh and one
used for hours, propose the same. What it can do it says by an attribute, `abilities`.

CMA-ES is the package's that Optuna uses too, not Optuna's sampler, which keeps its state as a pickle and
draws choices at random.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from nas.records import Objective
from nas.registry import Registry
from nas.search.history import Past
from nas.search.keys import draw_rng
from nas.search.pricing import Prices, Pricing
from nas.space.space import Space


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What a sampler can do; a study of anything else is refused before it begins."""

    several: bool = False
    """Learns from more than one objective."""
    conditional: bool = True
    """Takes parameters that are not there at every point, and vectors of varying length."""
    trials: int | None = None
    """The most trials it is meant for; None: asks stay cheap however long the history."""
    counts: bool = False
    """Visits the points by number: they must be countable, and random draws cannot stand in for it."""


@dataclass(frozen=True)
class Scored:
    """A candidate that a proxy has judged."""

    labels: Mapping[str, Any]
    cost: Mapping[str, int]
    score: float | None
    """More is better; None: the proxy failed on it."""


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
    prices: Pricing | None = None
    """Of the study's points; None: see `priced`."""
    screening: bool = False
    """Whether a proxy will judge the points, so that more are asked for than will be trained."""

    @functools.cached_property
    def priced(self) -> Pricing:
        """What points cost, and whether they are new: to a study that knows none, if nobody says so."""
        return self.prices or Prices(self.space)


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


@runtime_checkable
class Chooser(Protocol):
    """A sampler that has its own mind about what a proxy advises."""

    def choose(self, ask: Ask, scored: Sequence[Scored]) -> int:
        """Which of the scored candidates to train, the latest standing last."""
        ...


SAMPLERS: Registry[Callable[[], Sampler]] = Registry("sampler", "nas.search.samplers", group="nas.samplers")


def abilities(name: str) -> Abilities:
    """What the sampler called `name` can do; one that does not say can do what the defaults are."""
    found = getattr(SAMPLERS[name], "abilities", Abilities())
    assert isinstance(found, Abilities)
    return found


def uniform(ask: Ask, draw: int) -> dict[str, Any]:
    """The random point of a draw: where a sampler begins, and where it has nothing to go by."""
    return ask.space.draw(draw_rng(ask.seed, draw))
