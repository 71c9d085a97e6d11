"""The layer table: one row per primitive layer, in the exact and in the textbook convention."""

from collections.abc import Iterator
from dataclasses import dataclass

from nas.arch.graph import Aux, Container, Mark, Node
from nas.arch.primitive import Primitive, signature


@dataclass(frozen=True)
class LayerRow:
    """One layer of a network.

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
    """The rows of all layers in the order in which data meets them; auxiliary heads are left out."""
    return list(_rows(root, ""))


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


def _rows(node: Node, path: str) -> Iterator[LayerRow]:
    if isinstance(node, Primitive):
        yield _row(node, path)
    elif isinstance(node, Container) and not isinstance(node, Aux):
        numbered = [child for child in node.children if not isinstance(child, Mark)]
        for index, child in enumerate(numbered):
            yield from _rows(child, f"{path}.{label(child, index)}" if path else label(child, index))


def label(node: Node, index: int) -> str:
    """What a child is called inside its parent: `conv_1`, `mbconv_3`, `s[2]`."""
    if isinstance(node, Primitive):
        return f"{node.kind}_{index + 1}"
    scope = node.scope if isinstance(node, Container) else ""
    if scope.endswith("]"):
        return scope
    return f"{scope or type(node).__name__.lower()}_{index + 1}"


def _row(layer: Primitive, path: str) -> LayerRow:
    price = layer.local()
    usual = signature(type(layer))
    shown = {k: v for k, v in layer.arguments.items() if usual[k].required or usual[k].default != v}
    return LayerRow(
        path=path,
        kind=layer.kind,
        arguments=" ".join(f"{k}={v}" for k, v in shown.items()),
        output=str(layer.output),
        params=price.params,
        macs=price.macs,
        ops=price.ops,
        activations=price.activations,
        memory_kib=layer.output.elements * 4 / 1024,
    )
