"""Local response normalisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call
from nas.arch.shape import Shape
from nas.errors import InfeasibleError


@PRIMITIVES.register(
    "lrn", "local response normalisation: each channel against its neighbours, as in AlexNet"
)
@dataclass(frozen=True, eq=False)
class Lrn(Primitive):
    """x / (k + alpha * mean of x² over `size` neighbouring channels)^beta; Krizhevsky et al. 2012.

    The mean, not the sum, as torch has it: the paper's alpha of 1e-4 over 5 channels is 5e-4 here.
    """

    kind = "lrn"

    size: int = argument(default=5)
    alpha: float = argument(0, 1e6, default=1e-4)
    beta: float = argument(0, 100, default=0.75)
    k: float = argument(1e-6, 1e6, default=1.0)

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """A map stays as it is."""
        if not x.size:
            raise InfeasibleError("lrn on a flat vector", str(x))
        return x

    def local(self) -> Local:
        """Autograd keeps the input, its padded squares, and the divisor before and after the power."""
        padding = (self.size - 1) * self.input.size**2
        return Local(saves_input=True, extra=3 * self.input.elements + padding, keeps_zero=True)

    def torch(self) -> Call:
        """`nn.LocalResponseNorm` with only those arguments that differ from its defaults."""
        usual = {"alpha": 1e-4, "beta": 0.75, "k": 1.0}
        extra = {name: getattr(self, name) for name, value in usual.items() if getattr(self, name) != value}
        return call("nn.LocalResponseNorm", self.size, **extra)
