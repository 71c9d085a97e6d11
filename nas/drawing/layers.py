"""Layers in words, and runs of layers that are drawn as one: a convolution with its norm and activation."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import Primitive, signature
from nas.arch.shape import Shape
from nas.drawing.text import si

KINDS = {
    "conv": "convolution",
    "pool": "pool",
    "linear": "linear",
    "block": "block",
    "other": "other",
    "zero": "zeros",
}
"""Kinds of pieces, each with a colour (`nas-KIND`), and what they are called."""


def kind_of(layer: Primitive) -> str:
    """The colour of a layer, from its price: so a primitive of somebody else has one too.

    `other` are those that only accompany: activations, norms, dropout.
    """
    price = layer.local()
    if layer.kind == "zero":
        return "zero"
    if price.counts:
        return "conv" if layer.input.size else "linear"
    shrinks = layer.output.elements != layer.input.elements
    return "pool" if shrinks or price.window > 1 else "other"


def _window(layer: Any) -> str:
    kernel, stride = layer.kernel, getattr(layer, "stride", 1) or layer.kernel
    size = f" {kernel}×{kernel}" if kernel else ""
    return f"{size} /{stride}" if stride > 1 else size


def _conv(layer: Any) -> str:
    if layer.groups > 1 and layer.groups == layer.input.channels:
        return f"depthwise{_window(layer)}"
    groups = f" in {layer.groups}" if layer.groups > 1 else ""
    return f"conv{_window(layer)}{groups}{f' dilated {layer.dilation}' if layer.dilation > 1 else ''}"


_NAMES: dict[str, Callable[[Any], str]] = {
    "conv": _conv,
    "max_pool": lambda layer: f"max pool{_window(layer)}",
    "avg_pool": lambda layer: f"avg pool{_window(layer)}",
    "global_avg_pool": lambda layer: "global pool",
    "linear": lambda layer: f"linear {layer.out}",
    "subsample": lambda layer: f"every {layer.stride}",
    "dropout": lambda layer: f"dropout {layer.p:g}",
    "drop_path": lambda layer: "drop path",
}
"""Short names of those layers that are drawn most; any other is called by its kind, with its window."""


def name_of(layer: Primitive) -> str:
    """A layer in a few characters: `conv 3×3 /2`."""
    if layer.kind in _NAMES:
        return _NAMES[layer.kind](layer)
    kernel = getattr(layer, "kernel", None)
    return layer.kind.replace("_", " ") + (_window(layer) if isinstance(kernel, int) else "")


def shape_of(shape: Shape) -> str:
    """`64×28×28`, or `1000` of a vector."""
    return str(shape).replace("x", "×")


def told(layer: Primitive) -> str:
    """One layer with its numbers, as a line."""
    price, usual = layer.local(), signature(type(layer))
    shown = {k: v for k, v in layer.arguments.items() if usual[k].required or usual[k].default != v}
    arguments = "".join(f" {k}={v}" for k, v in shown.items())
    costs = f", {price.params:,} params" if price.params else ""
    costs += f", {si(price.macs)} macs" if price.macs else ""
    return f"{layer.kind}{arguments}: {shape_of(layer.output)}{costs}"


@dataclass(frozen=True)
class Run:
    """Layers one after the other, drawn as one piece: at most one main layer with those beside it."""

    layers: tuple[Primitive, ...]
    main: Primitive | None

    @property
    def kind(self) -> str:
        """Its colour."""
        return kind_of(self.main) if self.main is not None else "other"

    @property
    def name(self) -> str:
        """The main layer in a few characters; all of them if there is none."""
        return name_of(self.main) if self.main is not None else " · ".join(map(name_of, self.layers))

    @property
    def before(self) -> str:
        """What stands before the main layer."""
        return " · ".join(map(name_of, self.layers[: self._at]))

    @property
    def after(self) -> str:
        """What stands behind the main layer."""
        return " · ".join(map(name_of, self.layers[self._at + 1 :])) if self.main is not None else ""

    @property
    def _at(self) -> int:
        return self.layers.index(self.main) if self.main is not None else 0

    @property
    def output(self) -> Shape:
        """The shape behind it."""
        return self.layers[-1].output

    @property
    def params(self) -> int:
        """Of all its layers."""
        return sum(layer.local().params for layer in self.layers)

    @property
    def macs(self) -> int:
        """Of all its layers."""
        return sum(layer.local().macs for layer in self.layers)


def runs(layers: Iterable[Primitive]) -> Iterator[Run]:
    """The runs of a row of layers: what accompanies goes with the main layer before it, if there is one."""
    gathered: list[Primitive] = []
    main: Primitive | None = None
    for layer in layers:
        if kind_of(layer) != "other":
            if main is not None:
                yield Run(tuple(gathered), main)
                gathered = []
            main = layer
        gathered.append(layer)
    if gathered:
        yield Run(tuple(gathered), main)
