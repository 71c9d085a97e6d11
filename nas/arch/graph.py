"""The graph of an architecture: nested frozen values whose shapes are known.

Every node maps one value to one value. A `Sequence` passes its value through its children; a
`Mark` names the value where it stands and a `From` goes on from a named one, which makes any
acyclic graph expressible. Cost, torch module, source, table and drawing are recursions over this
one graph; what they find for a node they keep in `node.memo`, so that a block used a thousand
times, in one network or in many, is folded once.
"""

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nas.arch.shape import Shape
from nas.errors import InfeasibleError

MAX_LAYERS = 100_000
"""Most primitive layers that one network may have."""


@dataclass(frozen=True, eq=False)
class Node:
    """A piece of a network, from a value of shape `input` to one of shape `output`."""

    input: Shape
    output: Shape
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    layers: ClassVar[int] = 1
    """Primitive layers inside."""
    free: ClassVar[frozenset[str]] = frozenset()
    """Names of values that are read here but named outside; folds keep results only without any."""


@dataclass(frozen=True, eq=False)
class Mark(Node):
    """Names the value that passes, for `From` in the rest of its list and in lists nested there."""

    layers: ClassVar[int] = 0
    name: str = ""


@dataclass(frozen=True, eq=False)
class From(Mark):
    """Drops the value that arrives and goes on from the one called `name`."""

    @property
    def free(self) -> frozenset[str]:  # type: ignore[override]
        """The name that is read."""
        return frozenset([self.name])


@dataclass(frozen=True, eq=False)
class Container(Node):
    """A node made of nodes. `scope` is the name of the definition or loop that it came from."""

    children: tuple[Node, ...] = ()
    scope: str = ""
    layers: int = 0  # type: ignore[misc]
    free: frozenset[str] = frozenset()  # type: ignore[misc]
    marked: bool = False
    """Some child names the value, or goes on from a named one."""
    loop: bool = False
    """The children are the rounds of a loop."""


class Sequence(Container):
    """Children one after the other; empty it is the identity."""


class Sum(Container):
    """The elementwise sum of what its branches (sequences) make of the value."""


class Concat(Container):
    """What its branches make of the value, one after the other along the channels."""


class Gate(Container):
    """The value times what the one branch makes of it, broadcast over the map (squeeze-and-excitation)."""


class Aux(Container):
    """An auxiliary head: its branch classifies the passing value while training, and is gone after."""

    @property
    def head(self) -> Node:
        """The network of the head."""
        return self.children[0]


def sequence(start: Shape, children: SequenceOf[Node], scope: str = "", *, loop: bool = False) -> Sequence:
    """`children` in a row, from a value of shape `start`.

    Raises:
        InfeasibleError: more than `MAX_LAYERS` layers.
    """
    layers, marked = 0, False
    free: frozenset[str] = frozenset()
    named: set[str] = set()
    for child in children:
        layers += child.layers
        if child.free:
            free |= child.free - named
        if isinstance(child, Mark):
            marked = True
            if type(child) is Mark:
                named.add(child.name)
    output = children[-1].output if children else start
    if layers > MAX_LAYERS:
        raise InfeasibleError("too many layers", f"more than {MAX_LAYERS:,}")
    inside = tuple(children)
    return Sequence(
        start, output, children=inside, scope=scope, layers=layers, free=free, marked=marked, loop=loop
    )


def _merged(kind: type[Container], start: Shape, output: Shape, branches: SequenceOf[Node]) -> Container:
    free = frozenset().union(*(branch.free for branch in branches))
    layers = sum(branch.layers for branch in branches)
    return kind(start, output, children=tuple(branches), layers=layers, free=free)


def sum_of(start: Shape, branches: SequenceOf[Node]) -> Node:
    """The sum of `branches`, which must agree in shape.

    Raises:
        InfeasibleError: they do not.
    """
    shapes = {branch.output for branch in branches}
    if len(shapes) > 1:
        raise InfeasibleError("branches of a sum differ in shape", " and ".join(sorted(map(str, shapes))))
    return _merged(Sum, start, branches[0].output, branches)


def concat_of(start: Shape, branches: SequenceOf[Node]) -> Node:
    """The concatenation of `branches` along the channels; their maps must agree in size.

    Raises:
        InfeasibleError: they do not.
    """
    sizes = {branch.output.size for branch in branches}
    if len(sizes) > 1:
        raise InfeasibleError("branches of a concat differ in size", " and ".join(map(str, sorted(sizes))))
    channels = sum(branch.output.channels for branch in branches)
    return _merged(Concat, start, Shape(channels, sizes.pop()), branches)


def gate_of(start: Shape, branch: Node) -> Node:
    """The value times `branch`, which yields one number per channel or per element.

    Raises:
        InfeasibleError: the branch yields another shape.
    """
    if branch.output not in (start, Shape(start.channels)):
        raise InfeasibleError("a gate differs from its value in shape", f"{branch.output} gates {start}")
    return _merged(Gate, start, start, [branch])


def aux_of(start: Shape, head: Node) -> Node:
    """An auxiliary classifier `head` on the passing value."""
    return _merged(Aux, start, start, [head])
