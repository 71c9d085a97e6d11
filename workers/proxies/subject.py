"""What a proxy looks at: networks with fresh weights, and a batch of images.

Legend: N images of a batch, C channels, H = W = the architecture's input size.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from nas.records import Evaluation
from workers.proxies.images import batch_of

if TYPE_CHECKING:  # a driver that looks a name up does not pay for torch
    import torch
    from torch import Tensor

    from nas.model import Network

IMAGES = 64
"""Images of a batch. With 32, 64 and 128 `naswot` ranks cells of NAS-Bench-201 alike: 0.82 to 0.83."""


class Subject:
    """An evaluation as proxies see it."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.request = evaluation.request
        self.architecture = evaluation.architecture

    @cached_property
    def device(self) -> "torch.device":
        """A GPU if there is one."""
        import torch

        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def network(self) -> "Network":
        """The network as it begins, its weights drawn anew: without auxiliary heads, no dropout.

        Norms use the statistics of the batch: those they collect are not there yet.
        """
        import torch
        from torch.nn.modules.batchnorm import _BatchNorm

        from nas.model import build_model

        model = build_model(self.architecture)
        for module in model.modules():
            if isinstance(module, _BatchNorm):
                module.train()
        return model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]

    def batch(self, count: int = IMAGES) -> "tuple[Tensor, Tensor]":
        """`count` normalised training images (N, C, H, W) and labels (N,), the same for every network."""
        x, y = batch_of(self.request.data, self.architecture.input, count)
        return x.to(self.device), y.to(self.device)

    def noise(self, count: int) -> "Tensor":
        """Images of standard normal pixels (N, C, H, W)."""
        import torch

        given = self.architecture.input
        return torch.randn(count, given.channels, given.size, given.size).to(self.device)
