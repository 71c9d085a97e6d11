"""Which feed a data set gets: resident if it is in memory, or small enough once decoded; else streamed."""

import functools
from contextlib import closing

import numpy as np
import torch

from workers.data import Samples, Splits, Streams
from workers.data.base import Images
from workers.recipe import Recipe
from workers.train.feeds.base import Feed, starts
from workers.train.feeds.loader import Decoder, Loader, Task, process_count
from workers.train.feeds.resident import Resident, Source, stored_side
from workers.train.feeds.stream import Stream

RESIDENT_BYTES = 2**30
"""Image files become resident if all their pixels, at the side they would be kept at, take no more.

A constant, and not a share of the memory that happens to be free: every worker must decide alike.
"""


def feed(data: Splits | Streams, *, size: int, recipe: Recipe, seed: int, device: torch.device) -> Feed:
    """Batches of `data` for a network of input `size`; raises `RecipeError` if there are none."""
    if isinstance(data, Splits):
        sources = in_memory(data)
    else:
        side = stored_side(data.side, size, recipe)
        if resident_bytes(data, side) > RESIDENT_BYTES:
            return Stream(data, size=size, recipe=recipe, seed=seed, device=device)
        sources = on_disk(data, side, process_count(recipe.loaders))
    statistics = (data.mean, data.sd)
    return Resident(sources, statistics, size=size, recipe=recipe, seed=seed, device=device)


def in_memory(data: Splits) -> tuple[Source, Source, Source]:
    """The parts of arrays."""
    return (
        Source(lambda: data.x_train, data.y_train),
        Source(lambda: data.x_valid, data.y_valid),
        Source(lambda: data.x_test, data.y_test),
    )


def on_disk(data: Streams, side: int, helpers: int) -> tuple[Source, Source, Source]:
    """The parts of image files, each decoded when its images are asked for."""

    def source(samples: Samples) -> Source:
        return Source(lambda: decoded(samples, len(data.mean), side, helpers), samples.labels)

    return source(data.train), source(data.valid), source(data.test)


def resident_bytes(data: Streams, side: int) -> int:
    """Of all parts, once decoded."""
    return (len(data.train) + len(data.valid) + len(data.test)) * side**2 * len(data.mean)


@functools.lru_cache(maxsize=3)
def decoded(samples: Samples, channels: int, side: int, helpers: int) -> Images:
    """All images of a part (N, side, side, C): the middle square of each; kept for the next trials."""
    images = np.empty((len(samples), side, side, channels), np.uint8)
    tasks = [Task("all", np.arange(*at)) for at in starts(len(samples), 64)]
    with closing(Loader(Decoder({"all": samples}, channels, side), helpers)) as loader:
        for task, made in zip(tasks, loader(tasks), strict=True):
            images[task.at] = made.numpy()
    return images
