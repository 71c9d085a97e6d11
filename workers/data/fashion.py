"""Fashion-MNIST: ten kinds of clothes, 28x28 pixels (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747)."""

import gzip
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import DataError
from nas.records import DataInfo
from nas.versions import getting
from workers.data.base import DATASETS, DataSet, Images, Labels, Splits, Streams, refuse_argument
from workers.data.hub import Hub, can_load
from workers.data.paths import own_copy
from workers.data.split import refuse_labels, splits_of

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where the package `dataset-fashion-mnist` puts it."""
FILES = {"train": "train", "test": "t10k"}
INFO = DataInfo("fashion-mnist", channels=1, size=28, classes=10)
REMOTE = Hub(INFO, "zalando-datasets/fashion_mnist", image="image", label="label")


@dataclass(frozen=True)
class FashionMnist:
    """The four files as published, or what the `datasets` library has."""

    info: DataInfo = INFO

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Clothes may be mirrored; a shift of two pixels leaves them whole."""
        learning = {"optimizer": "adamw", "epochs": 10, "batch": 128, "lr": 4e-3, "weight_decay": 0.02}
        return {**learning, "crop": 0.07, "flip": True}

    def load(self) -> Splits | Streams:
        """54,000 training, 6,000 validation, 10,000 test images."""
        folder = own_copy("fashion-mnist") or DEBIAN
        if (folder / "train-images-idx3-ubyte.gz").is_file():
            parts = {part: _part(folder, stem) for part, stem in FILES.items()}
            refuse_labels({part: y for part, (_, y) in parts.items()}, INFO.classes, INFO.name)
            return splits_of(parts)
        if not can_load():
            raise DataError(
                f"data set fashion-mnist is not here: no files in {folder}; "
                f"type apt-get install dataset-fashion-mnist, or {getting('data')} "
                "to have it downloaded, or put its four .gz files in $NAS_DATA/fashion-mnist"
            )
        return REMOTE.load()


def _part(folder: Path, stem: str) -> tuple[Images, Labels]:
    images = idx(folder / f"{stem}-images-idx3-ubyte.gz", dimensions=3)
    labels = idx(folder / f"{stem}-labels-idx1-ubyte.gz", dimensions=1)
    if len(images) != len(labels):
        raise DataError(f"{folder}: {len(images)} images but {len(labels)} labels in the files {stem}-*")
    return images[..., None], labels.astype(np.int64)


def idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array of bytes in a gzipped IDX file (LeCun's format of MNIST); raises `DataError`."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}; install it again") from None
    start = 4 + 4 * dimensions
    shape = np.frombuffer(content[:start].ljust(start, b"\0"), ">u4")[1:].tolist()
    whole = content[:4] == bytes([0, 0, 8, dimensions]) and len(content) == start + math.prod(shape)
    if not whole:
        raise DataError(f"{path} is not the IDX file it should be, or was cut off; install it again")
    # A copy: what lies on a buffer of bytes cannot be written, which torch warns of.
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


@DATASETS.register("fashion-mnist", "ten kinds of clothes: 70,000 grey images of 28x28")
def fashion_mnist(argument: str) -> DataSet:
    """The data set; takes no argument."""
    refuse_argument("fashion-mnist", argument)
    return FashionMnist()
