"""Logistic function."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call


@PRIMITIVES.register("sigmoid", "1 / (1 + exp(-x)), the usual gate")
@dataclass(frozen=True, eq=False)
class Sigmoid(Primitive):
    """1 / (1 + exp(−x)), elementwise."""

    kind = "sigmoid"

    def local(self) -> Local:
        """No weights; autograd keeps the output."""
        return Local(pointwise=True, saves_output=True)

    def torch(self) -> Call:
        """`nn.Sigmoid`."""
        return call("nn.Sigmoid")
