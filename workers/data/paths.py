"""Data sets named by a path: the path made absolute, and a mark of what is stored there.

`npz:faces.npz` becomes `npz:/home/ann/faces.npz@9f86d081` when a study is specified. The mark is of
the content as far as a look at the directory tells, so a worker that finds other data under the same
path says so instead of training on it.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nas.errors import DataError

ROOT_VARIABLE = "NAS_DATA"
"""Environment variable with the folder in which data sets are looked for by name."""
SIZED = 20_000
"""Files whose sizes are looked at for a mark, at most."""
MARK = re.compile(r"(.+)@([0-9a-f]{8})")


@dataclass(frozen=True)
class Place:
    """Where a data set lies, and which content is expected there (None: any)."""

    kind: str
    path: Path
    mark: str | None = None

    @classmethod
    def parse(cls, kind: str, argument: str) -> "Place":
        """Of an argument `PATH` or `PATH@MARK`; a path that exists as it is typed has no mark."""
        path, mark, marked = absolute(argument), None, MARK.fullmatch(argument)
        if marked and not os.path.exists(path):  # noqa: PTH110 (`Path` raises where one may not look)
            path, mark = absolute(marked[1]), marked[2]
        return cls(kind, path, mark)

    @property
    def name(self) -> str:
        """The data set as `KIND:PATH`, for messages."""
        return f"{self.kind}:{self.path}"

    def settled(self, fingerprint: Callable[[Path], str]) -> "Place":
        """With the mark of its content, which is taken now if it had none."""
        return self if self.mark else replace(self, mark=fingerprint(self.path))

    def marked(self, fingerprint: Callable[[Path], str]) -> str:
        """The data set's name with that mark."""
        return f"{self.name}@{self.settled(fingerprint).mark}"

    def check(self, fingerprint: Callable[[Path], str]) -> None:
        """Raise `DataError` if other content is expected than there is."""
        if self.mark is None:
            return
        found = fingerprint(self.path)
        if found != self.mark:
            raise DataError(
                f"data set {self.name} is not the one that was specified: its content has the mark {found}"
                f" here, {self.mark} was expected; give all workers the same files, or start a new study"
            )


def absolute(path: str) -> Path:
    """The path from the root, with `~` replaced; links are not followed: they may differ elsewhere."""
    # `Path` has nothing that keeps links, nor one that leaves the home of nobody as it is typed.
    return Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111


def is_folder(path: Path | str) -> bool:
    """Whether there is a folder, as far as one may look; `Path.is_dir` raises where one may not."""
    return os.path.isdir(path)  # noqa: PTH112


def files_below(folder: str) -> Iterator[str]:
    """Paths of all files below a folder, hidden ones left out, in the same order everywhere."""
    for where, folders, files in os.walk(folder, followlinks=True, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not (name[0] == "." or _leads_up(where, name)))
        for name in sorted(files):
            if not name.startswith("."):
                yield f"{where}/{name}"


def _leads_up(where: str, name: str) -> bool:
    """Whether a folder is a link to one that it lies in, which would be walked over and over."""
    link = Path(where, name)
    return link.is_symlink() and Path(where).resolve().is_relative_to(link.resolve())


def mark_of(root: Path, files: Iterable[str]) -> str:
    """Mark of the names and sizes of files below a folder; of the names alone where they are very many."""
    names, told = list(files), hashlib.sha256()
    sized = len(names) <= SIZED
    for name in names:
        try:
            size = os.stat(name).st_size if sized else 0  # noqa: PTH116 (a million paths: no objects)
        except OSError as error:
            raise unreadable(error) from None
        told.update(os.fsencode(f"{name[len(str(root)) :]}\0{size}\0"))
    return told.hexdigest()[:8]


def unreadable(error: OSError) -> DataError:
    """What to say about a file or folder that the system does not give."""
    return DataError(f"{error.filename} cannot be read: {error.strerror}; mend or remove it")


def _refuse(error: OSError) -> None:
    raise unreadable(error) from None


def check_root() -> None:
    """Raise `DataError` if `NAS_DATA` names no folder: copies would be looked for nowhere."""
    root = os.environ.get(ROOT_VARIABLE)
    if root and not is_folder(Path(root).expanduser()):
        raise DataError(
            f"{ROOT_VARIABLE}={root!r}: there is no such folder; it holds copies of data sets by their "
            f"names: correct it, or type unset {ROOT_VARIABLE}"
        )


def own_copy(name: str) -> Path | None:
    """The folder of a data set below `NAS_DATA`, if there is one."""
    root = os.environ.get(ROOT_VARIABLE)
    folder = Path(root).expanduser() / name if root else None
    return folder if folder is not None and is_folder(folder) else None
