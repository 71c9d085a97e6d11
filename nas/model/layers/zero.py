"""No connection."""

from torch import Tensor, nn


class Zero(nn.Module):
    """Zeros in the shape of the value, its map taken at every `stride`-th pixel; `out` channels if given."""

    def __init__(self, stride: int = 1, out: int | None = None) -> None:
        super().__init__()
        self.stride, self.out = stride, out

    def forward(self, x: Tensor) -> Tensor:
        """Zeros: (N, C, H, W) to (N, out or C, ceil(H / stride), ceil(W / stride))."""
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        return x.new_zeros((x.shape[0], self.out or x.shape[1], *x.shape[2:]))
