"""Flatten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, call
from nas.arch.shape import Shape


@PRIMITIVES.register("flatten", "a map as one flat vector")
@dataclass(frozen=True, eq=False)
class Flatten(Primitive):
    """Channels first, then rows, then columns."""

    kind = "flatten"

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """One long vector."""
        return Shape(x.elements)

    def local(self) -> Local:
        """Free: the same memory, read in another way."""
        return Local(sees_all=True, alias=True, keeps_zero=True, linear=True)

    def torch(self) -> Call:
        """`nn.Flatten`."""
        return call("nn.Flatten")
