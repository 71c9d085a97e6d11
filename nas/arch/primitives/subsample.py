"""Subsampling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, windowed
from nas.arch.shape import Shape


@PRIMITIVES.register("subsample", "every stride-th pixel, as it is: a shortcut without weights")
@dataclass(frozen=True, eq=False)
class Subsample(Primitive):
    """The shortcut "option A" of He et al. 2015, arXiv:1512.03385, before zeros widen it."""

    kind = "subsample"

    stride: int = argument(default=1)

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """The same channels, the map at `stride`."""
        return x if args["stride"] == 1 else Shape(x.channels, windowed(x, 1, args["stride"], 0))

    @property
    def does_nothing(self) -> bool:
        """Every pixel is kept."""
        return self.stride == 1

    def local(self) -> Local:
        """Free: the same memory, read in steps."""
        return Local(stride=self.stride, alias=True, keeps_zero=True, linear=True)

    def torch(self) -> Call:
        """`Subsample`."""
        return call("Subsample", self.stride)
