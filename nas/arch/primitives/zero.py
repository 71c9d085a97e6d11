"""No connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, windowed
from nas.arch.shape import Shape


@PRIMITIVES.register("zero", "zeros in the shape of the value: an edge that is not there")
@dataclass(frozen=True, eq=False)
class Zero(Primitive):
    """The `none` edge of NAS-Bench-201, arXiv:2001.00326; `stride` shrinks the map."""

    kind = "zero"

    stride: int = argument(default=1)

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """The same channels, the map at `stride`."""
        return x if args["stride"] == 1 else Shape(x.channels, windowed(x, 1, args["stride"], 0))

    def local(self) -> Local:
        """Nothing."""
        return Local(stride=self.stride, keeps_zero=True)

    def torch(self) -> Call:
        """`Zero`: zeros that no gradient passes."""
        return call("Zero", self.stride)
