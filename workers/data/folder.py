"""Image files in a folder per class: `imagefolder:PATH`, for photographs of one's own.

`PATH/train/CLASS/*.jpg`, with `PATH/val` (or `valid`, `validation`) and `PATH/test` laid out alike where
they exist; or `PATH/CLASS/*.jpg` alone. A part that is not there is cut out of the training part.
Images may have any size; grey ones among colour are converted, and the other way round.
"""

import functools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nas.errors import DataError
from nas.records import DataInfo
from workers.data.base import DATASETS, DataSet, Streams, takes
from workers.data.images import LOOKED_AT, Survey, header, require_pillow, sampled_statistics, spread, survey
from workers.data.paths import Place, files_below, is_folder, mark_of, unreadable
from workers.data.samples import Files
from workers.data.split import completed, refuse_labels, remaining

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
PARTS = {
    "train": "train", "training": "train",
    "valid": "valid", "val": "valid", "validation": "valid",
    "test": "test", "testing": "test",
}  # fmt: skip
"""Folders of parts, and what they are called here."""
VERIFIED = 20_000
"""The headers of all images are looked at in sets of at most so many: 2 s."""
LAYOUT = "needed is PATH/train/CLASS/*.jpg, or PATH/CLASS/*.jpg"
EMPTY = "has no images; add some, or remove its folder"
FEWEST = 3
"""Images of a class from which three parts can be cut."""


@dataclass(frozen=True)
class ImageFolder:
    """The image files of one folder."""

    place: Place

    @functools.cached_property
    def info(self) -> DataInfo:
        """From the names of the folders, and from the headers of some images."""
        classes, seen = _subfolders(self._parts()["train"]), self._seen
        return DataInfo(self.place.name, channels=seen.channels, size=seen.size, classes=len(classes))

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Photographs: the thing may be anywhere, at any scale, and seen from the other side."""
        return {"resized_crop": 0.35, "flip": True}

    @property
    def name(self) -> str:
        """With the absolute path and the mark of the content."""
        self._parts()
        return self.place.marked(fingerprint)

    def count(self) -> int:
        """From the names of all files."""
        return remaining({part: files.labels for part, files in self._labelled().items()})

    def load(self) -> Streams:
        """The names of all files by part; images are read when they are due."""
        require_pillow()
        self._parts()
        self.place.check(fingerprint)
        parts, seen = self._labelled(), self._seen
        if sum(map(len, parts.values())) <= VERIFIED:
            _verify(parts.values(), self.place.name)
        train, valid, test = completed(parts, lambda files: files.labels, Files.take)
        mean, sd = sampled_statistics(train, seen.channels, seen.side)
        return Streams(train, valid, test, mean, sd, seen.side)

    def _labelled(self) -> dict[str, Files]:
        """The files of each part; raises `DataError` at classes that cannot be trained on."""
        folders, name = self._parts(), self.place.name
        classes = _subfolders(folders["train"])
        if not classes:
            raise DataError(f"data set {name} has no class folders in {folders['train']}; {LAYOUT}")
        parts = {part: _files(root, classes, name) for part, root in folders.items()}
        _refuse_small_classes(parts, classes, name)
        refuse_labels({part: files.labels for part, files in parts.items()}, len(classes), name)
        return parts

    def _parts(self) -> dict[str, str]:
        """The folder of each part; raises `DataError` if there is none, or two of one part."""
        path, children = str(self.place.path), _subfolders(str(self.place.path))
        if not is_folder(self.place.path):
            raise DataError(f"data set {self.place.name}: there is no folder {path}")
        named = [child for child in children if child.lower() in PARTS]
        full = [child for child in named if _subfolders(f"{path}/{child}")]
        if not any(PARTS[child.lower()] == "train" for child in full):
            self._refuse_without_train(full, named if named == children else [])
            return {"train": path}
        found: dict[str, str] = {}
        for child in named:
            if PARTS[child.lower()] in found:
                raise DataError(f"data set {self.place.name} has two parts {PARTS[child.lower()]}: {named}")
            found[PARTS[child.lower()]] = f"{path}/{child}"
        return found

    def _refuse_without_train(self, full: list[str], flat: list[str]) -> None:
        """`DataError` if other parts have class folders (a part is no class), or if there are parts alone."""
        if full:
            why = f"{full[0]} has class folders, but no train folder beside it has any"
        elif flat:
            why = f"{flat[0]} has no class folders"
        else:
            return
        raise DataError(f"data set {self.place.name}: {self.place.path}/{why}; {LAYOUT}")

    @functools.cached_property
    def _seen(self) -> Survey:
        """Of the first image of evenly spread classes: no folder with a million files is listed whole."""
        root = self._parts()["train"]
        classes, seen = _subfolders(root), []
        for at in spread(len(classes), LOOKED_AT):
            first = next(_images(f"{root}/{classes[at]}"), None)
            if first is None:
                raise DataError(f"data set {self.place.name}: class {classes[at]!r} {EMPTY}")
            seen.append(header(Path(first), first))
        if not seen:
            raise DataError(f"data set {self.place.name} has no class folders in {root}; {LAYOUT}")
        return survey(seen)


def fingerprint(path: Path) -> str:
    """Mark of the names and sizes of all image files."""
    return mark_of(path, _images(str(path)))


def _subfolders(path: str) -> list[str]:
    """Names of the folders in a folder, sorted; hidden ones are left out."""
    if not is_folder(path):
        return []
    try:
        with os.scandir(path) as entries:
            return sorted(item.name for item in entries if item.is_dir() and not item.name.startswith("."))
    except OSError as error:
        raise unreadable(error) from None


def _images(folder: str) -> Iterator[str]:
    """Paths of all image files below a folder, in the same order everywhere."""
    return (path for path in files_below(folder) if path.lower().endswith(ENDINGS))


def _files(root: str, classes: list[str], name: str) -> Files:
    """The files of a part, by class; raises `DataError` at a class that training does not have."""
    own = set(_subfolders(root))
    strange = sorted(own.difference(classes))
    if strange or not own:
        found = f"class {strange[0]!r}, which train has not" if strange else "no class folders"
        mend = "rename or remove it" if strange else "add them, or remove the part's folder"
        raise DataError(f"data set {name}: {root} has {found}; known are {', '.join(classes[:20])}; {mend}")
    by_class = [list(_images(f"{root}/{label}")) if label in own else [] for label in classes]
    names = [os.fsencode(path[len(root) + 1 :]) for paths in by_class for path in paths]
    labels = np.repeat(np.arange(len(classes), dtype=np.int64), [len(paths) for paths in by_class])
    return Files(root, np.array(names, dtype=np.bytes_), labels)


def _refuse_small_classes(parts: Mapping[str, Files], classes: list[str], name: str) -> None:
    counts = np.bincount(parts["train"].labels, minlength=len(classes))
    few = classes[int(counts.argmin())]
    if not counts.min():
        raise DataError(f"data set {name}: class {few!r} {EMPTY}")
    if len(parts) < len(set(PARTS.values())) and counts.min() < FEWEST:
        raise DataError(
            f"data set {name}: class {few!r} has {counts.min()} training images, needed are {FEWEST}: "
            "add some, or give val and test folders of its own"
        )


def _verify(parts: Any, name: str) -> None:
    """Look at every header; raises one `DataError` with the number of bad files and the first of them."""
    bad: list[str] = []
    for files in parts:
        for index in range(len(files)):
            try:
                header(files.path(index), files.name(index))
            except DataError as error:
                bad.append(str(error))
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        raise DataError(f"data set {name}: {bad[0]}{more}")


@DATASETS.register("imagefolder", "image files in a folder per class, of any size, streamed")
@takes("PATH")
def imagefolder(argument: str) -> DataSet:
    """The data set of one folder."""
    return ImageFolder(Place.parse("imagefolder", argument))
