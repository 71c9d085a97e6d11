"""Max pooling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, unusual, windowed
from nas.arch.shape import Shape


@PRIMITIVES.register("max_pool", "largest value of each window; ceil keeps a last partial window")
@dataclass(frozen=True, eq=False)
class MaxPool(Primitive):
    """Windows of `kernel` x `kernel` every `stride` pixels (default: every kernel pixels)."""

    kind = "max_pool"

    kernel: int = argument()
    stride: int | None = argument(default=None)
    padding: int = argument(0, default=0)
    ceil: bool = False

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """The map shrinks, the channels stay."""
        stride = args["stride"] or args["kernel"]
        return Shape(x.channels, windowed(x, args["kernel"], stride, args["padding"], ceil=args["ceil"]))

    def local(self) -> Local:
        """Autograd keeps the input and where each maximum was (8 bytes an output)."""
        outputs = self.output.elements
        return Local(
            keeps_zero=True,
            levels=True,
            ops=outputs * self.kernel**2,
            activations=outputs,
            window=self.kernel,
            stride=self.stride or self.kernel,
            saves_input=True,
            extra=2 * outputs,
        )

    def torch(self) -> Call:
        """`nn.MaxPool2d`."""
        extra = unusual(
            ("stride", self.stride or self.kernel, self.kernel),
            ("padding", self.padding, 0),
            ("ceil_mode", self.ceil, False),
        )
        return call("nn.MaxPool2d", self.kernel, **extra)
