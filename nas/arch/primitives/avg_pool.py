"""Average pooling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, unusual, windowed
from nas.arch.shape import Shape


@PRIMITIVES.register("avg_pool", "mean of each window; padding does not count into the mean")
@dataclass(frozen=True, eq=False)
class AvgPool(Primitive):
    """Windows of `kernel` x `kernel` every `stride` pixels (default: every kernel pixels)."""

    kind = "avg_pool"

    kernel: int = argument()
    stride: int | None = argument(default=None)
    padding: int = argument(0, default=0)

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """The map shrinks, the channels stay."""
        stride = args["stride"] or args["kernel"]
        return Shape(x.channels, windowed(x, args["kernel"], stride, args["padding"]))

    def local(self) -> Local:
        """Autograd keeps the input."""
        outputs = self.output.elements
        return Local(
            keeps_zero=True,
            levels=True,
            linear=True,
            ops=outputs * self.kernel**2,
            activations=outputs,
            window=self.kernel,
            stride=self.stride or self.kernel,
            saves_input=True,
        )

    def torch(self) -> Call:
        """`nn.AvgPool2d`."""
        extra = unusual(
            ("stride", self.stride or self.kernel, self.kernel),
            ("padding", self.padding, 0),
            ("count_include_pad", not self.padding, True),
        )
        return call("nn.AvgPool2d", self.kernel, **extra)
