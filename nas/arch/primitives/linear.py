"""Fully connected layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call
from nas.arch.shape import Shape
from nas.errors import InfeasibleError


@PRIMITIVES.register("linear", "fully connected layer on a flat vector; with bias unless told otherwise")
@dataclass(frozen=True, eq=False)
class Linear(Primitive):
    """`out` weighted sums of the whole vector."""

    kind = "linear"

    out: int = argument()
    bias: bool = True

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """`out` numbers; only after a flat vector."""
        if x.size:
            raise InfeasibleError("a linear layer on a map", f"{x}: put flatten or global_avg_pool before it")
        return Shape(args["out"])

    def local(self) -> Local:
        """One weight per pair of input and output."""
        weights = self.input.channels * self.out
        return Local(
            params=weights + self.bias * self.out,
            macs=weights,
            ops=weights + self.bias * self.out,
            activations=self.out,
            counts=True,
            keeps_zero=not self.bias,
            sees_all=True,
            saves_input=True,
        )

    def torch(self) -> Call:
        """`nn.Linear`."""
        if self.bias:
            return call("nn.Linear", self.input.channels, self.out)
        return call("nn.Linear", self.input.channels, self.out, bias=False)
