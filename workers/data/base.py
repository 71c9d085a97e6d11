"""What a data set is, where its name leads, and the copy a worker keeps between its trials.

Shapes: N images, H height, W width, C channels.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nas.arch.shape import Input
from nas.errors import DataError, UnknownNameError
from nas.records import DataInfo
from nas.registry import Registry

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
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


class Samples(Protocol):
    """Image files of one part, read one at a time; picklable, because loader processes read too."""

    def __len__(self) -> int: ...

    def __hash__(self) -> int: ...

    @property
    def labels(self) -> Labels:
        """(N,) class numbers, from 0."""
        ...

    def read(self, index: int) -> bytes:
        """An image as it is stored: the bytes of a JPEG, PNG, …; raises `DataError`."""
        ...

    def name(self, index: int) -> str:
        """Where it is stored, as an error names it."""
        ...


@dataclass(frozen=True, eq=False)
class Streams:
    """A data set that need not fit in memory: images are read and decoded when they are due.

    They are decoded to as many channels as `mean` has. `side`: all images are squares of so many
    pixels, as far as was looked; None: they differ.
    """

    train: Samples
    valid: Samples
    test: Samples
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    side: int | None = None


class DataSet(Protocol):
    """A source of images: cheap to ask about, loaded only where training happens.

    One whose name holds a path has a property `name` too: the name by which every machine finds it.
    """

    @property
    def info(self) -> DataInfo:
        """Name, channels, size and classes, known without loading anything heavy."""
        ...

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Recipe values that suit this data; they come after a space's and before a profile's."""
        ...

    def load(self) -> Splits | Streams:
        """All parts, the split the same on every machine; raises `DataError`."""
        ...


@runtime_checkable
class Counted(Protocol):
    """A data set that knows before a study begins how much there is to train on."""

    def count(self) -> int | None:
        """Training images after the cut, none of them decoded; None where only loading tells.

        Raises `DataError` for all that labels and names of files show to be wrong.
        """
        ...


Maker = Callable[[str], DataSet]

DATASETS: Registry[Maker] = Registry("data set", "workers.data", group="nas.datasets")
"""Data sets by name; an entry makes one from its argument (what follows the colon, or "")."""


def takes(what: str) -> Callable[[Maker], Maker]:
    """Decorator of an entry that needs an argument, which messages spell `NAME:WHAT`."""

    def mark(maker: Maker) -> Maker:
        setattr(maker, "argument", what)  # noqa: B010 (a function has no such attribute for mypy)
        return maker

    return mark


def spellings() -> list[str]:
    """What may be typed for a data set: `digits`, `npz:PATH`, …"""
    return [":".join([entry.name, *_argument(entry.value)]) for entry in DATASETS]


def _argument(maker: Maker) -> list[str]:
    what = getattr(maker, "argument", None)
    return [] if what is None else [what]


def dataset(name: str) -> DataSet:
    """The data set called `name`, e.g. `digits` or `npz:PATH`; unknown names list near matches."""
    kind, _, argument = name.partition(":")
    if kind not in DATASETS:
        raise UnknownNameError("data set", name, spellings())
    maker = DATASETS[kind]
    for what in _argument(maker):
        if not argument:
            raise DataError(f"data set {name!r} says not which: type {kind}:{what}")
    return maker(argument)


def counted(data: DataSet) -> int | None:
    """Its training images, as far as they are known without loading; raises `DataError`."""
    return data.count() if isinstance(data, Counted) else None


def settled(name: str) -> str:
    """The name by which every machine finds the same data: its path is absolute, its content marked."""
    return str(getattr(dataset(name), "name", name))


def refuse_argument(name: str, argument: str) -> None:
    """For sets that take no argument: `DataError` if they got one."""
    if argument:
        raise DataError(f"data set {name!r} takes no argument, got {argument!r}: type just {name!r}")


@functools.lru_cache(maxsize=4)
def load_data(name: str) -> Splits | Streams:
    """The loaded parts of the data set called `name`, kept by this process for its next trials."""
    return dataset(name).load()


def refuse_other_data(name: str, given: Input) -> None:
    """Raise `DataError` unless the data set called `name` is what a network of this input is made for."""
    data = dataset(name).info
    if (given.channels, given.classes) != (data.channels, data.classes):
        load_data(name)  # which says so where the files are not those that were specified
        raise DataError(
            f"data set {data.name} has {data.channels} channels and {data.classes} classes, but the network"
            f" takes {given.channels} and tells {given.classes} apart: give the space the data set's input"
        )
