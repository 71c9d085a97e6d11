"""The images that proxies show to networks: a fixed draw from a data set's training part.

All networks of a study see the same ones, so that their scores differ by the networks alone.
Shapes: N images, C channels, H = W = the network's input size.
"""

import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nas.arch.shape import Input
from workers.data import Samples, Splits, load_data, refuse_other_data
from workers.data.base import Labels
from workers.data.images import centre, decode

if TYPE_CHECKING:
    from torch import Tensor

DRAW_SEED = 20210607
"""Fixes which images are drawn."""


@functools.lru_cache(maxsize=2)
def batch_of(name: str, given: Input, count: int) -> "tuple[Tensor, Tensor]":
    """Images (N, C, H, W) as a network takes them, normalised float32, and labels (N,), on the CPU.

    N is `count`, or the size of the training part if that is smaller; a process keeps them for its next
    trials. Raises `DataError` if the data set is not what the network is made for.
    """
    import torch

    refuse_other_data(name, given)
    data = load_data(name)
    if isinstance(data, Splits):
        chosen = _drawn(len(data.y_train), count)
        x, labels = _resized(data.x_train[chosen], given.size), data.y_train[chosen]
    else:
        chosen = _drawn(len(data.train), count)
        x, labels = _decoded(data.train, chosen, given), data.train.labels[chosen]
    mean, sd = (torch.tensor(values).view(1, -1, 1, 1) for values in (data.mean, data.sd))
    x = x.div_(255).sub_(mean).div_(sd)
    return x.contiguous(memory_format=torch.channels_last), torch.from_numpy(labels)


def _drawn(size: int, count: int) -> Labels:
    rng = np.random.default_rng(DRAW_SEED)
    return rng.choice(size, min(count, size), replace=False)


def _resized(images: NDArray[np.uint8], size: int) -> "Tensor":
    """(N, H, W, C) of any size to float32 (N, C, size, size), 0 to 255."""
    import torch
    from torch.nn import functional

    x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    if x.shape[2:] == (size, size):
        return x
    smaller = max(x.shape[2:]) > size
    return functional.interpolate(x, (size, size), mode="bilinear", align_corners=False, antialias=smaller)


def _decoded(samples: Samples, chosen: Labels, given: Input) -> "Tensor":
    """The middle squares of image files."""
    pixels = [
        decode(
            samples.read(i), name=samples.name(i), channels=given.channels, side=given.size, region=centre()
        )
        for i in chosen.tolist()
    ]
    return _resized(np.stack(pixels), given.size)
