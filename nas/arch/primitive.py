"""What every primitive layer says of itself, and the registry of them.

A primitive is one file in `nas/arch/primitives`: a frozen dataclass of its arguments with three
methods. `shape` is the output's shape, `local` its prices, `torch` the module as a call; pricing,
building, exporting and drawing need nothing else.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple

from nas.arch.graph import Node
from nas.arch.shape import Shape
from nas.errors import InfeasibleError
from nas.registry import Registry

MAX_ARGUMENT = 10_000_000
"""Largest integer that a layer's argument may be: far beyond use, far below trouble."""


class Local(NamedTuple):
    """The price of one layer, of one image where it depends on the image.

    `activations` are the output's elements of convolutions, windowed pools and linear layers, and 0
    elsewhere (as the RegNet papers count, arXiv:2003.13678). `saves_input`, `saves_output` and
    `extra` (elements of 4 bytes) say what autograd keeps for the backward pass. `window` and
    `stride` widen the receptive field; a layer that `sees_all` ends it.
    """

    params: int = 0
    macs: int = 0
    ops: int = 0
    """Textbook operations: output elements x (kernel volume + bias)."""
    activations: int = 0
    counts: bool = False
    """A convolution or linear layer, one of the network's `layers`."""
    window: int = 1
    stride: int = 1
    sees_all: bool = False
    saves_input: bool = False
    saves_output: bool = False
    extra: int = 0
    alias: bool = False
    """The output shares the input's memory."""
    random: bool = False
    """Training it twice on the same value gives two results."""
    linear: bool = False
    """The sum of two values gives the sum of their results."""
    pointwise: bool = False
    """Treats all places of a channel alike."""
    levels: bool = False
    """A map that is constant in each channel comes out as it went in."""
    keeps_zero: bool = False
    """Zeros in give zeros out, so that a cut edge stays cut behind this layer."""


class Call(NamedTuple):
    """A torch module as data: `name` is `nn.X` of torch, or a class of `nas.model.layers`."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        parts = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs]
        return f"{self.name}({', '.join(parts)})"


def call(name: str, *args: Any, **kwargs: Any) -> Call:
    """`Call` written as the call it stands for."""
    return Call(name, args, tuple(kwargs.items()))


def unusual(*arguments: tuple[str, Any, Any]) -> dict[str, Any]:
    """Of (name, value, usual value), those that a call has to say."""
    return {name: value for name, value, usual in arguments if value != usual}


def argument(low: float = 1, high: float = MAX_ARGUMENT, default: Any = MISSING) -> Any:
    """A numeric argument of a layer within [low, high]."""
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, eq=False)
class Primitive(Node):
    """A layer. Subclasses add their arguments as fields and the three methods below."""

    kind: ClassVar[str]

    def local(self) -> Local:
        """The layer's price."""
        return Local()

    def torch(self) -> Call:
        """The layer as a torch module."""
        raise NotImplementedError

    @property
    def does_nothing(self) -> bool:
        """With these arguments the layer is the identity, while training too."""
        return False

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """The output's shape for an input of shape `x`; `InfeasibleError` if there is none."""
        return x

    @property
    def arguments(self) -> dict[str, Any]:
        """The layer's own arguments by name."""
        return {name: getattr(self, name) for name in signature(type(self))}


PRIMITIVES: Registry[type[Primitive]] = Registry("primitive", "nas.arch.primitives", "nas.primitives")


class Argument(NamedTuple):
    """One argument of a primitive as the language sees it."""

    type: str
    required: bool
    default: Any
    low: float
    high: float


_SIGNATURES: dict[str, dict[str, Argument]] = {}


def signature(kind: type[Primitive]) -> dict[str, Argument]:
    """The arguments of a kind of primitive in order, read off its fields."""
    if kind.kind not in _SIGNATURES:
        base = {f.name for f in fields(Primitive)}
        _SIGNATURES[kind.kind] = {f.name: _argument(f) for f in fields(kind) if f.name not in base}
    return _SIGNATURES[kind.kind]


def _argument(spec: Field[Any]) -> Argument:
    low, high = spec.metadata.get("low", 0), spec.metadata.get("high", 0)
    name = getattr(spec.type, "__name__", str(spec.type))
    return Argument(name, spec.default is MISSING, spec.default, low, high)


def place(kind: type[Primitive], x: Shape, args: dict[str, Any]) -> Primitive:
    """A layer of `kind` after a value of shape `x`; `args` are checked and completed in place.

    Raises:
        TypeError: an argument is of the wrong type.
        InfeasibleError: an argument is out of range, or the layer cannot follow that shape.
    """
    for name, spec in signature(kind).items():
        if name not in args:
            args[name] = spec.default
        else:
            args[name] = _checked(kind, name, spec, args[name])
    return kind(x, kind.shape(x, args), **args)


def _checked(kind: type[Primitive], name: str, spec: Argument, value: Any) -> Any:
    if spec.type.startswith("int"):
        if value is None and spec.type.endswith("None"):
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            advice = "an expression begins with =" if isinstance(value, str) else "round it first"
            raise TypeError(f"{name} of {kind.kind} must be a whole number, not {value!r}: {advice}")
    elif spec.type == "float":
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError(f"{name} of {kind.kind} must be a number, not {value!r}")
    elif type(value).__name__ != spec.type:
        raise TypeError(f"{name} of {kind.kind} must be a {spec.type}, not {value!r}")
    else:
        return value
    if not spec.low <= value <= spec.high:
        allowed = f"from {spec.low:g} to {spec.high:g}"
        raise InfeasibleError(f"{name} of {kind.kind} out of range", f"{value!r} is not {allowed}")
    return value


def windowed(x: Shape, kernel: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False) -> int:
    """The size of a map after a sliding window.

    Raises:
        InfeasibleError: the value has no map, or the window is larger than the padded map.
    """
    if not x.size:
        raise InfeasibleError("a window over a flat vector", f"kernel {kernel} after {x}")
    span = x.size + 2 * padding - dilation * (kernel - 1) - 1
    if span < 0:
        raise InfeasibleError("kernel larger than its map", f"kernel {kernel} on {x} with padding {padding}")
    size = -(-span // stride) if ceil else span // stride
    if ceil and size * stride >= x.size + padding:  # torch drops a window that starts in the padding
        size -= 1
    return size + 1
