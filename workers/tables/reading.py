"""The cells of a CSV or Parquet file, column by column, whatever they mean."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import TableError
from nas.versions import getting

FORMATS = ".csv, .csv.gz, .parquet or .parquet.gz"


@dataclass(frozen=True, eq=False)
class Sheet:
    """Named columns of equal length; cells of CSV are texts, those of Parquet values. Empty ones are None."""

    name: str
    """As messages call it."""
    columns: dict[str, list[Any]]

    @property
    def rows(self) -> int:
        """How many there are, without the header."""
        return len(next(iter(self.columns.values()), []))


def fingerprint(path: Path) -> str:
    """Mark of a file's content: 8 hexadecimal digits."""
    return hashlib.sha256(_stored(path)).hexdigest()[:8]


def read_sheet(path: Path) -> Sheet:
    """All of a file; raises `TableError`."""
    return _read(path, _csv, _parquet)


def read_header(path: Path) -> list[str]:
    """The names of the columns alone; raises `TableError`."""
    return list(_read(path, lambda content, name: _csv(content, name, whole=False), _parquet).columns)


def _read(path: Path, *readers: Callable[[bytes, str], Sheet]) -> Sheet:
    name = f"table {path}"
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    zipped = suffixes[-1:] == [".gz"]
    kinds = dict(zip((".csv", ".parquet"), readers, strict=True))
    reader = kinds.get("".join(suffixes[:-1][-1:] if zipped else suffixes[-1:]))
    if reader is None:
        raise TableError(f"{name}: its name does not say what it is; it ends with {FORMATS}")
    content = _stored(path)
    try:
        return reader(gzip.decompress(content) if zipped else content, name)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{name} cannot be read: {error}") from None


def _stored(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TableError(f"table {path} cannot be read: {error.strerror or error}") from None


def _csv(content: bytes, name: str, *, whole: bool = True) -> Sheet:
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = [cell.strip() for cell in next(lines, [])]
    _refuse_header(header, name)
    rows: list[list[str]] = []
    for row in lines if whole else ():
        if not row:
            continue
        if len(row) != len(header):
            raise TableError(f"{name}, line {lines.line_num}: {len(row)} cells under {len(header)} columns")
        rows.append(row)
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return Sheet(
        name,
        {n: [cell.strip() or None for cell in cells] for n, cells in zip(header, columns, strict=True)},
    )


def _parquet(content: bytes, name: str) -> Sheet:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise TableError(f"{name}: reading Parquet needs {getting('data')}") from None
    try:
        table = parquet.read_table(io.BytesIO(content))
    except pyarrow.ArrowException as error:
        raise TableError(f"{name} cannot be read: {error}") from None
    _refuse_header(table.column_names, name)
    return Sheet(name, {n: table.column(i).to_pylist() for i, n in enumerate(table.column_names)})


def _refuse_header(header: list[str], name: str) -> None:
    if not header or not all(header):
        raise TableError(
            f"{name} has no header, or a column without a name: the first line names the columns"
        )
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise TableError(f"{name} has two columns {twice[0]!r}")
