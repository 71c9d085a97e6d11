"""Sigmoid linear unit."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call


@PRIMITIVES.register("silu", "x * sigmoid(x), also called swish")
@dataclass(frozen=True, eq=False)
class Silu(Primitive):
    """x · sigmoid(x); Ramachandran et al. 2017, arXiv:1710.05941."""

    kind = "silu"

    def local(self) -> Local:
        """No weights; autograd keeps the input."""
        return Local(pointwise=True, saves_input=True, keeps_zero=True)

    def torch(self) -> Call:
        """`nn.SiLU`."""
        return call("nn.SiLU")
