"""Large data: read from disk and decoded by loader processes while the network computes.

A loader cuts a region out of an image and resizes it, in bytes; all else is done on the device, in whole
batches, as for resident data.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from workers.data import Streams
from workers.data.base import Labels, Samples
from workers.recipe import Recipe
from workers.train.feeds.augment import Augment
from workers.train.feeds.base import (
    AUGMENTATION,
    REGIONS,
    Batch,
    Sizes,
    order_of,
    starts,
    step_rng,
    step_seed,
    steps_of,
)
from workers.train.feeds.loader import Decoder, Loader, Task, process_count

CENTRE = 0.875
"""Share of the shorter side that validation looks at where training zooms in: 224 of 256, as usual."""


class Stream:
    """Batches of streamed data."""

    def __init__(
        self, streams: Streams, *, size: int, recipe: Recipe, seed: int, device: torch.device
    ) -> None:
        self.recipe, self.seed, self.device = recipe, seed, device
        self.parts: dict[str, Samples] = {
            "train": streams.train, "valid": streams.valid, "test": streams.test,
        }  # fmt: skip
        self.sizes = Sizes(*map(len, self.parts.values()))
        self.steps = steps_of(self.sizes, recipe)
        statistics, zoom = (streams.mean, streams.sd), recipe.resized_crop
        self._augment = Augment(statistics, size=size, recipe=recipe, device=device, boxed=False)
        share = CENTRE if zoom is not None else 1.0
        decoder = Decoder(self.parts, len(streams.mean), size, smallest=zoom, share=share)
        self._loader = Loader(decoder, process_count(recipe.loaders), pinned=device.type == "cuda")

    def epoch(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """Training batches of an epoch, from step `first` on."""
        order = order_of(self.sizes.train, self.seed, epoch).numpy()
        steps, batch = range(first, self.steps), self.recipe.batch
        tasks = [
            Task("train", order[s * batch : (s + 1) * batch], step_seed(self.seed, epoch, s, REGIONS))
            for s in steps
        ]
        for step, (x, y) in zip(steps, self._loaded(tasks), strict=True):
            yield self._augment.augmented(x, step_rng(self.seed, epoch, step, AUGMENTATION)), y

    def validation(self, batch: int) -> Iterator[Batch]:
        """All validation images in order: the centre of each."""
        return self._plain("valid", batch)

    def test(self, batch: int) -> Iterator[Batch]:
        """All test images in order: the centre of each."""
        return self._plain("test", batch)

    def close(self) -> None:
        """End the loader processes."""
        self._loader.close()

    def _plain(self, part: str, batch: int) -> Iterator[Batch]:
        tasks = [Task(part, np.arange(*at)) for at in starts(len(self.parts[part]), batch)]
        for x, y in self._loaded(tasks):
            yield self._augment.plain(x), y

    def _loaded(self, tasks: Iterable[Task]) -> Iterator[Batch]:
        """Bytes (B, H, W, C) and labels on the device, copied there while it computes."""
        tasks = list(tasks)
        for task, x in zip(tasks, self._loader(tasks), strict=True):
            y: Labels = self.parts[task.part].labels[task.at]
            yield x.to(self.device, non_blocking=True), torch.from_numpy(y).to(self.device)
