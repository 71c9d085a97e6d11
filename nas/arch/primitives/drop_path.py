"""Stochastic depth."""

from dataclasses import dataclass

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call


@PRIMITIVES.register("drop_path", "drop the whole branch of an image with probability p while training")
@dataclass(frozen=True, eq=False)
class DropPath(Primitive):
    """Huang et al. 2016, arXiv:1603.09382; the identity when not training. Put it last in a branch."""

    kind = "drop_path"

    p: float = argument(0, 0.999, default=0.1)

    @property
    def does_nothing(self) -> bool:
        """Nothing is ever dropped."""
        return self.p == 0

    def local(self) -> Local:
        """Autograd keeps one number for each image."""
        return Local(extra=int(not self.does_nothing), alias=self.does_nothing, keeps_zero=True, random=True)

    def torch(self) -> Call:
        """`DropPath`."""
        return call("DropPath", self.p)
