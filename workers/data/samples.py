"""Where encoded images lie: in files below a folder, or in rows of an Arrow table.

Both are small to hand to another process: names are one array, tables are opened where they are read.
"""

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import DataError
from workers.data.base import Labels


@dataclass(frozen=True, eq=False)
class Files:
    """Image files below `root`; `names` are relative, of bytes: a million of them are one small array."""

    root: str
    names: NDArray[np.bytes_]
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def path(self, index: int) -> Path:
        """Of one image."""
        return Path(self.root, os.fsdecode(bytes(self.names[index])))

    def read(self, index: int) -> bytes:
        """The content of a file."""
        try:
            return self.path(index).read_bytes()
        except OSError as error:
            raise DataError(f"image {self.name(index)} cannot be read: {error.strerror or error}") from None

    def name(self, index: int) -> str:
        """Its path."""
        return str(self.path(index))

    def take(self, at: Labels) -> "Files":
        """Only these images, in this order."""
        return Files(self.root, self.names[at], self.labels[at])


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of Arrow files, as the `datasets` library caches them: structs of `bytes` and `path`."""

    files: tuple[str, ...]
    column: str
    rows: Labels
    labels: Labels
    source: str
    """Name of the data set's part, for messages."""

    def __len__(self) -> int:
        return len(self.labels)

    def read(self, index: int) -> bytes:
        """The bytes of a row, or the content of the file that it names."""
        content, path = self._stored(index)
        if content is None and not path:
            raise DataError(f"image {self.name(index)} is missing: fill or remove the row")
        try:
            return content if content is not None else Path(path or "").read_bytes()
        except OSError as error:
            raise DataError(f"image {self.name(index)} cannot be read: {error.strerror or error}") from None

    def name(self, index: int) -> str:
        """Its row, and the file's name if the table has one."""
        row, (_, path) = f"{self.source}, row {self.rows[index]}", self._stored(index)
        return f"{path} ({row})" if path else row

    def take(self, at: Labels) -> "Rows":
        """Only these rows, in this order."""
        return Rows(self.files, self.column, self.rows[at], self.labels[at], self.source)

    def _stored(self, index: int) -> tuple[bytes | None, str | None]:
        chunks, starts = _column(self.files, self.column)
        row = int(self.rows[index])
        at = int(np.searchsorted(starts, row, side="right")) - 1
        cell = chunks[at][row - int(starts[at])].as_py() or {}
        return cell.get("bytes"), cell.get("path")


@functools.lru_cache(maxsize=16)
def _column(files: tuple[str, ...], column: str) -> tuple[list[Any], Labels]:
    """The chunks of a column, mapped into memory, and the number of the first row of each."""
    import pyarrow as pa

    tables = [pa.ipc.open_stream(pa.memory_map(file)).read_all() for file in files]
    chunks = [chunk for table in tables for chunk in table.column(column).chunks if len(chunk)]
    return chunks, np.cumsum([0, *(len(chunk) for chunk in chunks)])
