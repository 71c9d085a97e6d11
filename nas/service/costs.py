"""The exact price of one network. Loads neither SQL, torch, Ray nor Optuna."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nas.cost.architecture import Architecture
from nas.cost.table import LayerRow
from nas.errors import NasError
from nas.space.load import load_space
from nas.space.names import InactiveError
from nas.space.space import Space


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

    @property
    def layers(self) -> list[LayerRow]:
        """One row per layer, in data order."""
        return self.architecture.layers()

    def to_json(self, *, layers: bool = False) -> dict[str, Any]:
        """One flat object: what it is, `arch_id`, all costs; the layers if asked."""
        head = {"space": self.space, "name": self.name, "set": dict(self.point), "input": dict(self.input)}
        rows = {"rows": [asdict(row) for row in self.layers]} if layers else {}
        return {
            **head,
            "arch_id": self.arch_id,
            **self.cost,
            "published": dict(self.published),
            "broken": self.broken,
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
    """The price of a published reference, or of the network that `settings` leave no choice about."""
    if reference is not None and settings:
        raise NasError("--reference and --set exclude each other: a reference sets everything itself")
    loaded = load_space(space, profile=profile, settings=settings or {}, data=data_info(data))
    if reference is not None:
        architecture, chosen = loaded.reference(reference), loaded.references[reference]
        name, point, published = reference, dict(chosen.set), chosen.published
        broken: list[str] = []
    else:
        architecture, name, point, published = _fixed(loaded), loaded.name, dict(settings or {}), {}
        broken = loaded.broken({})
    return Price(
        space=loaded.name,
        name=name,
        point=point,
        input=architecture.input._asdict(),
        arch_id=architecture.arch_id,
        cost=asdict(architecture.cost),
        published=published,
        architecture=architecture,
        broken=broken,
    )


def _fixed(space: Space) -> Architecture:
    """The network of a space in which nothing that matters is left open."""
    try:
        return space.fixed({})
    except InactiveError:
        name, parameter = next(iter(space.resolved.parameters.items()))
        value = "VALUE" if parameter.length is None else f"'[VALUE, …]' ({parameter.length} values)"
        references = ", ".join(list(space.references)[:6]) or "this space has none"
        left_open = ", ".join(space.parameters)
        raise NasError(
            f"{space.name} leaves {left_open} open: set each, such as "
            f"--set {name}={value} ({parameter.domain()}), or take --reference ({references}), "
            f"or see nas space sample {space.name}"
        ) from None


def data_info(name: str | None) -> Any:
    """What a space needs to know of a data set; None for none."""
    if name is None:
        return None
    from workers.data import dataset

    return dataset(name).info
