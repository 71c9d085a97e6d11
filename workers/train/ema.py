"""An exponential moving average of the weights, by which a network is validated and kept."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Ema:
    """average <- d average + (1 - d) weights after each step, with d rising to `decay`.

    d = min(decay, (1 + step) / (10 + step)), so that a short training does not average over its start
    (as in TensorFlow's ExponentialMovingAverage). Parameters and the statistics of norms are averaged,
    counters are copied. Source: Polyak & Juditsky, 1992; as in EfficientNet, arXiv:1905.11946.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self._live = {name: t for name, t in model.state_dict().items() if t.is_floating_point()}
        self.average = {name: tensor.detach().clone() for name, tensor in self._live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after `step` steps (from 1)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self.average.values()), list(self._live.values()), 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the network has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, live in self._live.items():
            kept = live.clone()
            live.copy_(self.average[name])
            self.average[name].copy_(kept)

    def load(self, average: Mapping[str, Tensor]) -> None:
        """Go on from an earlier `average`; what is not averaged may be among it."""
        for name, tensor in average.items():
            if name in self.average:
                self.average[name].copy_(tensor)
