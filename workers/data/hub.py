"""Data sets read through the `datasets` library: from its hub, its cache, or a folder of one's own.

`hf:NAME` is one of the hub (`hf:mnist`), one with a configuration (`hf:NAME#CONFIG`), or a folder of
parquet or image files. Sets with a name of their own (`cifar10`, …) are read from `$NAS_DATA/cifar10`
if that exists. Rows lie in Arrow files on disk; nothing is decoded before it is due.
"""

import functools
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nas.errors import DataError
from nas.records import DataInfo
from workers.data.base import DATASETS, DataSet, Streams, takes
from workers.data.images import LOOKED_AT, Survey, header, require_pillow, sampled_statistics, spread, survey
from workers.data.paths import absolute, own_copy
from workers.data.samples import Rows
from workers.data.split import completed, refuse_labels

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
        """With an absolute path if it is a folder."""
        return self.known.name if self.known is not None else self.typed

    def load(self) -> Streams:
        """All parts, their rows on disk."""
        require_pillow()
        parts, classes = self._parts()
        refuse_labels({part: rows.labels for part, rows in parts.items()}, classes, self.name)
        seen = _survey(parts["train"])
        channels = self.info.channels
        train, valid, test = completed(parts, lambda rows: rows.labels, Rows.take)
        mean, sd = self.statistics or sampled_statistics(train, channels, seen.side)
        return Streams(train, valid, test, mean, sd, seen.side)

    def _parts(self) -> tuple[dict[str, Rows], int]:
        """The labelled parts under our names, and how many classes there are."""
        tables = _opened(self._folder(), self.config, self.name)
        features = tables[next(iter(tables))].features
        image = self.image or _image_column(features, self.name)
        label = self.label or _label_column(features, self.name)
        parts: dict[str, Rows] = {}
        for theirs, ours in self.parts.items():
            if theirs in tables and ours not in parts:
                rows = _rows(tables[theirs], image, label, f"{self.name}, {theirs}")
                parts |= {ours: rows} if len(rows) else {}
        if "train" not in parts:
            raise DataError(f"data set {self.name} has the parts {', '.join(tables)}: needed is train")
        names = getattr(features[label], "names", None)
        return parts, len(names) if names else int(parts["train"].labels.max()) + 1

    def _folder(self) -> str:
        """A copy of one's own if there is one, else the source."""
        copy = own_copy(self.known.name) if self.known is not None else None
        return str(copy or self.source)


def can_load() -> bool:
    """Whether the `datasets` library is installed."""
    return importlib.util.find_spec("datasets") is not None


@functools.lru_cache(maxsize=4)
def _opened(source: str, config: str | None, name: str) -> Any:
    """The tables of all parts by their names, downloaded if need be; raises `DataError`."""
    if not can_load():
        raise DataError(
            f"data set {name} is read by the library datasets, which is not installed: "
            "type pip install 'nas-design-spaces[data]'"
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
    """`hf:NAME`, `hf:NAME#CONFIG`; NAME may be a folder."""
    source, _, config = argument.partition("#")
    folder = absolute(source)
    source = str(folder) if folder.is_dir() else source
    typed = f"hf:{source}#{config}" if config else f"hf:{source}"
    return Hub(None, source, config or None, recipe={"crop": 0.125}, typed=typed)
