"""Mixing the images of a batch in pairs, and the loss of mixed labels.

Legend: B images of a batch, C channels, H height, W width, K classes.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from workers.recipe import Recipe
from workers.train.randomness import Purpose, seed_of


@dataclass(frozen=True)
class Targets:
    """Labels (B,) with the weight `share`, `other` labels (B,) with the rest."""

    labels: Tensor
    other: Tensor | None = None
    share: float = 1.0

    def part(self, index: slice) -> "Targets":
        """The targets of some images of the batch."""
        return Targets(self.labels[index], None if self.other is None else self.other[index], self.share)

    def loss(self, logits: Tensor, label_smoothing: float) -> Tensor:
        """Mean cross entropy of (B, K) logits with both labels, each by its weight."""
        loss = F.cross_entropy(logits.float(), self.labels, label_smoothing=label_smoothing)
        if self.other is None:
            return loss
        rest = F.cross_entropy(logits.float(), self.other, label_smoothing=label_smoothing)
        return self.share * loss + (1 - self.share) * rest


def mix(x: Tensor, y: Tensor, recipe: Recipe, seed: int, step: int) -> tuple[Tensor, Targets]:
    """Images (B, C, H, W) mixed by the recipe, with their targets; depends on seed and step only.

    mixup blends whole images (Zhang et al., arXiv:1710.09412), cutmix pastes a rectangle (Yun et al.,
    arXiv:1905.04899). With both, each batch gets one of them. Partners are the batch turned round, as
    the batch is in random order already.
    """
    if not (recipe.mixup or recipe.cutmix):
        return x, Targets(y)
    rng = np.random.default_rng(seed_of(seed, Purpose.MIX, step))
    cut = bool(recipe.cutmix) and (not recipe.mixup or rng.random() < 0.5)
    alpha = recipe.cutmix if cut else recipe.mixup
    share = float(rng.beta(alpha, alpha))
    if cut:
        mixed, share = _pasted(x, share, rng)
    else:
        mixed = torch.lerp(x.flip(0), x, share)
    return mixed.contiguous(memory_format=torch.channels_last), Targets(y, y.flip(0), share)


def _pasted(x: Tensor, share: float, rng: np.random.Generator) -> tuple[Tensor, float]:
    """A rectangle of about 1 - share of the area from the partner; the share is the one that remains."""
    height, width = x.shape[-2:]
    half = math.sqrt(1 - share) / 2
    row, column = rng.integers(height), rng.integers(width)
    top, bottom = max(0, round(row - half * height)), min(height, round(row + half * height))
    left, right = max(0, round(column - half * width)), min(width, round(column + half * width))
    mixed = x.clone()
    mixed[..., top:bottom, left:right] = x.flip(0)[..., top:bottom, left:right]
    return mixed, 1 - (bottom - top) * (right - left) / (height * width)
