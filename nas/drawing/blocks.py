"""The blocks of a stage: its definitions and branchings, and the runs of layers between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nas.arch.graph import Aux, Container, Mark, Node, Sequence
from nas.arch.primitive import Primitive
from nas.arch.shape import Shape
from nas.cost.fold import effect_of
from nas.drawing.layers import Run, kind_of, runs

MANY = 6
"""Main layers up to which a row of them is opened where nothing repeats it."""


@dataclass(frozen=True)
class Block:
    """A piece of a stage: nodes one after the other."""

    name: str
    kind: str
    """Of `nas.drawing.layers.KINDS`, or `aux`: an auxiliary head, whose costs the network does not have."""
    nodes: tuple[Node, ...]
    params: int
    macs: int
    layers: int

    @property
    def output(self) -> Shape:
        """The shape behind it."""
        return self.nodes[-1].output

    @property
    def input(self) -> Shape:
        """The shape before it."""
        return self.nodes[0].input

    @property
    def opens(self) -> bool:
        """There is more inside than one box can say."""
        return self.kind in ("block", "aux")

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for blocks that look and cost the same."""
        return (self.name, self.kind, self.input, self.output, self.params, self.macs, self.layers)


def has_loop(node: Node) -> bool:
    """Whether a sequence is a loop, or has one among its own entries."""
    if not isinstance(node, Sequence):
        return False
    found: bool | None = node.memo.get("has_loop")
    if found is None:
        found = node.memo["has_loop"] = node.loop or any(map(has_loop, node.children))
    return found


def blocks_of(nodes: Iterable[Node], *, rows: bool = False) -> Iterator[Block]:
    """The blocks of a row of nodes: definitions and branchings, and the runs of layers between them.

    With `rows` definitions that are rows of layers are opened too: outside of stages nothing repeats them.
    """
    pending: list[Primitive] = []
    for node in _entries(nodes, MANY if rows else 1):
        if isinstance(node, Primitive):
            pending.append(node)
            continue
        yield from map(_run_block, runs(pending))
        pending = []
        yield _block((node,), _name(node), "aux" if isinstance(node, Aux) else "block")
    yield from map(_run_block, runs(pending))


def _entries(nodes: Iterable[Node], most: int) -> Iterator[Node]:
    """Layers and blocks: loops, rounds and rows of at most so many main layers are opened."""
    for node in nodes:
        if isinstance(node, Sequence) and (_is_plain(node) or has_loop(node) or _mains(node) <= most):
            yield from _entries(node.children, most)
        elif not isinstance(node, Mark):
            yield node


def _is_plain(node: Sequence) -> bool:
    return not node.scope or node.scope.endswith("]")


def _mains(node: Node) -> int:
    """Main layers of a plain row of layers; more than `MANY` for anything else."""
    if isinstance(node, Primitive):
        return int(kind_of(node) != "other")
    if not isinstance(node, Sequence) or node.marked:
        return MANY + 1
    found: int | None = node.memo.get("mains")
    if found is None:
        found = node.memo["mains"] = min(MANY + 1, sum(map(_mains, node.children)))
    return found


def _name(node: Node) -> str:
    if isinstance(node, Aux):
        return "auxiliary head"
    if isinstance(node, Container) and node.scope:
        return node.scope.replace("_", " ")
    return type(node).__name__.lower()


def _run_block(run: Run) -> Block:
    return _block(run.layers, run.name, run.kind)


def _block(nodes: tuple[Node, ...], name: str, kind: str) -> Block:
    """A block with its price."""
    priced = [node.head if isinstance(node, Aux) else node for node in nodes]
    params, macs, layers = (sum(column) for column in zip(*map(_price, priced), strict=True))
    return Block(name, kind, nodes, params, macs, layers)


def _price(node: Node) -> tuple[int, int, int]:
    """Parameters, macs, and convolutions and linear layers; an auxiliary head has none."""
    if not node.free and not isinstance(node, Mark):
        effect = effect_of(node)
        return effect.params, effect.macs, effect.layers
    params = macs = layers = 0
    for child in node.children if isinstance(node, Container) else ():
        price = _price(child)
        params, macs, layers = params + price[0], macs + price[1], layers + price[2]
    return params, macs, layers
