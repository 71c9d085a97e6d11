"""Rectified linear unit, capped."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call


@PRIMITIVES.register("relu6", "min(max(x, 0), 6), as in MobileNet")
@dataclass(frozen=True, eq=False)
class Relu6(Primitive):
    """min(max(x, 0), 6); Howard et al. 2017, arXiv:1704.04861."""

    kind = "relu6"

    def local(self) -> Local:
        """No weights; autograd keeps the input."""
        return Local(pointwise=True, saves_input=True, keeps_zero=True)

    def torch(self) -> Call:
        """`nn.ReLU6`."""
        return call("nn.ReLU6")
