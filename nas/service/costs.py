"""The exact price of one network. Loads neither SQL, torch, Ray nor Optuna."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nas.cost.architecture import Architecture
from nas.cost.table import LayerRow
from nas.errors import NasError, UnknownNameError
from nas.space.domains import Choice
from nas.space.load import load_space, shipped_names
from nas.space.names import InactiveError
from nas.space.space import Space
from nas.space.typed import words


@dataclass(frozen=True)
class Price:
    """A network with all its costs."""

    space: str
    name: str
    """What it is called: its reference, or the space."""
    point: Mapping[str, Any]
    """What was set to get it."""
    input: Mapping[str, int]
    arch_id: str
    cost: Mapping[str, int]
    published: Mapping[str, float]
    architecture: Architecture
    broken: list[str]
    """Constraints of the space that it breaks; a reference need not keep them."""
    outside: list[str]
    """What was set that no point of the space has."""
    derived: Mapping[str, Any]
    """What follows from what was set, in the space's own names."""

    @property
    def params_with_heads(self) -> int | None:
        """Parameters while training; None without auxiliary heads."""
        whole = self.architecture.params_with_heads
        return whole if whole != self.cost["params"] else None

    @property
    def layers(self) -> list[LayerRow]:
        """One row per layer, in data order."""
        return self.architecture.layers()

    def to_json(self, *, layers: bool = False) -> dict[str, Any]:
        """One flat object: what it is, `arch_id`, all costs; the layers if asked."""
        head = {"space": self.space, "name": self.name, "set": dict(self.point), "input": dict(self.input)}
        heads = {"params_with_heads": self.params_with_heads} if self.params_with_heads else {}
        rows = {"rows": [asdict(row) for row in self.layers]} if layers else {}
        return {
            **head,
            "arch_id": self.arch_id,
            **self.cost,
            **heads,
            "derived": dict(self.derived),
            "published": dict(self.published),
            "broken": self.broken,
            "outside": self.outside,
            **rows,
        }


def price(
    space: str,
    *,
    reference: str | None = None,
    settings: Mapping[str, Any] | None = None,
    profile: str | None = None,
    data: str | None = None,
) -> Price:
    """The price of a published reference, or of the network that `settings` leave no choice about.

    What is said besides a reference changes it: VGG-16 with fewer hidden units, or for other images.
    """
    loaded = _loaded(space, reference, settings or {}, profile, data)
    architecture = _fixed(loaded)
    own = loaded.references[reference].set if reference is not None else {}
    published = reference is not None and not (settings or profile or data)
    return Price(
        space=loaded.name,
        name=reference or loaded.name,
        point={**own, **loaded.settings},
        input=architecture.input._asdict(),
        arch_id=architecture.arch_id,
        cost=asdict(architecture.cost),
        derived=loaded.following({}),
        published=loaded.references[str(reference)].published if published else {},
        architecture=architecture,
        broken=loaded.broken({}),
        outside=loaded.outside(),
    )


def side_by_side(space: str, references: Sequence[str] = (), **more: Any) -> list[Price]:
    """The prices of several references, all of a space if none is named; `more` as for `price`."""
    return [price(space, reference=name, **more) for name in references or _loaded(space).references]


def _loaded(
    space: str,
    reference: str | None = None,
    settings: Mapping[str, Any] | None = None,
    profile: str | None = None,
    data: str | None = None,
) -> Space:
    try:
        return load_space(
            space, reference=reference, profile=profile, settings=settings or {}, data=data_info(data)
        )
    except UnknownNameError as error:
        homes = _homes(space) if error.kind == "space" else []
        if not homes:
            raise
        raise NasError(
            f"unknown space {space!r}: it is a published network of {' and of '.join(homes)}; "
            f"type nas cost {homes[0]} --reference {space}"
        ) from None


def _homes(reference: str) -> list[str]:
    """The shipped spaces that have a reference of this name."""
    return [name for name in shipped_names() if reference in load_space(name).references]


def _fixed(space: Space) -> Architecture:
    """The network of a space in which nothing that matters is left open."""
    try:
        return space.fixed({})
    except InactiveError:
        missing = " ".join(f"--set {name}={example(space, name)}" for name in space.parameters)
        first, parameter = next(iter(space.parameters.items()))
        references = ", ".join(list(space.references)[:6]) or "this space has none"
        raise NasError(
            f"{space.name} leaves {', '.join(space.parameters)} open: set each, such as {missing} "
            f"({first}: {parameter.domain}), or take --reference ({references}), "
            f"or see nas space sample {space.name}"
        ) from None


def example(space: Space, name: str) -> str:
    """Words for a value that a parameter can have: the first of its domain."""
    parameter = space.parameters[name]
    value = parameter.domain.values[0] if isinstance(parameter.domain, Choice) else parameter.domain.low
    if parameter.length is None:
        return words(value)
    try:
        return words([value] * (space.compiled.width(name, {}) or 1))
    except NasError:
        return words([value])


def data_info(name: str | None) -> Any:
    """What a space needs to know of a data set; None for none."""
    if name is None:
        return None
    from workers.data import dataset

    return dataset(name).info
