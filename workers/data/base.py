"""What a data set is, where its name leads, and the copy a worker keeps between its trials.

Shapes: N images, H height, W width, C channels.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nas.errors import DataError
from nas.records import DataInfo
from nas.registry import Registry

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Splits:
    """A data set in memory: images (N, H, W, C) of uint8, labels (N,), and the training part's statistics.

    `mean` and `sd` are per channel, of pixels scaled to [0, 1].
    """

    x_train: Images
    y_train: Labels
    x_valid: Images
    y_valid: Labels
    x_test: Images
    y_test: Labels
    mean: tuple[float, ...]
    sd: tuple[float, ...]


class DataSet(Protocol):
    """A source of images: cheap to ask about, loaded only where training happens."""

    @property
    def info(self) -> DataInfo:
        """Name, channels, size and classes, known without loading anything heavy."""
        ...

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Recipe values that suit this data; they come after a space's and before a profile's."""
        ...

    def load(self) -> Splits:
        """All parts, the split the same on every machine; raises `DataError`."""
        ...


DATASETS: Registry[Callable[[str], DataSet]] = Registry("data set", "workers.data", group="nas.datasets")
"""Data sets by name; an entry makes one from its argument (what follows the colon, or "")."""


def dataset(name: str) -> DataSet:
    """The data set called `name`, e.g. `digits` or `npz:PATH`; unknown names list near matches."""
    kind, _, argument = name.partition(":")
    return DATASETS[kind](argument)


def refuse_argument(name: str, argument: str) -> None:
    """For sets that take no argument: `DataError` if they got one."""
    if argument:
        raise DataError(f"data set {name!r} takes no argument, got {argument!r}: type just {name!r}")


@functools.lru_cache(maxsize=4)
def load_splits(name: str) -> Splits:
    """The loaded parts of the data set called `name`, kept by this process for its next trials."""
    return dataset(name).load()
