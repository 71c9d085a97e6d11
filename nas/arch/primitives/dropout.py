"""Dropout."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call


@PRIMITIVES.register("dropout", "zero each number with probability p while training")
@dataclass(frozen=True, eq=False)
class Dropout(Primitive):
    """Srivastava et al. 2014; the identity when not training."""

    kind = "dropout"

    p: float = argument(0, 0.999, default=0.5)

    @property
    def does_nothing(self) -> bool:
        """Nothing is ever dropped."""
        return self.p == 0

    def local(self) -> Local:
        """Autograd keeps the mask, as numbers."""
        extra = 0 if self.does_nothing else self.output.elements
        return Local(extra=extra, alias=self.does_nothing, keeps_zero=True, random=True)

    def torch(self) -> Call:
        """`nn.Dropout`."""
        return call("nn.Dropout", self.p)
