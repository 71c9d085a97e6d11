"""No connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, windowed
from nas.arch.shape import Shape


@PRIMITIVES.register("zero", "zeros in the shape of the value: an edge that is not there")
@dataclass(frozen=True, eq=False)
class Zero(Primitive):
    """The `none` edge of NAS-Bench-201, arXiv:2001.00326; `stride` shrinks the map, `out` gives
    another number of channels: beside a narrow value in a concat they widen it.
    """

    kind = "zero"

    stride: int = argument(default=1)
    out: int | None = argument(default=None)

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """`out` channels or as many as come in, the map at `stride`."""
        size = x.size if args["stride"] == 1 else windowed(x, 1, args["stride"], 0)
        return Shape(args["out"] or x.channels, size)

    def local(self) -> Local:
        """Nothing."""
        return Local(stride=self.stride, keeps_zero=True)

    def torch(self) -> Call:
        """`Zero`: zeros that no gradient passes."""
        extra = {} if self.out is None else {"out": self.out}
        return call("Zero", self.stride, **extra)
