"""A network in a few pieces: its stages, and the blocks of each.

A stage is a round of an outermost loop, if the round has a loop of its own; rounds without one are blocks,
and a new stage begins where such a block halves the map. Without loops the same holds of the definitions
that the network is made of. What stands before the first stage is the `stem`, behind the last the `head`,
`between` what is between; what works on flat vectors is head.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from nas.arch.graph import Container, Node, Sequence
from nas.arch.shape import Shape
from nas.cost.architecture import Architecture
from nas.drawing.blocks import Block, blocks_of, has_loop


@dataclass(frozen=True)
class Stage:
    """A stage in numbers, as JSON has them."""

    path: str
    """What `unfold` and `data-stage` call it: `stem`, `1`, `2`, ..., `head`."""
    name: str
    blocks: int
    about: str
    """Its blocks in words: `mbconv ×4`."""
    channels: int
    size: int
    """Of its output map in pixels a side; 0 of a vector."""
    params: int
    macs: int
    layers: int
    """Convolutions and linear layers in it."""


@dataclass(frozen=True)
class Group:
    """A stage with its blocks."""

    path: str
    name: str
    blocks: tuple[Block, ...]

    @property
    def output(self) -> Shape:
        """The shape behind it."""
        return self.blocks[-1].output

    @property
    def input(self) -> Shape:
        """The shape before it."""
        return self.blocks[0].input

    @property
    def params(self) -> int:
        """Of all its blocks, as the network runs."""
        return sum(block.params for block in self.blocks if block.kind != "aux")

    @property
    def macs(self) -> int:
        """Of all its blocks, as the network runs."""
        return sum(block.macs for block in self.blocks if block.kind != "aux")

    @property
    def layers(self) -> int:
        """Convolutions and linear layers."""
        return sum(block.layers for block in self.blocks if block.kind != "aux")

    @property
    def shown(self) -> list[Block]:
        """`weighty` with the auxiliary heads."""
        return [block for block in self.blocks if block.kind != "other"] or list(self.blocks)

    @property
    def weighty(self) -> list[Block]:
        """The blocks without those that only accompany (a norm at the end), unless there are no others."""
        return [block for block in self.blocks if block.kind not in ("other", "aux")] or list(self.blocks)

    @property
    def about(self) -> str:
        """Its blocks in words."""
        return ", ".join(
            f"{name} ×{count}" if count > 1 else name for name, count in counted(b.name for b in self.weighty)
        )


def counted(names: Iterable[str]) -> list[tuple[str, int]]:
    """Each name of a row with how often it stands there in a row."""
    return [(name, len(list(same))) for name, same in groupby(names)]


def stages(architecture: Architecture) -> list[Stage]:
    """The stages of a network in data order, from stem to head."""
    return [
        Stage(
            group.path,
            group.name,
            len(group.weighty),
            group.about,
            *group.output,
            group.params,
            group.macs,
            group.layers,
        )
        for group in outline(architecture.root)
    ]


def outline(root: Node) -> list[Group]:
    """The groups of a network in data order."""
    found: list[Group] | None = root.memo.get("outline")
    if found is None:
        found = root.memo["outline"] = _named([piece for piece in _pieces(root) if piece[1]])
    return found


def _named(pieces: list[tuple[bool, tuple[Block, ...]]]) -> list[Group]:
    groups, number, between = [], 0, 0
    for index, (is_stage, blocks) in enumerate(pieces):
        if is_stage:
            number += 1
            groups.append(Group(str(number), f"stage {number}", blocks))
        elif index == 0 and len(pieces) > 1:
            groups.append(Group("stem", "stem", blocks))
        elif index == len(pieces) - 1:
            groups.append(Group("head", "head", blocks))
        else:
            between += 1
            name = f"between{between if between > 1 else ''}"
            groups.append(Group(name, "between", blocks))
    return groups


def _pieces(root: Node) -> Iterator[tuple[bool, tuple[Block, ...]]]:
    """Stages and what is between them, with whether they are stages."""
    top = list(_top(root))
    if not any(map(_repeats, top)):
        yield from _without_loops(top)
        return
    waiting: list[Node] = []
    for node in top:
        if not (isinstance(node, Sequence) and _repeats(node)):
            waiting.append(node)
            continue
        yield False, tuple(blocks_of(waiting, rows=True))
        waiting = []
        for rounds in _by_stage(node.children):
            yield True, tuple(blocks_of(rounds))
    yield False, tuple(blocks_of(waiting, rows=True))


def _without_loops(nodes: list[Node]) -> Iterator[tuple[bool, tuple[Block, ...]]]:
    """A network that has no loops: stages by the size of the map, and what is flat behind them."""
    flat = next((index for index, node in enumerate(nodes) if not _has_map(node)), len(nodes))
    for index, rounds in enumerate(_by_stage(nodes[:flat])):
        blocks = tuple(blocks_of(rounds))
        yield bool(index) or any(block.kind == "block" for block in blocks), blocks
    yield False, tuple(blocks_of(nodes[flat:], rows=True))


def _repeats(node: Node) -> bool:
    """Whether a node is a loop over maps."""
    return isinstance(node, Sequence) and node.loop and _has_map(node)


def _has_map(node: Node) -> bool:
    return node.input.size > 0 and node.output.size > 0


def _by_stage(rounds: Iterable[Node]) -> Iterator[list[Node]]:
    """Rounds of a loop in stages: one with a loop inside is a stage, others go on until the map shrinks."""
    gathered: list[Node] = []
    for node in rounds:
        alone = has_loop(node)
        if gathered and (alone or node.output.size != node.input.size or has_loop(gathered[-1])):
            yield gathered
            gathered = []
        gathered.append(node)
    if gathered:
        yield gathered


def _top(node: Node) -> Iterator[Node]:
    """The outermost pieces of a network; a definition that has loops is opened."""
    for child in node.children if isinstance(node, Container) else ():
        if isinstance(child, Sequence) and not child.loop and has_loop(child):
            yield from _top(child)
        else:
            yield child
