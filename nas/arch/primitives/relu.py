"""Rectified linear unit."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call


@PRIMITIVES.register("relu", "max(x, 0)")
@dataclass(frozen=True, eq=False)
class Relu(Primitive):
    """max(x, 0), elementwise."""

    kind = "relu"

    def local(self) -> Local:
        """No weights; autograd keeps the output."""
        return Local(pointwise=True, saves_output=True, keeps_zero=True)

    def torch(self) -> Call:
        """`nn.ReLU`."""
        return call("nn.ReLU")
