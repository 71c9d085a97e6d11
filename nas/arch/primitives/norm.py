"""Batch normalisation."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, unusual


@PRIMITIVES.register("norm", "batch normalisation with a learned scale and shift per channel")
@dataclass(frozen=True, eq=False)
class Norm(Primitive):
    """Ioffe & Szegedy 2015, arXiv:1502.03167."""

    kind = "norm"

    eps: float = argument(0, 1, default=1e-5)
    momentum: float = argument(0, 1, default=0.1)

    def local(self) -> Local:
        """A scale and a shift per channel; autograd keeps the input, the batch's mean and deviation."""
        channels = self.input.channels
        return Local(pointwise=True, params=2 * channels, saves_input=True, extra=2 * channels)

    def torch(self) -> Call:
        """`nn.BatchNorm2d`, or 1d on a flat vector."""
        extra = unusual(("eps", self.eps, 1e-5), ("momentum", self.momentum, 0.1))
        kind = "nn.BatchNorm2d" if self.input.size else "nn.BatchNorm1d"
        return call(kind, self.input.channels, **extra)
