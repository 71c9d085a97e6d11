"""Convolution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, unusual, windowed
from nas.arch.shape import Shape
from nas.errors import InfeasibleError


@PRIMITIVES.register("conv", "2-d convolution; padding keeps the size at stride 1 unless given")
@dataclass(frozen=True, eq=False)
class Conv(Primitive):
    """`out` filters of `kernel` x `kernel`, in `groups`; without bias unless asked for."""

    kind = "conv"

    out: int = argument()
    kernel: int = argument()
    stride: int = argument(default=1)
    padding: int | None = argument(0, default=None)
    groups: int = argument(default=1)
    dilation: int = argument(default=1)
    bias: bool = False

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """Channels become `out`."""
        groups, out, pad = args["groups"], args["out"], args["padding"]
        if x.channels % groups or out % groups:
            raise InfeasibleError(
                "groups do not divide channels", f"{groups} groups, {x.channels} to {out} channels"
            )
        if pad is None:
            pad = args["dilation"] * (args["kernel"] - 1) // 2
        return Shape(out, windowed(x, args["kernel"], args["stride"], pad, args["dilation"]))

    @property
    def pad(self) -> int:
        """Padding on each side, in pixels."""
        return self.dilation * (self.kernel - 1) // 2 if self.padding is None else self.padding

    def local(self) -> Local:
        """Every filter has channels / groups x kernel² weights; each is used once per output pixel."""
        volume = self.input.channels // self.groups * self.kernel**2
        outputs = self.output.elements
        return Local(
            params=self.out * (volume + self.bias),
            macs=outputs * volume,
            ops=outputs * (volume + self.bias),
            activations=outputs,
            counts=True,
            keeps_zero=not self.bias,
            window=self.dilation * (self.kernel - 1) + 1,
            stride=self.stride,
            saves_input=True,
        )

    def torch(self) -> Call:
        """`nn.Conv2d` with only those arguments that differ from its defaults."""
        extra = unusual(
            ("stride", self.stride, 1),
            ("padding", self.pad, 0),
            ("dilation", self.dilation, 1),
            ("groups", self.groups, 1),
            ("bias", self.bias, True),
        )
        return call("nn.Conv2d", self.input.channels, self.out, self.kernel, **extra)
