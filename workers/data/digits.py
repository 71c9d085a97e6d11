"""Handwritten digits of scikit-learn: 1,797 grey images of 8x8 pixels, shipped with the package."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.records import DataInfo
from workers.data.base import DATASETS, DataSet, Splits, refuse_argument
from workers.data.split import split

FILE = "datasets/data/digits.csv.gz"
"""Where scikit-learn has them: a line an image, 64 pixels and the label."""


@dataclass(frozen=True)
class Digits:
    """UCI's optical recognition of handwritten digits (Alpaydin & Kaynak, 1998), its test part."""

    info: DataInfo = DataInfo("digits", channels=1, size=8, classes=10)

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Measured over sampled networks: more shift than half a pixel, or larger batches, learn slower."""
        learning = {"optimizer": "adamw", "epochs": 8, "batch": 32, "lr": 1e-2, "weight_decay": 0.02}
        return {**learning, "shift": 0.06}

    def count(self) -> int:
        """60 % of 1,797, as the cut by classes rounds them."""
        return 1079

    def load(self) -> Splits:
        """60 % training, 20 % validation, 20 % test; grey levels 0…16 become 0…255."""
        images, labels = _read()
        pixels = np.rint(images.reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
        return split(pixels, labels.astype(np.int64), valid=0.2, test=0.2)


def _read() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(images, 64) grey levels and (images,) labels, as `load_digits` gives them.

    From its file: to import scikit-learn takes a second of a processor, in every worker.
    """
    package = find_spec("sklearn")
    path = Path(str(package and package.origin)).parent / FILE
    if not path.is_file():  # another version may have it elsewhere
        from sklearn.datasets import load_digits

        images, labels = load_digits(return_X_y=True)
        return images, labels
    with gzip.open(path) as file:
        table = np.loadtxt(file, delimiter=",")
    return table[:, :-1], table[:, -1]


@DATASETS.register("digits", "handwritten digits of scikit-learn: 1,797 images of 8x8, 10 classes")
def digits(argument: str) -> DataSet:
    """The data set; takes no argument."""
    refuse_argument("digits", argument)
    return Digits()
