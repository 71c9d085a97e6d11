"""Networks beside a space's points: with names set that no search varies, whether in their domains or not."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.space.schema import frozen_value
from nas.space.space import Space


def variant(
    space: Space, point: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[Space, dict[str, Any]]:
    """The space where `settings` hold and the values of its parameters, both without regard to domains."""
    searched = {name: value for name, value in settings.items() if name in space.parameters}
    others = {name: value for name, value in settings.items() if name not in searched}
    changed = space.variant(others) if others else space
    return changed, {**{k: v for k, v in point.items() if k in changed.parameters}, **searched}


def values(space: Space, point: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Names that have a value where `point` holds, with it; nothing is asked of the point."""
    there = space.compiled.names_type({name: frozen_value(value) for name, value in point.items()})
    found: dict[str, Any] = {}
    for name in names:
        with suppress(NasError):
            found[name] = getattr(there, name)
    return found


def network(space: Space, point: Mapping[str, Any], settings: Mapping[str, Any]) -> Architecture:
    """The network of a point with more names set."""
    changed, left = variant(space, point, settings)
    return changed.fixed(left)
