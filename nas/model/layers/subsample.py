"""Subsampling."""

from torch import Tensor, nn


class Subsample(nn.Module):
    """Every stride-th pixel: (N, C, H, W) to (N, C, ceil(H / stride), ceil(W / stride))."""

    def __init__(self, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """A view of `x`."""
        return x[:, :, :: self.stride, :: self.stride]
