"""Where in a network a module stands: its node of the graph, and what of the image it can see.

A node may stand at several places of one network, a module at one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from torch import nn

from nas.arch.graph import Aux, Container, From, Gate, Mark, Node, Sequence
from nas.arch.primitive import Primitive
from nas.arch.shape import Shape
from nas.cost.architecture import Architecture
from nas.drawing.outline import outline
from nas.model.build import Network, Part


class Field(NamedTuple):
    """What the units of a map see: unit i along a side sees pixels `low + i * jump` to `high + i * jump`.

    The whole numbers of the literature (Araujo et al. 2019, doi:10.23915/distill.00021); pixels below 0
    or beyond the image are padding.
    """

    low: int = 0
    high: int = 0
    jump: int = 1
    sealed: bool = False
    """A layer before has seen the whole map: each unit sees all that is there."""

    @property
    def size(self) -> int:
        """Pixels a side."""
        return self.high - self.low + 1

    def after(self, layer: Primitive) -> "Field":
        """What the units behind a layer see; `window`, `stride` as `nas.cost` prices them."""
        if self.sealed:
            return self
        price = layer.local()
        pad = int(getattr(layer, "pad", getattr(layer, "padding", 0)))
        low = self.low - pad * self.jump
        high = self.high + (price.window - 1 - pad) * self.jump
        return Field(low, high, self.jump * price.stride, price.sees_all)

    def box(self, unit: int) -> tuple[int, int]:
        """First and last pixel that the unit sees along a side."""
        return self.low + unit * self.jump, self.high + unit * self.jump


@dataclass(frozen=True, eq=False)
class Place:
    """A node with the module that computes it."""

    node: Node
    module: nn.Module
    field: Field
    """Of what comes out."""
    layers: int
    """Primitive layers of the graph up to here, this one included."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The end of a stage of the drawing: the last map in it."""

    name: str
    module: nn.Module
    shape: Shape
    field: Field


def places(architecture: Architecture, model: Network) -> list[Place]:
    """All places in data order, a container behind what is in it; auxiliary heads are left out."""
    return list(_walk(architecture.root, model.body, Field(), {}, 0))


def stages(architecture: Architecture, model: Network) -> list[Stage]:
    """The stages of the drawing that end with a learned map, each with the module whose output that is."""
    every = places(architecture, model)
    known = {(place.layers, id(place.node)): place for place in every}
    first = next((place.layers for place in every if isinstance(place.module, nn.Conv2d)), len(every) + 1)
    found, layers = [], 0
    for group in outline(architecture.root):
        last: Place | None = None
        for node in (node for block in group.blocks for node in block.nodes):
            layers += node.layers
            if not isinstance(node, Aux) and node.output.size:
                last = known[layers, id(node)]
        if last is not None and last.layers >= first and not last.field.sealed:
            found.append(Stage(group.name, last.module, last.node.output, last.field))
    return found


def _walk(
    node: Node, module: nn.Module, field: Field, names: dict[str, Field], layers: int
) -> Iterator[Place]:
    """The places inside a node, then itself; `names` are the fields of named values in sight."""
    if isinstance(node, Primitive):
        yield Place(node, module, field.after(node), layers + 1)
        return
    assert isinstance(module, Part), type(module)
    if isinstance(node, Sequence):
        yield from _sequence(node, module, field, names, layers)
        return
    assert isinstance(node, Container), type(node)
    ends, count = [], layers
    for branch, part in zip(node.children, module.parts, strict=True):
        inside = list(_walk(branch, part, field, names, count))
        yield from inside
        ends.append(inside[-1].field)
        count += branch.layers
    yield Place(node, module, field if isinstance(node, Gate) else _met(ends), count)


def _sequence(
    node: Sequence, module: Part, field: Field, names: dict[str, Field], layers: int
) -> Iterator[Place]:
    names, parts = dict(names), iter(module.parts)
    for child in node.children:
        if isinstance(child, From):
            field = names[child.name]
        elif isinstance(child, Mark):
            names[child.name] = field
        elif isinstance(child, Aux):
            next(parts)
        else:
            inside = list(_walk(child, next(parts), field, names, layers))
            yield from inside
            field = inside[-1].field
        layers += child.layers
    yield Place(node, module, field, layers)


def _met(ends: list[Field]) -> Field:
    """What is seen where branches meet."""
    return Field(
        min(end.low for end in ends),
        max(end.high for end in ends),
        max(end.jump for end in ends),
        any(end.sealed for end in ends),
    )
