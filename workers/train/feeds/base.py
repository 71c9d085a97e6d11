"""What a training gets its batches from, and what all feeds share: order, seeds, whole batches.

Batch k of epoch e depends on the seed, e and k alone: an epoch that is begun at k gives what is left of
the undisturbed one, bit for bit, whatever the number of processes that load it.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from workers.recipe import Recipe, refuse_large
from workers.train.randomness import Purpose, generator, seed_of

Batch = tuple[Tensor, Tensor]
"""Images (B, C, H, W) of float32, normalised, channels last in memory; and labels (B,)."""

AUGMENTATION, REGIONS = 0, 1
"""What the random numbers of one step are for: two streams that never meet."""


class Sizes(NamedTuple):
    """Images of each part."""

    train: int
    valid: int
    test: int


class Feed(Protocol):
    """Batches on the device. One iterator at a time: beginning another ends the one before."""

    seed: int

    @property
    def sizes(self) -> Sizes:
        """Images of each part."""
        ...

    @property
    def steps(self) -> int:
        """Steps of an epoch: whole batches only, so that every step has one shape."""
        ...

    def epoch(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Augmented training batches of an epoch, from step `first` on."""
        ...

    def validation(self, batch: int) -> Iterator[Batch]:
        """All validation images in order, not augmented."""
        ...

    def test(self, batch: int) -> Iterator[Batch]:
        """All test images in order, not augmented."""
        ...

    def close(self) -> None:
        """End its processes, if it has any."""
        ...


def steps_of(sizes: Sizes, recipe: Recipe) -> int:
    """Whole batches of an epoch; raises `RecipeError` if there is none."""
    refuse_large(recipe.batch, sizes.train)
    return sizes.train // recipe.batch


def order_of(count: int, seed: int, epoch: int) -> Tensor:
    """(N,) the order of the training images in an epoch."""
    return torch.randperm(count, generator=generator(seed, Purpose.ORDER, epoch))


def step_seed(seed: int, epoch: int, step: int, purpose: int) -> tuple[int, ...]:
    """Seed of the random numbers of one step of one epoch."""
    return seed_of(seed, Purpose.AUGMENT, epoch), step, purpose


def step_rng(seed: int, epoch: int, step: int, purpose: int) -> np.random.Generator:
    """Those random numbers."""
    return np.random.default_rng(step_seed(seed, epoch, step, purpose))


def starts(count: int, batch: int) -> Iterator[tuple[int, int]]:
    """Where batches of a part begin and end; the last one may be smaller."""
    return ((at, min(at + batch, count)) for at in range(0, count, batch))
