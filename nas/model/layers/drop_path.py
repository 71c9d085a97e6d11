"""Stochastic depth."""

from torch import Tensor, nn


class DropPath(nn.Module):
    """Sets whole images of a batch to zero with probability p, and scales the others by 1 / (1 - p)."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """`x` as it came, when not training."""
        if not self.training or self.p == 0:
            return x
        keep = x.new_empty((x.shape[0],) + (1,) * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * (keep / (1 - self.p))
