"""The files that are kept for a trial, by name: for those who list and hand them out. Imports no torch.

A name is one that this module has listed itself: none from elsewhere ever becomes part of a path.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import fsspec

from workers.printed import LOG
from workers.states import WEIGHTS, listing, trial_folder

CHUNK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """One file of a trial: of several attempts' the latest."""

    name: str
    attempt: int
    size: int
    path: str
    """Of the artifacts' file system."""


def kept_files(artifacts: str, number: int) -> list[Kept]:
    """The weights and the log of a trial, by name. Raises what the file system does."""
    fs, root = fsspec.url_to_fs(artifacts)
    folder = trial_folder(root, number)
    found: dict[str, Kept] = {}
    for path, info in listing(fs, folder).items():
        *_, attempt, name = path.split("/")
        if attempt.isdecimal() and (name == LOG or WEIGHTS.search(path)):
            one = Kept(name, int(attempt), int(info["size"] or 0), path)
            found[name] = max(one, found.get(name, one), key=lambda file: file.attempt)
    return [found[name] for name in sorted(found)]


def chunks(artifacts: str, file: Kept) -> Iterator[bytes]:
    """What is in a file that `kept_files` found, bit by bit."""
    fs, _ = fsspec.url_to_fs(artifacts)
    with fs.open(file.path, "rb") as stream:
        while data := stream.read(CHUNK):
            yield data


def tail(artifacts: str, file: Kept, size: int) -> bytes:
    """The last `size` bytes of a file that `kept_files` found."""
    fs: Any = fsspec.url_to_fs(artifacts)[0]
    found: bytes = fs.cat_file(file.path, start=max(0, file.size - size), end=file.size)
    return found
