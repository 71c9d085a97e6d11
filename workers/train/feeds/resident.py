"""Small data: all of it on the device as bytes, augmented and normalised there in whole batches.

Legend: N images of a part, C channels, H = W = side as stored.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from workers.data.base import Images, Labels
from workers.recipe import Recipe
from workers.train.feeds.augment import Augment, Statistics, resized
from workers.train.feeds.base import AUGMENTATION, Batch, Sizes, order_of, starts, step_rng, steps_of

CHUNK = 1024
"""Images that are resized at a time when a part is laid down: floats take four times their bytes."""


class Source(NamedTuple):
    """Where a part comes from: images (N, H, W, C) of uint8, made when asked for, and labels (N,)."""

    images: Callable[[], Images]
    labels: Labels


@dataclass(frozen=True)
class Part:
    """Images (N, H, W, C) of uint8 and labels (N,) on the device."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def rows(self, at: Tensor) -> Tensor:
        """The images of these numbers; as flat rows: ten times faster than by a four-dimensional index."""
        return self.x.view(len(self.x), -1).index_select(0, at).view(-1, *self.x.shape[1:])


class Resident:
    """Batches of resident data. The test part is laid down when it is asked for."""

    def __init__(
        self,
        sources: tuple[Source, Source, Source],
        statistics: Statistics,
        *,
        size: int,
        recipe: Recipe,
        seed: int,
        device: torch.device,
    ) -> None:
        self.size, self.recipe, self.seed, self.device = size, recipe, seed, device
        self.sizes = Sizes(*(len(source.labels) for source in sources))
        self.steps = steps_of(self.sizes, recipe)
        self._augment = Augment(statistics, size=size, recipe=recipe, device=device)
        self.train, self.valid = (self._laid(source) for source in sources[:2])
        self._test = sources[2]

    def epoch(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Training batches of an epoch, from step `first` on."""
        order = order_of(len(self.train), self.seed, epoch).to(self.device)
        for step in range(first, self.steps):
            at = order[step * self.recipe.batch : (step + 1) * self.recipe.batch]
            rng = step_rng(self.seed, epoch, step, AUGMENTATION)
            yield self._augment.augmented(self.train.rows(at), rng), self.train.y[at]

    def validation(self, batch: int) -> Iterator[Batch]:
        """All validation images in order."""
        return self._plain(self.valid, batch)

    def test(self, batch: int) -> Iterator[Batch]:
        """All test images in order."""
        return self._plain(self._laid(self._test), batch)

    def close(self) -> None:
        """Nothing to end."""

    def _plain(self, part: Part, batch: int) -> Iterator[Batch]:
        for start, stop in starts(len(part), batch):
            yield self._augment.plain(part.x[start:stop]), part.y[start:stop]

    def _laid(self, source: Source) -> Part:
        """A part on the device, at the side that augmentation starts from."""
        x, y = (torch.from_numpy(array).to(self.device) for array in (source.images(), source.labels))
        side = stored_side(min(x.shape[1:3]), self.size, self.recipe)
        if x.shape[1:3] != (side, side):
            chunks = (x[at : at + CHUNK] for at in range(0, len(x), CHUNK))
            x = torch.cat([resized(chunk, side).round_().byte() for chunk in chunks]).contiguous()
        return Part(x, y)


def stored_side(own: int | None, size: int, recipe: Recipe) -> int:
    """At which side images are kept: their own, but no more than what ends up in a network of this size.

    Random resized crops zoom in, so that they start from twice the size.
    """
    enough = 2 * size if recipe.resized_crop else size
    return enough if own is None else min(own, enough)
