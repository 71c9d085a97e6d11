"""Deformable convolution in plain torch; Dai et al. 2017, arXiv:1703.06211."""

import torch
from torch import Tensor, nn


class DeformConv2d(nn.Conv2d):
    """A convolution of kernel k whose k² taps read the map at learned places.

    `offset` finds for each output pixel the rows, then the columns, by which the taps move, in
    pixels: (N, 2 k², H', W'). The taps read the map there, bilinearly and with zeros outside:
    (N, C k², H', W'). A 1x1 convolution with the layer's weights adds them up.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        self.offset = nn.Conv2d(in_channels, 2 * kernel_size**2, kernel_size, stride, padding, dilation)
        self.start()

    def start(self) -> None:
        """Offsets begin at zero: the layer begins as a plain convolution."""
        nn.init.zeros_(self.offset.weight)
        if self.offset.bias is not None:
            nn.init.zeros_(self.offset.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, out, H', W')."""
        offset = self.offset(x)
        # in float32 whatever x is: bfloat16 cannot tell two neighbouring pixels of 224 apart
        read = nn.functional.grid_sample(
            x.float(), self.places(offset, x), padding_mode="zeros", align_corners=False
        )
        taps = read.to(x.dtype).reshape(x.shape[0], -1, *offset.shape[2:])
        return nn.functional.conv2d(
            taps, self.weight.flatten(1)[:, :, None, None], self.bias, groups=self.groups
        )

    def places(self, offset: Tensor, x: Tensor) -> Tensor:
        """Where the taps read, as `grid_sample` counts (-1 to 1 over the map): (N, k² H', W', 2)."""
        kernel = self.kernel_size[0]
        down, across = offset.float().chunk(2, 1)  # (N, k², H', W') each
        height, width = x.shape[2:]
        tap = torch.arange(kernel, device=x.device) * self.dilation[0] - int(self.padding[0])
        rows = torch.arange(offset.shape[2], device=x.device) * self.stride[0]
        columns = torch.arange(offset.shape[3], device=x.device) * self.stride[0]
        row = (tap.repeat_interleave(kernel)[:, None, None] + rows[:, None]).float()  # (k², H', 1)
        column = (tap.repeat(kernel)[:, None, None] + columns).float()  # (k², 1, W')
        place = torch.stack([_scaled(across + column, width), _scaled(down + row, height)], -1)
        return place.flatten(1, 2)


def _scaled(pixel: Tensor, size: int) -> Tensor:
    """Pixel 0 … size - 1 as a place in -1 … 1, whose ends are the outer edges of the outer pixels."""
    return (pixel + 0.5) * (2 / size) - 1
