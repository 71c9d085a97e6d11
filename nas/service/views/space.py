"""The page of one space: its rules in words, what its networks cost, some of them in pictures."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nas.drawing import silhouette
from nas.errors import InfeasibleError, NasError
from nas.service.plain import plain
from nas.service.spaces import SpaceView, view_of
from nas.service.values import bounded
from nas.service.views.loaded import datasets, loaded, text_of
from nas.service.views.points import FormField, form
from nas.service.views.wording import RuleInWords, cardinality, rules_in_words
from nas.space.space import Space

MOST_SAMPLES = 24
MOST_PRICED = 2_000
PATIENCE_S = 2.0
"""Sampling for a page ends after this, with what there is."""


@dataclass(frozen=True)
class SpacePage:
    """One space, as its profile, data set and settings make it."""

    view: SpaceView
    yaml: str
    rules: list[RuleInWords]
    cardinality: str
    form: list[FormField]
    references: list[str]
    profiles: list[str]
    profile: str | None
    """The one that holds: the one asked for, or the one of the data set's name."""
    datasets: list[str]


@dataclass(frozen=True)
class Quantiles:
    """One cost over the sampled networks."""

    low: float
    q25: float
    median: float
    q75: float
    high: float


@dataclass(frozen=True)
class EnvelopeReference:
    """A published network among the sampled ones."""

    name: str
    params: int
    macs: int


@dataclass(frozen=True)
class Envelope:
    """What networks of a space cost: random feasible points, uniform over the parameters."""

    params: Quantiles | None
    """None if no feasible point was found."""
    macs: Quantiles | None
    xs: list[int]
    """Multiply-adds of each."""
    ys: list[int]
    """Parameters of each."""
    points: list[dict[str, Any]]
    acceptance: float
    """Share of drawn points that are feasible."""
    drawn: int
    references: list[EnvelopeReference]
    """Published networks, if neither profile nor data set makes the space another."""


@dataclass(frozen=True)
class SampleCard:
    """One random network."""

    point: dict[str, Any]
    derived: dict[str, Any]
    cost: dict[str, int]
    arch_id: str
    svg: str
    """Its silhouette, embedded (see `nas.drawing.silhouette`)."""


def space_page(
    name: str,
    *,
    profile: str | None = None,
    data: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> SpacePage:
    """One shipped space.

    Raises:
        UnknownNameError: no such space, profile, data set or setting.
    """
    space = loaded(name, profile=profile, data=data, settings=settings)
    view = view_of(space)
    return SpacePage(
        view=view,
        yaml=text_of(name),
        rules=rules_in_words(space, view),
        cardinality=cardinality(space),
        form=_form(space),
        references=list(space.references),
        profiles=list(space.model.profiles),
        profile=space.profile,
        datasets=list(datasets()),
    )


def _form(space: Space) -> list[FormField]:
    """The form; none where no point of the space is feasible."""
    try:
        return form(space)
    except InfeasibleError:
        return []


def envelope(
    name: str, *, profile: str | None = None, data: str | None = None, count: int = 200, seed: int = 0
) -> Envelope:
    """Costs of at most `count` random networks, priced for at most `PATIENCE_S`; the same are kept."""
    space = loaded(name, profile=profile, data=data)
    return _envelope(space, min(bounded(count, "count"), MOST_PRICED), bounded(seed, "seed", 0))


@lru_cache(maxsize=64)
def _envelope(space: Space, count: int, seed: int) -> Envelope:
    rng, until = np.random.default_rng(seed), time.monotonic() + PATIENCE_S
    points, macs, params, drawn = [], [], [], 0
    while drawn < count and (time.monotonic() < until or not drawn):
        point = space.draw(rng)
        drawn += 1
        try:
            cost = space.architecture(point).cost
        except InfeasibleError:
            continue
        points.append(plain(point))
        macs.append(cost.macs)
        params.append(cost.params)
    own = space.profile is None and space.data is None
    return Envelope(
        params=_quantiles(params),
        macs=_quantiles(macs),
        xs=macs,
        ys=params,
        points=points,
        acceptance=len(points) / drawn if drawn else 0.0,
        drawn=drawn,
        references=_references(space, until) if own else [],
    )


def _quantiles(values: list[int]) -> Quantiles | None:
    if not values:
        return None
    low, middle, high = (
        statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    )
    return Quantiles(min(values), low, middle, high, max(values))


def _references(space: Space, until: float) -> list[EnvelopeReference]:
    """The published networks that can be priced while there is time."""
    found = []
    for name in space.references:
        try:
            cost = space.reference(name).cost
        except NasError:
            continue
        found.append(EnvelopeReference(name, cost.params, cost.macs))
        if time.monotonic() > until + PATIENCE_S:
            break
    return found


def samples(
    name: str, *, profile: str | None = None, data: str | None = None, count: int = 6, seed: int = 0
) -> list[SampleCard]:
    """`count` random feasible networks (at most `MOST_SAMPLES`); the same seed gives the same.

    Raises:
        InfeasibleError: no feasible point was found.
    """
    space = loaded(name, profile=profile, data=data)
    rng = np.random.default_rng(bounded(seed, "seed", 0))
    return [_card(space, space.sample(rng)) for _ in range(min(bounded(count, "count"), MOST_SAMPLES))]


def _card(space: Space, point: Mapping[str, Any]) -> SampleCard:
    architecture = space.architecture(point)
    return SampleCard(
        point=plain(point),
        derived=plain(space.derived(point)),
        cost=architecture.cost.to_json(),
        arch_id=architecture.arch_id,
        svg=silhouette(architecture, embedded=True),
    )
