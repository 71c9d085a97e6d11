"""The layer table: one row per primitive layer, in the exact and in the textbook convention."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from nas.arch.graph import Aux, Concat, Container, Gate, Node, Sum
from nas.arch.primitive import Primitive, signature


@dataclass(frozen=True)
class LayerRow:
    """One layer of a network, or a place where branches meet.

    `memory_kib` is the output at 4 bytes an element; `ops` the textbook's count (output elements x
    (kernel volume + bias); a pool's window area), beside the exact `macs`.
    """

    path: str
    kind: str
    arguments: str
    output: str
    params: int
    macs: int
    ops: int
    activations: int
    memory_kib: float


def layer_rows(root: Node) -> list[LayerRow]:
    """The rows of all layers in the order in which data meets them; auxiliary heads are left out.

    A sum, concatenation or gate is a row too, behind its branches. A name is the rounds of the loops
    around the layer and its kind, numbered where there are several: `s1.i2.conv3`.
    """
    found = list(_visits(root, (), {}))
    several = Counter((place, _kind(node)) for place, node in found)
    seen: Counter[tuple[Place, str]] = Counter()
    rows = []
    for place, node in found:
        kind = _kind(node)
        seen[place, kind] += 1
        number = str(seen[place, kind]) if several[place, kind] > 1 else ""
        rows.append(_row(node, ".".join((*place, kind + number))))
    return rows


Place = tuple[str, ...]
"""The rounds of the loops around a layer, from the outermost: `("s1", "i2")`."""


def _visits(node: Node, place: Place, rounds: dict[Place, int]) -> Iterator[tuple[Place, Node]]:
    """Every layer with its place; `rounds` counts those of the loops that share a name and a place."""
    if isinstance(node, Primitive):
        yield place, node
    elif isinstance(node, Container) and not isinstance(node, Aux):
        for child in node.children:
            inside = place
            if node.loop:
                name = "" if node.scope == "repeat" else node.scope
                key = (*place, name)
                rounds[key] = rounds.get(key, 0) + 1
                inside = (*place, f"{name}{rounds[key]}")
            yield from _visits(child, inside, rounds)
        if isinstance(node, Sum | Concat | Gate):
            yield place, node


def _kind(node: Node) -> str:
    return node.kind if isinstance(node, Primitive) else type(node).__name__.lower()


@dataclass(frozen=True)
class Part:
    """Consecutive layers with what they hold together: a round of an outermost loop, or what is between."""

    name: str
    output: str
    layers: int
    """Convolutions and linear layers."""
    params: int
    macs: int
    ops: int
    memory_kib: float


def parts(rows: list[LayerRow]) -> list[Part]:
    """The network in a few rows: its stages, and what stands before, between and behind them."""
    grouped = [(name, list(group)) for name, group in groupby(rows, key=lambda row: _stage(row.path))]
    return [
        _part(name or _between(index, len(grouped)), group) for index, (name, group) in enumerate(grouped)
    ]


def _stage(path: str) -> str:
    return path.partition(".")[0] if "." in path else ""


def _between(index: int, count: int) -> str:
    return "stem" if index == 0 else "head" if index == count - 1 else "between"


def _part(name: str, rows: list[LayerRow]) -> Part:
    return Part(
        name=name,
        output=rows[-1].output,
        layers=sum(row.macs > 0 for row in rows),
        params=sum(row.params for row in rows),
        macs=sum(row.macs for row in rows),
        ops=sum(row.ops for row in rows),
        memory_kib=sum(row.memory_kib for row in rows),
    )


@dataclass(frozen=True)
class Share:
    """What all layers of one kind hold of the network's memory, parameters and ops, each from 0 to 1."""

    kind: str
    memory: float
    params: float
    ops: float


def shares(rows: list[LayerRow]) -> list[Share]:
    """Where memory, parameters and ops sit, by kind of layer, those with any of it; largest first."""
    kinds = dict.fromkeys(row.kind for row in rows)
    found = [
        Share(kind, *(_share(rows, kind, of) for of in ("memory_kib", "params", "ops"))) for kind in kinds
    ]
    return sorted(found, key=lambda share: -(share.memory + share.params + share.ops))


def _share(rows: list[LayerRow], kind: str, of: str) -> float:
    total = sum(getattr(row, of) for row in rows)
    return sum(getattr(row, of) for row in rows if row.kind == kind) / total if total else 0.0


def label(node: Node, index: int) -> str:
    """What a child is called inside its parent: `conv_1`, `mbconv_3`, `s[2]`."""
    if isinstance(node, Primitive):
        return f"{node.kind}_{index + 1}"
    scope = node.scope if isinstance(node, Container) else ""
    if scope.endswith("]"):
        return scope
    return f"{scope or type(node).__name__.lower()}_{index + 1}"


def _row(node: Node, path: str) -> LayerRow:
    memory = node.output.elements * 4 / 1024
    if not isinstance(node, Primitive):
        assert isinstance(node, Container)
        branches = f"{len(node.children)} branches" if len(node.children) > 1 else ""
        return LayerRow(path, _kind(node), branches, str(node.output), 0, 0, 0, 0, memory)
    price, usual = node.local(), signature(type(node))
    shown = {k: v for k, v in node.arguments.items() if usual[k].required or usual[k].default != v}
    return LayerRow(
        path=path,
        kind=node.kind,
        arguments=" ".join(f"{k}={v}" for k, v in shown.items()),
        output=str(node.output),
        params=price.params,
        macs=price.macs,
        ops=price.ops,
        activations=price.activations,
        memory_kib=memory,
    )
