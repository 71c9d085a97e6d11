"""Global average pooling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call
from nas.arch.shape import Shape
from nas.errors import InfeasibleError


@PRIMITIVES.register("global_avg_pool", "the mean of each channel's whole map, as a flat vector")
@dataclass(frozen=True, eq=False)
class GlobalAvgPool(Primitive):
    """Lin et al. 2013, arXiv:1312.4400."""

    kind = "global_avg_pool"

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """One number per channel."""
        if not x.size:
            raise InfeasibleError("a global pool on a flat vector", str(x))
        return Shape(x.channels)

    def local(self) -> Local:
        """Free but for the sums; autograd keeps only the shape."""
        return Local(sees_all=True, ops=self.input.elements, keeps_zero=True, linear=True)

    def torch(self) -> Call:
        """`GlobalAvgPool`: the mean over rows and columns."""
        return call("GlobalAvgPool")
