"""Deformable convolution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.arch.primitive import PRIMITIVES, Call, Local, Primitive, argument, call, unusual
from nas.arch.primitives.conv import Conv
from nas.arch.shape import Shape


@PRIMITIVES.register("deform_conv", "convolution whose taps move: a second convolution says where to look")
@dataclass(frozen=True, eq=False)
class DeformConv(Primitive):
    """Each tap of the kernel reads the map at its place plus an offset; Dai et al. 2017, arXiv:1703.06211.

    A plain convolution of the same kernel, stride and padding, with bias, finds two offsets (rows,
    columns) for each of the kernel² taps of each output pixel. They begin at zero, so that a new
    layer is the plain convolution. Between pixels the map is read bilinearly; outside it is zero.
    """

    kind = "deform_conv"

    out: int = argument()
    kernel: int = argument()
    stride: int = argument(default=1)
    padding: int | None = argument(0, default=None)
    groups: int = argument(default=1)
    dilation: int = argument(default=1)
    bias: bool = False

    @classmethod
    def shape(cls, x: Shape, args: Mapping[str, Any]) -> Shape:
        """That of the plain convolution."""
        return Conv.shape(x, args)

    @property
    def pad(self) -> int:
        """Padding on each side, in pixels."""
        return self.dilation * (self.kernel - 1) // 2 if self.padding is None else self.padding

    def local(self) -> Local:
        """Two convolutions. Autograd keeps the input, the places (2 a tap) and what is read there.

        The receptive field is that of the plain convolution: offsets are learned and not bounded.
        """
        taps, channels = self.kernel**2, self.input.channels
        volume, seen = channels // self.groups * taps, channels * taps
        outputs, pixels = self.output.elements, self.output.size**2
        offsets = 2 * taps * pixels
        return Local(
            params=self.out * (volume + self.bias) + 2 * taps * (seen + 1),
            macs=outputs * volume + offsets * seen,
            ops=outputs * (volume + self.bias) + offsets * (seen + 1),
            activations=outputs + offsets,
            counts=True,
            keeps_zero=not self.bias,
            window=self.dilation * (self.kernel - 1) + 1,
            stride=self.stride,
            saves_input=True,
            extra=offsets + seen * pixels,
        )

    def torch(self) -> Call:
        """`DeformConv2d` with only those arguments that differ from those of `nn.Conv2d`."""
        extra = unusual(
            ("stride", self.stride, 1),
            ("padding", self.pad, 0),
            ("dilation", self.dilation, 1),
            ("groups", self.groups, 1),
            ("bias", self.bias, True),
        )
        return call("DeformConv2d", self.input.channels, self.out, self.kernel, **extra)
