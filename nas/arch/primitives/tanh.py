"""Hyperbolic tangent."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call


@PRIMITIVES.register("tanh", "hyperbolic tangent, as in LeNet")
@dataclass(frozen=True, eq=False)
class Tanh(Primitive):
    """tanh(x), elementwise."""

    kind = "tanh"

    def local(self) -> Local:
        """No weights; autograd keeps the output."""
        return Local(pointwise=True, saves_output=True, keeps_zero=True)

    def torch(self) -> Call:
        """`nn.Tanh`."""
        return call("nn.Tanh")
