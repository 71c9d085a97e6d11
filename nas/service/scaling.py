"""A family scaled from one point: a constant of the space varied, each member priced exactly.

Compound scaling: Tan & Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks,
arXiv:1905.11946, where depth, width and resolution grow as powers of one number, phi.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.service.costs import data_info, example
from nas.service.members import values as values_at, variant
from nas.space.domains import Choice
from nas.space.load import load_space, shipped_names
from nas.space.names import InactiveError
from nas.space.space import Space
from nas.space.typed import words

PHI = "phi"
"""The constant that a family is scaled by, unless its space or the user names another."""


@dataclass(frozen=True)
class Scaled:
    """One network of a family; without costs if it cannot be, and why."""

    phi: float | None
    """The value of the constant that is varied; None for a network that sets what follows from it."""
    values: Mapping[str, Any]
    """What changes along the family, in the space's own names."""
    size: int | None = None
    """Pixels a side of its input."""
    arch_id: str = ""
    cost: Mapping[str, int] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True)
class Base:
    """What a family is scaled from."""

    space: Space
    point: Mapping[str, Any]
    """Values for the parameters that the space leaves open."""
    by: str
    """The constant that is varied."""
    source: str
    """Where the point is from, in words."""
    size: int | None = None
    """The input of every member in pixels a side; None: as the space says."""

    @property
    def names(self) -> list[str]:
        """The names worth showing that change along the family, or that published members set themselves."""
        here, there = (self.values({self.by: value}) for value in (0, 2))
        published = [each for each in self.space.references.values() if each.published]
        own = {name for each in published for name in each.set} & set(self.space.compiled.derived_names)
        changing = {name for name in here if here[name] != there.get(name)}
        return [name for name in here if name != self.by and name in own | changing]

    @property
    def fixed(self) -> dict[str, Any]:
        """The names worth showing that are the same in every member."""
        changing = {self.by, *self.names}
        return {name: value for name, value in self.values({}).items() if name not in changing}

    def values(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The names worth showing where `settings` hold."""
        said = self.space.answer.show or [*self.space.parameters, *self.space.compiled.derived_names]
        return values_at(self.space, {**self.point, **settings}, said)

    def network(self, value: float) -> Architecture:
        """The member at a value of the constant."""
        return self.space.fixed(self.point, {self.by: value})


def of_space(
    name: str,
    *,
    by: str | None = None,
    reference: str | None = None,
    settings: Mapping[str, Any] | None = None,
    profile: str | None = None,
    data: str | None = None,
    size: int | None = None,
) -> Base:
    """What a family of a space is scaled from: its settings, or a reference that sets all parameters."""
    space = load_space(
        name, reference=reference, profile=profile, settings=settings or {}, data=data_info(data)
    )
    source = f"reference {reference}" if reference else "what is set" if settings else "the space as it is"
    return _base(space, {}, by, _with(source, settings) if reference else source, size)


def of_point(
    space: Space,
    point: Mapping[str, Any],
    source: str,
    *,
    by: str | None = None,
    settings: Mapping[str, Any] | None = None,
    size: int | None = None,
) -> Base:
    """What a family is scaled from: a point of a study's space, with more names set."""
    changed, left = variant(space, point, settings or {})
    return _base(changed, left, by, _with(source, settings), size)


def as_published(space: Space) -> Space:
    """A study's space without its data set, profile and settings: as its references are."""
    return Space(space.raw, space.where)


def _with(source: str, settings: Mapping[str, Any] | None) -> str:
    more = ", ".join(f"{key}={words(value)}" for key, value in (settings or {}).items())
    return f"{source} with {more}" if more else source


def _base(space: Space, point: Mapping[str, Any], by: str | None, source: str, size: int | None) -> Base:
    name = _constant(space, point, by)
    if size is not None:
        space = space.variant({_size_of(space): size})
    return Base(space, point, name, source, size)


def _constant(space: Space, point: Mapping[str, Any], by: str | None) -> str:
    """The name to vary: the one asked for, `phi`, or what the space's answer varies."""
    family = space.answer.family
    usual = PHI if PHI in space.compiled.scope.names else family.vary if family else None
    name, numbers = by or usual, _numbers(space)
    if name is None:
        able = ", ".join(other for other in shipped_names() if PHI in load_space(other).model.constants)
        grows = next((other for other in numbers if _grows(space, point, other)), "")
        other = f"name another number of it, such as --by {grows}, or " if grows else ""
        raise NasError(
            f"space {space.name} has no constant {PHI} that its networks grow by: "
            f"{other}take a space that has one: {able}"
        )
    if name not in numbers:
        listed = ", ".join(numbers) or "none"
        raise NasError(f"--by {name}: {space.name} has no number of this name to vary; there are: {listed}")
    return name


def _grows(space: Space, point: Mapping[str, Any], name: str) -> bool:
    """Whether twice its value makes a larger network; of open parameters whether it is no share."""
    now = values_at(space, point, [name]).get(name, 1)
    try:
        one, other = (space.fixed(point, {name: value}).cost for value in (now, 2 * now))
    except InactiveError:
        return bool(now >= 1)
    except NasError:
        return False
    return other.macs > one.macs or other.params > one.params


def _numbers(space: Space) -> list[str]:
    """The constants and parameters whose values are single numbers."""
    table = space.compiled.table.constants
    named = [name for name in table if not name.startswith("_")]
    constants = [name for name in named if type(table[name]) in (int, float)]
    searched = [
        name
        for name, parameter in space.parameters.items()
        if parameter.length is None and not isinstance(parameter.domain, Choice)
    ]
    return constants + searched


def _size_of(space: Space) -> str:
    """The name whose value is the input's size: the one that `input.size` is, or itself."""
    told = space.resolved.input["size"]
    name = told.removeprefix("=").strip() if isinstance(told, str) else ""
    return name if name in space.compiled.scope.names else "input.size"


def member(base: Base, value: float) -> Scaled:
    """The member at a value of the constant.

    Raises:
        NasError: a parameter is open, so that there is no family.
    """
    shown = {name: v for name, v in base.values({base.by: value}).items() if name in base.names}
    try:
        made = base.network(value)
    except InactiveError:
        raise _open(base) from None
    except NasError as error:
        return Scaled(value, shown, refused=str(error))
    return priced(value, shown, made)


def priced(value: float | None, shown: Mapping[str, Any], made: Architecture) -> Scaled:
    """A network as a row of a family."""
    return Scaled(value, shown, made.input.size, made.arch_id, asdict(made.cost))


def members(base: Base, values: Sequence[float]) -> list[Scaled]:
    """The members at these values.

    Raises:
        NasError: a parameter is open, or the constant changes none of them.
    """
    found = [member(base, value) for value in values]
    if len({each.arch_id for each in found}) == 1 < len(set(values)) and found[0].arch_id:
        stops = ", ".join(base.space.resolved.replaced)
        said = f"{stops} are set, which follow from it" if stops else "nothing follows from it"
        whole = as_published(base.space)
        raise NasError(
            f"{base.by} changes no network here: {said}; set what the family is scaled with instead, "
            f"such as {_typed(whole, (name for name in whole.parameters if name != base.by))}"
        )
    return found


def _open(base: Base) -> NasError:
    space = base.space
    missing = [name for name in space.parameters if name not in {base.by, *base.point}]
    able = [
        name
        for name, reference in space.references.items()
        if set(missing) <= set(reference.set) and base.by not in reference.set
    ]
    or_take = f", or take --reference {able[0]}" if able else ""
    return NasError(
        f"{space.name} leaves {', '.join(missing)} open: set each, {_typed(space, missing)}{or_take}"
    )


def _typed(space: Space, names: Iterable[str]) -> str:
    return " ".join(f"--set {name}={example(space, name)}" for name in names)


def _refuse_words(base: Base, settings: Mapping[str, Any]) -> None:
    """Of a network that cannot be: what was typed for a number and is none."""
    numbers = {*_numbers(base.space), *base.space.compiled.derived_names}
    for name, value in settings.items():
        usual = values_at(base.space, base.point, [name]).get(name)
        if name in numbers and isinstance(value, str) and not isinstance(usual, str):
            raise NasError(f"--member {name}={value}: {value!r} is no number: type e.g. {name}=1.1")


def given(base: Base, settings: Mapping[str, Any]) -> Scaled:
    """A network of the family's space by what it sets itself, such as published depth, width, resolution."""
    changed, left = variant(base.space, base.point, settings)
    try:
        made = changed.fixed(left)
    except NasError as error:
        _refuse_words(base, settings)
        if isinstance(error, InactiveError):
            raise _open(base) from None
        raise
    return priced(None, dict(settings), made)
