"""The parts of a data set as arrays of bytes: what classifiers see that know nothing of training.

Shapes: N images, H height, W width, C channels.
"""

from dataclasses import dataclass

from nas.errors import DataError
from workers.data import Splits, load_data
from workers.data.base import Images, Labels
from workers.recipe import Recipe
from workers.train.feeds.choose import RESIDENT_BYTES, in_memory, on_disk, resident_bytes
from workers.train.feeds.loader import process_count
from workers.train.feeds.resident import stored_side


@dataclass(frozen=True, eq=False)
class Part:
    """Images (N, H, W, C) of uint8 and their labels (N,)."""

    images: Images
    labels: Labels


@dataclass(frozen=True, eq=False)
class Pixels:
    """All parts."""

    train: Part
    valid: Part
    test: Part


def pixels(data: str, size: int) -> Pixels:
    """The images of the data set called `data`: arrays as they are, files as squares of `size` at most.

    Raises:
        DataError: it cannot be loaded, or files have more pixels than memory is given to.
    """
    loaded = load_data(data)
    if isinstance(loaded, Splits):
        sources = in_memory(loaded)
    else:
        side = stored_side(loaded.side, size, Recipe.resolve({}))
        if (taken := resident_bytes(loaded, side)) > RESIDENT_BYTES:
            raise DataError(f"its images take {taken / 2**30:.1f} GiB at {side} x {side}, more than one")
        sources = on_disk(loaded, side, process_count(None))
    return Pixels(*(Part(source.images(), source.labels) for source in sources))
