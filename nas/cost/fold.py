"""The price of a graph, in one recursion.

Parameters, macs, activations and textbook ops add up. Layers, receptive field and paths follow the
data, and what autograd keeps depends on who else keeps it, so a `Value` with these travels
through the graph. A node that reads no named value is folded once, on a neutral value; what came
of it is its `Effect`, and applying an effect is a handful of additions.
"""

from collections.abc import Sequence as SequenceOf
from typing import NamedTuple

from nas.arch.graph import Aux, Concat, Container, From, Gate, Mark, Node, Sequence, Sum
from nas.arch.primitive import Primitive


class Kept:
    """Memory of one value: its elements, and whether autograd keeps it already."""

    __slots__ = ("elements", "kept")

    def __init__(self, elements: int, kept: bool = False) -> None:
        self.elements, self.kept = elements, kept


class Value(NamedTuple):
    """A value on its way through the network."""

    memory: Kept
    layers: int = 0
    """Convolutions and linear layers on the longest way here."""
    field: int = 1
    """Receptive field in input pixels."""
    jump: int = 1
    """Input pixels between two neighbours of this map."""
    sealed: bool = False
    """A layer has seen the whole map: the receptive field ends here."""
    paths: int = 1
    """Routes from the input to here."""


class Totals:
    """What adds up; `saved` in elements of 4 bytes."""

    __slots__ = ("activations", "macs", "ops", "params", "saved")

    def __init__(self) -> None:
        self.params = self.macs = self.ops = self.activations = self.saved = 0


class Effect(NamedTuple):
    """What a closed node does: its totals, and how it changes the value that passes."""

    params: int
    macs: int
    ops: int
    activations: int
    saved: int
    keeps_input: bool
    alias: bool
    keeps_output: bool
    layers: int
    growth: int
    jump: int
    sealed: bool
    paths: int


def effect_of(node: Node) -> Effect:
    """The effect of a node that reads no named value from outside; kept in its memo."""
    found: Effect | None = node.memo.get("effect")
    if found is None:
        found = node.memo["effect"] = _local(node) if isinstance(node, Primitive) else _measure(node)
    return found


def _local(layer: Primitive) -> Effect:
    price = layer.local()
    return Effect(
        price.params,
        price.macs,
        price.ops,
        price.activations,
        price.extra + (layer.output.elements if price.saves_output else 0),
        price.saves_input,
        price.alias,
        price.saves_output,
        int(price.counts),
        price.window - 1,
        price.stride,
        price.sees_all,
        0 if layer.kind == "zero" else 1,
    )


def _measure(node: Node) -> Effect:
    totals, start = Totals(), Value(Kept(0))
    end = _walk(node, start, {}, totals)
    alias = end.memory is start.memory
    return Effect(
        totals.params,
        totals.macs,
        totals.ops,
        totals.activations,
        totals.saved,
        start.memory.kept,
        alias,
        not alias and end.memory.kept,
        end.layers,
        end.field - 1,
        end.jump,
        end.sealed,
        end.paths,
    )


def keep(memory: Kept, totals: Totals) -> None:
    """Autograd keeps this value; the second time costs nothing."""
    if not memory.kept:
        memory.kept = True
        totals.saved += memory.elements


def _pass(node: Node, value: Value, names: dict[str, Value], totals: Totals) -> Value:
    """Send `value` through `node`; `names` are the named values in sight."""
    if node.free or isinstance(node, Mark):
        return _walk(node, value, names, totals)
    return _through([node], value, totals)


def _through(nodes: SequenceOf[Node], value: Value, totals: Totals) -> Value:
    """Send `value` through closed nodes, one after the other.

    This is the hot loop of pricing, so everything is a local variable; `entry` is the memory of
    the value that comes in, None once it has been left behind.
    """
    entry, layers, field, jump, sealed, paths = value
    memory: Kept | None = entry
    elements, kept = 0, False
    params = macs = ops = activations = saved = 0
    for node in nodes:
        p, m, o, a, s, keeps_input, alias, keeps_output, depth, growth, stride, seals, routes = node.memo.get(
            "effect"
        ) or effect_of(node)
        params += p
        macs += m
        ops += o
        activations += a
        saved += s
        if keeps_input and not kept:
            if memory is None:
                saved += elements
                kept = True
            else:
                keep(memory, totals)
        if not alias:
            memory, kept = None, keeps_output
            channels, size = node.output
            elements = channels * size * size if size else channels
        layers += depth
        if not sealed:
            field += jump * growth
            jump *= stride
            sealed = seals
        paths *= routes
    totals.params += params
    totals.macs += macs
    totals.ops += ops
    totals.activations += activations
    totals.saved += saved
    return Value(memory or Kept(elements, kept), layers, field, jump, sealed, paths)


def _walk(node: Node, value: Value, names: dict[str, Value], totals: Totals) -> Value:
    """One level of a node that cannot be applied as an effect (yet)."""
    if isinstance(node, Sequence):
        return _sequence(node, value, names, totals)
    if isinstance(node, From):
        return names[node.name]
    if isinstance(node, Aux):  # gone when the network runs
        return value
    assert isinstance(node, Sum | Concat | Gate), type(node)
    ends = [_pass(branch, value, names, totals) for branch in node.children]
    if isinstance(node, Gate):
        keep(value.memory, totals)
        keep(ends[0].memory, totals)
        return value._replace(memory=Kept(node.output.elements))
    return _meet(node, ends)


def _sequence(node: Sequence, value: Value, names: dict[str, Value], totals: Totals) -> Value:
    if not node.free and not node.marked:
        return _through(node.children, value, totals)
    names = dict(names)
    for child in node.children:
        if type(child) is Mark:
            names[child.name] = value
        else:
            value = _pass(child, value, names, totals)
    return value


def _meet(node: Container, ends: list[Value]) -> Value:
    if len(ends) == 1:
        return ends[0]
    return Value(
        Kept(node.output.elements),
        max(end.layers for end in ends),
        max(end.field for end in ends),
        max(end.jump for end in ends),
        any(end.sealed for end in ends),
        sum(end.paths for end in ends),
    )
