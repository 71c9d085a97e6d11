"""Points as a form has them: its fields, a feasible point to start from, and what is left out filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nas.errors import InfeasibleError, NasError, PointError
from nas.service.plain import plain
from nas.space.compiled import Parameter
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.schema import frozen_value
from nas.space.space import Space
from nas.space.typed import words


@dataclass(frozen=True)
class FormField:
    """One parameter as a form shows it."""

    name: str
    label: str
    """The name, and what it may be."""
    kind: str
    """int, float, choice or vector."""
    element: str
    """int, float or choice: what a vector's elements are; of all others their kind."""
    low: float | None
    high: float | None
    step: float | None
    log: bool
    choices: list[Any] | None
    length: int | None
    """Of a vector, at `default`; the point of a `Playground` has as many as there are then."""
    when: str
    """Under which condition it is there; empty: always."""
    default: Any
    """Of a feasible point; where that has no such parameter the first value of its domain."""


def form(space: Space) -> list[FormField]:
    """The fields of a space's parameters; their defaults are a feasible point together."""
    start = start_point(space)
    return [_field(space, name, parameter, start) for name, parameter in space.parameters.items()]


def _field(space: Space, name: str, parameter: Parameter, start: Mapping[str, Any]) -> FormField:
    domain, model = parameter.domain, space.resolved.parameters[name]
    numbers = not isinstance(domain, Choice)
    element = {Choice: "choice", Int: "int", Float: "float"}[type(domain)]
    vector = parameter.length is not None
    default = start.get(name, () if vector else _first(domain))
    return FormField(
        name=name,
        label=f"{name}: {domain}",
        kind="vector" if vector else element,
        element=element,
        low=domain.low if not isinstance(domain, Choice) else None,
        high=domain.high if not isinstance(domain, Choice) else None,
        step=domain.step if not isinstance(domain, Choice) else None,
        log=numbers and bool(getattr(domain, "log", False)),
        choices=plain(domain.values) if isinstance(domain, Choice) else None,
        length=len(default) if vector else None,
        when="" if model.when is None else str(model.when),
        default=plain(default),
    )


def _first(domain: Domain) -> Any:
    return domain.values[0] if isinstance(domain, Choice) else domain.low


@lru_cache(maxsize=64)
def start_point(space: Space) -> Mapping[str, Any]:
    """A feasible point to start from: of a published network if one is a point here, else a random one.

    Raises:
        InfeasibleError: none was found.
    """
    for reference in space.references.values():
        point = {k: frozen_value(v) for k, v in reference.set.items() if k in space.parameters}
        if set(reference.set) <= set(space.parameters) and _is_feasible(space, point):
            return point
    return space.sample(np.random.default_rng(0))


def _is_feasible(space: Space, point: Mapping[str, Any]) -> bool:
    try:
        space.architecture(point)
    except NasError:
        return False
    return True


def completed(space: Space, given: Mapping[str, Any]) -> dict[str, Any]:
    """The point that `given` means: what is inactive there left out, what is missing taken from the start.

    So one field may be changed at a time, even one that others depend on.

    Raises:
        PointError: an unknown name, or a value that is not in its domain.
    """
    for name in given:
        if name not in space.parameters:
            known = ", ".join(space.parameters) or "none"
            raise PointError(f"{name!r} is no parameter of {space.name}: parameters are {known}")
    start = _start_or_nothing(space)
    result: dict[str, Any] = {}
    for name, parameter in space.parameters.items():
        width = space.compiled.width(name, result)
        if width is None:
            continue
        value = frozen_value(given.get(name, start.get(name)))
        result[name] = (
            _scalar(parameter, value) if parameter.length is None else _vector(name, parameter, value, width)
        )
    return space.validate(result)


def _start_or_nothing(space: Space) -> Mapping[str, Any]:
    try:
        return start_point(space)
    except InfeasibleError:
        return {}


def _scalar(parameter: Parameter, value: Any) -> Any:
    return _first(parameter.domain) if value is None else parameter.domain.read(value)


def _vector(name: str, parameter: Parameter, value: Any, width: int) -> tuple[Any, ...]:
    """A vector of `width`: cut, or continued with its last value."""
    if value is None:
        value = ()
    if not isinstance(value, tuple):
        raise PointError(f"{name} = {words(value)}: it is a list of {width} values")
    read = [_scalar(parameter, each) for each in value[:width]]
    last = read[-1] if read else _first(parameter.domain)
    return (*read, *[last] * (width - len(read)))
