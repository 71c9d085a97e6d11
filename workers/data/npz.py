"""Arrays in an .npz file: `npz:PATH`, for data that somebody has prepared already.

`x_train`, `y_train`, `x_test`, `y_test`, and `x_valid`, `y_valid` if there is a validation part of its
own. Images are square, (N, H, W), (N, H, W, 1) or (N, H, W, 3): whole numbers from 0 to 255 of any
integer type, or floats from 0 to 1. Labels are integers from 0 on without gaps, (N,) or (N, 1).
"""

import functools
import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import DataError
from nas.records import DataInfo
from workers.data.base import DATASETS, DataSet, Images, Labels, Splits, takes
from workers.data.paths import Place
from workers.data.split import refuse_labels, remaining, splits_of

NEEDED = ("x_train", "y_train", "x_test", "y_test")
PARTS = ("train", "valid", "test")
CHANNELS = (1, 3)
RANGES = {"f": ("floats", 1), "i": ("numbers", 255), "u": ("numbers", 255)}
"""What pixels of a numpy kind are called, and what white is."""
UNREADABLE = (ValueError, EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged archive raises, or one that was encrypted or packed by other means."""
CHUNK = 1000
"""Images whose floats are scaled at a time."""


@dataclass(frozen=True)
class Npz:
    """The arrays of one file. They are read whole: an .npz file cannot be read in pieces."""

    place: Place

    @functools.cached_property
    def info(self) -> DataInfo:
        """From the header of `x_train` and the training labels."""
        shape, name = _shape(self.place, "x_train"), self.place.name
        size, channels = _side_and_channels(shape, f"data set {name}: x_train")
        labels = self._labels("train")
        classes = int(labels.max(initial=-1)) + 1
        refuse_labels({"train": labels}, classes, name)
        return DataInfo(name, channels=channels, size=size, classes=classes)

    @property
    def recipe(self) -> Mapping[str, Any]:
        """A shift of a few pixels; whether mirroring keeps the labels is for the user to say."""
        return {"crop": 0.125}

    @property
    def name(self) -> str:
        """With the absolute path and the mark of the content."""
        return self.place.marked(fingerprint)

    def count(self) -> int:
        """From the labels of all parts, and the headers of their images."""
        stored, name, classes = _names(self.place), self.place.name, self.info.classes
        labels = {part: self._labels(part) for part in PARTS if f"x_{part}" in stored}
        for part, y in labels.items():
            x = f"data set {name}: x_{part}"
            shape = _shape(self.place, f"x_{part}")
            _side_and_channels(shape, x)
            _refuse_lengths(x, shape[0], part, len(y))
        refuse_labels(labels, classes, name)
        return remaining(labels)

    def load(self) -> Splits:
        """All parts; without `x_valid`, a tenth of the training part is the validation part."""
        self.place.check(fingerprint)
        stored = _names(self.place)
        parts = {part: self._part(part) for part in PARTS if f"x_{part}" in stored}
        shapes = {images.shape[1:] for images, _ in parts.values()}
        if len(shapes) > 1:
            raise DataError(f"data set {self.place.name}: parts have images of shapes {sorted(shapes)}")
        labels = {part: y for part, (_, y) in parts.items()}
        refuse_labels(labels, self.info.classes, self.place.name)
        return splits_of(parts)

    def _part(self, part: str) -> tuple[Images, Labels]:
        x = f"data set {self.place.name}: x_{part}"
        images, labels = _pixels(_array(self.place, f"x_{part}"), x), self._labels(part)
        _refuse_lengths(x, len(images), part, len(labels))
        return images, labels

    def _labels(self, part: str) -> Labels:
        return _labels(_array(self.place, f"y_{part}"), f"data set {self.place.name}: y_{part}")


def _refuse_lengths(x: str, images: int, part: str, labels: int) -> None:
    if images != labels:
        raise DataError(f"{x} has {images} images but y_{part} has {labels} labels")


def fingerprint(path: Path) -> str:
    """Mark of the arrays' names, sizes and checksums, all of which the file's directory has."""
    place = Place("npz", path)
    with _archive(place) as archive:
        told = sorted((item.filename, item.file_size, item.CRC) for item in archive.infolist())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:8]


def _archive(place: Place) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(place.path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise DataError(
            f"data set {place.name}: the file is no .npz archive, or was cut off; "
            "write one with numpy.savez(PATH, x_train=…, y_train=…, x_test=…, y_test=…)"
        ) from None
    except OSError as error:
        raise DataError(f"data set {place.name} cannot be read: {error.strerror or error}") from None


def _names(place: Place) -> set[str]:
    """The arrays of the file; raises `DataError` if one that is needed is not among them."""
    with _archive(place) as archive:
        names = {name.removesuffix(".npy") for name in archive.namelist()}
    both = ["x_valid", "y_valid"] if names & {"x_valid", "y_valid"} else []
    missing = [name for name in [*NEEDED, *both] if name not in names]
    if missing:
        found = ", ".join(sorted(names)) or "nothing"
        raise DataError(
            f"data set {place.name} has no array {', '.join(missing)}: it has {found}; needed are "
            f"{', '.join(NEEDED)}, and x_valid with y_valid if there is a validation part"
        )
    return names


def _array(place: Place, name: str) -> NDArray[Any]:
    _names(place)
    try:
        with np.load(place.path, allow_pickle=False) as arrays:
            return np.asarray(arrays[name])
    except UNREADABLE as error:
        why = "it holds pickled objects" if "pickle" in str(error) else str(error)
        raise DataError(f"data set {place.name}: array {name} cannot be read: {why}") from None


def _shape(place: Place, name: str) -> tuple[int, ...]:
    """The shape of an array, of which only the header is read."""
    _names(place)
    try:
        with _archive(place) as archive, archive.open(f"{name}.npy") as file:
            version = np.lib.format.read_magic(file)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            return tuple(read[version](file)[0])
    except (KeyError, *UNREADABLE) as error:
        raise DataError(f"data set {place.name}: array {name} cannot be read: {error}") from None


def _side_and_channels(shape: tuple[int, ...], what: str) -> tuple[int, int]:
    full = (*shape, 1) if len(shape) == 3 else shape
    if len(full) != 4 or full[3] not in CHANNELS:
        raise DataError(f"{what} has the shape {shape}: needed is (N, H, W), (N, H, W, 1) or (N, H, W, 3)")
    if full[1] != full[2] or not full[1]:
        raise DataError(f"{what} has the shape {shape}: images must be square; crop or pad them")
    return full[1], full[3]


def _pixels(x: NDArray[Any], what: str) -> Images:
    """As uint8 (N, H, W, C)."""
    side, channels = _side_and_channels(x.shape, what)
    if x.dtype.kind not in RANGES:
        raise DataError(f"{what} has the type {x.dtype}: allowed are integers from 0 to 255, floats 0 to 1")
    kind, most = RANGES[x.dtype.kind]
    low, high = (x.min(), x.max()) if x.size else (0, 0)
    if not (low >= 0 and high <= most):  # which a NaN is not
        raise DataError(f"{what} has {kind} from {low} to {high}: allowed are 0 to {most}, and no NaN")
    made = _scaled(x) if most == 1 else np.ascontiguousarray(x, dtype=np.uint8)
    return made.reshape(-1, side, side, channels)


def _scaled(x: NDArray[Any]) -> Images:
    """Floats from 0 to 1 as bytes, a few at a time: the array may fill half of the memory."""
    made = np.empty(x.shape, np.uint8)
    for at in range(0, len(x), CHUNK):
        made[at : at + CHUNK] = np.rint(x[at : at + CHUNK] * x.dtype.type(255))
    return made


def _labels(y: NDArray[Any], what: str) -> Labels:
    flat = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if flat.ndim != 1 or flat.dtype.kind not in "iu":
        raise DataError(f"{what} has shape {y.shape} and type {y.dtype}: needed is one integer per image")
    return flat.astype(np.int64)


@DATASETS.register("npz", "arrays x_train, y_train, x_test, y_test of an .npz file")
@takes("PATH")
def npz(argument: str) -> DataSet:
    """The data set of one file."""
    return Npz(Place.parse("npz", argument))
