"""Data sets named by a path: the path made absolute, and a mark of what is stored there.

`npz:faces.npz` becomes `npz:/home/ann/faces.npz@9f86d081` when a study is specified. The mark is of
the content as far as a look at the directory tells, so a worker that finds other data under the same
path says so instead of training on it.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nas.errors import DataError

ROOT_VARIABLE = "NAS_DATA"
"""Environment variable with the folder in which data sets are looked for by name."""
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
        if marked and not path.exists():
            path, mark = absolute(marked[1]), marked[2]
        return cls(kind, path, mark)

    @property
    def name(self) -> str:
        """The data set as `KIND:PATH`, for messages."""
        return f"{self.kind}:{self.path}"

    def marked(self, fingerprint: Callable[[Path], str]) -> str:
        """The data set's name with the mark of its content, which is taken now if it had none."""
        return f"{self.name}@{self.mark or fingerprint(self.path)}"

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
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 (`resolve` follows links)


def own_copy(name: str) -> Path | None:
    """The folder of a data set below `NAS_DATA`, if there is one."""
    root = os.environ.get(ROOT_VARIABLE)
    folder = Path(root).expanduser() / name if root else None
    return folder if folder is not None and folder.is_dir() else None
