"""The network that is looked into, with the validation images it is shown; test images are never touched.

Legend: N images, C channels, S = the network's input size, K classes.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.model.build import Network
from workers.data import Samples, Splits, Streams, load_data
from workers.data.base import Labels
from workers.inside.places import Stage, stages
from workers.recipe import Recipe
from workers.train.feeds.choose import feed

MOST = 4096
"""Validation images that are looked at; of more, so many at equal distances."""
BATCH = 128

Pixels = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Subject:
    """A trained network in eval mode, and validation images as it takes them."""

    architecture: Architecture
    model: Network
    x: Tensor
    """(N, C, S, S), normalised."""
    y: Tensor
    """(N,) their classes."""
    numbers: NDArray[np.int64]
    """(N,) their places in the validation part, from 0."""
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    """Per channel, of pixels in [0, 1]: what images were normalised with."""
    whole: int
    """Images of the whole validation part."""
    chosen: int | None = None
    """Row of `x` that whoever looks asked for."""

    @cached_property
    def probabilities(self) -> Tensor:
        """(N, K) what the network says, softmax of its logits."""
        with torch.inference_mode():
            return torch.cat([self.model(part).float().softmax(1).cpu() for part in batches(self.x)])

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the drawing that end with a map."""
        return stages(self.architecture, self.model)

    def examples(self, count: int) -> list[int]:
        """Rows of at most so many images: the chosen one, then the classes in turn, right ones first."""
        right = self.probabilities.argmax(1) == self.y.cpu()
        order = np.lexsort((np.arange(len(self.y)), ~right.numpy()))
        turns = np.empty(len(order), int)
        labels = self.y.cpu().numpy()[order]
        for label in np.unique(labels):
            mine = np.flatnonzero(labels == label)
            turns[mine] = np.arange(len(mine))
        rows = [int(row) for row in order[np.lexsort((labels, turns))]]
        first = [] if self.chosen is None else [self.chosen]
        return [*first, *(row for row in rows if row not in first)][:count]

    def pixels(self, x: Tensor) -> Pixels:
        """Normalised images (N, C, S, S) as pixels in [0, 1], (N, S, S, C)."""
        mean, sd = (torch.tensor(values)[:, None, None] for values in (self.mean, self.sd))
        shown: Pixels = (x.detach().cpu() * sd + mean).clamp(0, 1).permute(0, 2, 3, 1).numpy()
        return shown


def batches(x: Tensor) -> Iterator[Tensor]:
    """`x` in parts of at most `BATCH` rows."""
    return (x[at : at + BATCH] for at in range(0, len(x), BATCH))


def subject(
    model: Network, architecture: Architecture, data: str, recipe: Recipe, image: int | None = None
) -> Subject:
    """A network and the validation part of the data set that it was trained on.

    `image` is the number of a validation image, from 0, that is shown first where images are shown.
    Raises `DataError` if the data cannot be loaded, `NasError` for an image that there is not.
    """
    loaded = load_data(data)
    whole = len(loaded.y_valid) if isinstance(loaded, Splits) else len(loaded.valid)
    if image is not None and not 0 <= image < whole:
        raise NasError(f"--image {image}: the validation part of {data} has images 0 to {whole - 1}")
    numbers = _spread(whole, () if image is None else (image,))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    x, y = _validation(loaded, numbers, architecture.input.size, recipe, device)
    chosen = None if image is None else int(np.flatnonzero(numbers == image)[0])
    model = model.to(device)
    return Subject(architecture, model, x, y, numbers, loaded.mean, loaded.sd, whole, chosen)


def _spread(whole: int, also: Sequence[int]) -> NDArray[np.int64]:
    """Numbers of at most `MOST` images at equal distances, and of those that are wanted besides."""
    some = np.linspace(0, whole - 1, min(whole, MOST)).round().astype(np.int64)
    return np.unique(np.concatenate([some, np.array(also, np.int64)]))


def _validation(
    data: Splits | Streams, at: NDArray[np.int64], size: int, recipe: Recipe, device: torch.device
) -> tuple[Tensor, Tensor]:
    """These validation images as training validates on them, and their labels."""
    own = feed(_part(data, at), size=size, recipe=_plain(recipe), seed=0, device=device)
    with closing(own):
        batches = list(own.validation(BATCH))
    return torch.cat([x for x, _ in batches]).contiguous(), torch.cat([y for _, y in batches])


def _plain(recipe: Recipe) -> Recipe:
    """The recipe for a part of any size, read in this process."""
    return recipe.model_copy(update={"batch": 1, "loaders": 0})


def _part(data: Splits | Streams, at: NDArray[np.int64]) -> Splits | Streams:
    """These validation images in the place of all parts: nothing else is loaded."""
    if isinstance(data, Splits):
        x, y = data.x_valid[at], data.y_valid[at]
        return replace(data, x_train=x, y_train=y, x_valid=x, y_valid=y, x_test=x[:1], y_test=y[:1])
    part = _Chosen(data.valid, at)
    return replace(data, train=part, valid=part, test=part)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Some of the image files of a part."""

    samples: Samples
    at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def labels(self) -> Labels:
        """(N,) class numbers, from 0."""
        return self.samples.labels[self.at]

    def read(self, index: int) -> bytes:
        """An image as it is stored."""
        return self.samples.read(int(self.at[index]))

    def name(self, index: int) -> str:
        """Where it is stored."""
        return self.samples.name(int(self.at[index]))
