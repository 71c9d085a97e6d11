"""Data sets read through the `datasets` library: from its hub, its cache, or a folder of one's own.

`hf:NAME` is one of the hub (`hf:mnist`), one with a configuration (`hf:NAME#CONFIG`), or a folder of
parquet or image files, whose content is marked. Sets with a name of their own (`cifar10`, …) are read
from `$NAS_DATA/cifar10` if that exists. Rows lie in Arrow files on disk; nothing is decoded before it is
due.
"""

import functools
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nas.errors import DataError
from nas.records import DataInfo
from nas.versions import getting
from workers.data.base import DATASETS, DataSet, Streams, takes
from workers.data.images import LOOKED_AT, Survey, header, require_pillow, sampled_statistics, spread, survey
from workers.data.paths import Place, files_below, is_folder, mark_of, own_copy
from workers.data.samples import Rows
from workers.data.split import completed, refuse_labels, remaining

USUAL_PARTS = {"train": "train", "validation": "valid", "valid": "valid", "val": "valid", "test": "test"}
"""Names of parts, and what they are called here."""


@dataclass(frozen=True)
class Hub:
    """One data set of the `datasets` library; `known` spares a look at it, as do the names of columns."""

    known: DataInfo | None
    source: str
    """Its name on the hub, or a folder."""
    config: str | None = None
    image: str | None = None
    label: str | None = None
    parts: Mapping[str, str] = field(default_factory=lambda: USUAL_PARTS)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    statistics: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    typed: str = ""
    """Its name as the user typed it, if it is not `known`."""
    place: Place | None = None
    """Where it lies, if it is a folder named by its path."""

    @functools.cached_property
    def info(self) -> DataInfo:
        """What is known; else from the columns, and from the headers of some images."""
        if self.known is not None:
            return self.known
        parts, classes = self._parts()
        seen = _survey(parts["train"])
        return DataInfo(self.typed, channels=seen.channels, size=seen.size, classes=classes)

    @property
    def name(self) -> str:
        """With the absolute path and the mark of the content if it is a folder."""
        if self.place is not None:
            return _with_config(self.place.marked(fingerprint), self.config)
        return self._called

    @property
    def _called(self) -> str:
        return self.known.name if self.known is not None else self.typed

    def count(self) -> int | None:
        """From the labels of a set that was opened for its `info`; a known one is not fetched for that."""
        if self.known is not None:
            return None
        return remaining({part: rows.labels for part, rows in self._parts()[0].items()})

    def load(self) -> Streams:
        """All parts, their rows on disk."""
        require_pillow()
        if self.place is not None:
            self.place.check(fingerprint)
        parts, _ = self._parts()
        seen = _survey(parts["train"])
        channels = self.info.channels
        train, valid, test = completed(parts, lambda rows: rows.labels, Rows.take)
        mean, sd = self.statistics or sampled_statistics(train, channels, seen.side)
        return Streams(train, valid, test, mean, sd, seen.side)

    def _parts(self) -> tuple[dict[str, Rows], int]:
        """The labelled parts under our names, and how many classes there are."""
        folder, name = self._folder(), self._called
        place = self.place or (Place("hf", Path(folder)) if is_folder(folder) else None)
        tables = _opened(folder, self.config, name, place and place.settled(fingerprint))
        features = tables[next(iter(tables))].features
        image = self.image or _image_column(features, name)
        label = self.label or _label_column(features, name)
        parts: dict[str, Rows] = {}
        for theirs, ours in self.parts.items():
            if theirs in tables and ours not in parts:
                rows = _rows(tables[theirs], image, label, f"{name}, {theirs}")
                parts |= {ours: rows} if len(rows) else {}
        if "train" not in parts:
            listed = ", ".join(tables)
            raise DataError(f"data set {name} has the parts {listed}: needed is train, with labels (not -1)")
        names = getattr(features[label], "names", None)
        classes = len(names) if names else int(parts["train"].labels.max()) + 1
        refuse_labels({part: rows.labels for part, rows in parts.items()}, classes, name)
        return parts, classes

    def _folder(self) -> str:
        """A copy of one's own if there is one, else the source."""
        copy = own_copy(self.known.name) if self.known is not None else None
        return str(copy or self.source)


def fingerprint(path: Path) -> str:
    """Mark of the names and sizes of all files of a folder; raises `DataError` if there is none."""
    if not is_folder(path):
        raise DataError(f"data set hf:{path}: there is no folder {path}; copy it there")
    return mark_of(path, files_below(str(path)))


def can_load() -> bool:
    """Whether the `datasets` library is installed."""
    return importlib.util.find_spec("datasets") is not None


@functools.lru_cache(maxsize=4)
def _opened(source: str, config: str | None, name: str, place: Place | None) -> Any:
    """The tables of all parts by their names, downloaded if need be; raises `DataError`.

    `place`: a folder with its mark, so that one whose files change is opened again.
    """
    if place is not None:
        place.check(fingerprint)
    if not can_load():
        raise DataError(
            f"data set {name} is read by the library datasets, which is not installed: type {getting('data')}"
        )
    import datasets

    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        return datasets.load_dataset(source, config, keep_in_memory=False)
    except Exception as error:  # of the network, of the hub, of file formats, of configurations
        raise DataError(
            f"data set {name} cannot be loaded from {source}: {_first_line(error)}; "
            "check its name and the network, or put a copy in a folder and name that: hf:PATH"
            + (f", or $NAS_DATA/{name}" if not name.startswith("hf:") else "")
        ) from None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _image_column(features: Mapping[str, Any], name: str) -> str:
    import datasets

    found = [column for column, kind in features.items() if isinstance(kind, datasets.Image)]
    if len(found) != 1:
        listed = ", ".join(features)
        raise DataError(f"data set {name} has {len(found)} columns of images among {listed}: needed is one")
    return found[0]


def _label_column(features: Mapping[str, Any], name: str) -> str:
    """The only column of class labels; of several, or of none, one that is called label."""
    import datasets

    classes = [column for column, kind in features.items() if isinstance(kind, datasets.ClassLabel)]
    called = [column for column in ("label", "labels", "fine_label") if column in features]
    found = classes if len(classes) == 1 else called
    if not found:
        listed = ", ".join(features)
        raise DataError(f"data set {name} has the columns {listed}: needed is one of class labels, `label`")
    return found[0]


def _rows(table: Any, image: str, label: str, source: str) -> Rows:
    """The rows of a part that have a label (hubs mark hidden ones by -1)."""
    numbers = table.data.column(label).to_numpy()
    if numbers.dtype.kind not in "iu":
        raise DataError(f"data set {source}: labels in {label} are no integers, or some are missing")
    rows = np.flatnonzero(numbers != -1).astype(np.int64)
    files = tuple(cached["filename"] for cached in table.cache_files)
    return Rows(files, image, rows, numbers[rows].astype(np.int64), source)


def _survey(rows: Rows) -> Survey:
    at = spread(len(rows), LOOKED_AT)
    return survey(header(rows.read(index), rows.name(index)) for index in at)


@DATASETS.register("hf", "any classification set of images that the library datasets reads")
@takes("NAME")
def hf(argument: str) -> DataSet:
    """`hf:NAME`, `hf:NAME#CONFIG`; NAME may be a folder, which may be marked: `hf:PATH@MARK#CONFIG`."""
    source, _, config = argument.partition("#")
    found = Place.parse("hf", source)
    place = found if found.mark or is_folder(found.path) else None
    source = source if place is None else str(place.path)
    typed = _with_config(f"hf:{source}", config)
    return Hub(None, source, config or None, recipe={"crop": 0.125}, typed=typed, place=place)


def _with_config(name: str, config: str | None) -> str:
    return f"{name}#{config}" if config else name
