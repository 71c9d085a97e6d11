"""The pictures that are kept of a trial, beside its attempts: `NUMBER/inside/NAME.png`, the numbers behind
each in `NAME.json`, and an index. Imports no torch.

A name is one that the index lists: none from elsewhere ever becomes part of a path.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from workers.states import make_folder, trial_folder

FOLDER, INDEX = "inside", "index.json"


@dataclass(frozen=True)
class Shown:
    """What a view of a trial's network came to."""

    name: str
    title: str
    order: int
    caption: str = ""
    alt: str = ""
    """The picture in words."""
    width: int = 0
    """Of the picture on a page; 0 if there is none. It has twice as many pixels."""
    height: int = 0
    size: int = 0
    """Bytes."""
    why: str = ""
    """Why there is no picture, as the end of a sentence; empty if there is one."""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of picture and data."""
        return () if self.why else (f"{self.name}.png", f"{self.name}.json")


def folder_of(artifacts: str, number: int) -> str:
    """Where the pictures of a trial are: a path of the artifacts' file system."""
    return f"{trial_folder(fsspec.url_to_fs(artifacts)[1], number)}/{FOLDER}"


def write_pictures(artifacts: str, number: int, views: Sequence[Shown], files: Mapping[str, bytes]) -> None:
    """Keep what was drawn, in the place of former pictures of these views; the index comes last.

    Raises what the file system does.
    """
    fs, folder = fsspec.url_to_fs(artifacts)[0], folder_of(artifacts, number)
    make_folder(fs, folder)
    for name, content in files.items():
        _put(fs, f"{folder}/{name}", content)
    known = {view.name: view for view in read_index(artifacts, number)} | {view.name: view for view in views}
    ordered = sorted(known.values(), key=lambda view: (view.order, view.name))
    text = json.dumps([asdict(view) for view in ordered], ensure_ascii=False, indent=1)
    _put(fs, f"{folder}/{INDEX}", text.encode())


def _put(fs: Any, path: str, content: bytes) -> None:
    """Write a file that readers see whole or not at all; object stores do so by themselves."""
    if not isinstance(fs, LocalFileSystem):
        fs.pipe_file(path, content)
        return
    beside = f"{path}.{os.getpid()}.part"
    fs.pipe_file(beside, content)
    os.replace(beside, path)  # noqa: PTH105 (a path of fsspec, not of the user)


def read_index(artifacts: str, number: int) -> list[Shown]:
    """What is kept of a trial, in the order of the views; empty if nobody has looked.

    Raises what the file system does.
    """
    fs: Any = fsspec.url_to_fs(artifacts)[0]
    try:
        found = json.loads(fs.cat_file(f"{folder_of(artifacts, number)}/{INDEX}"))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [Shown(**one) for one in found]


def read_picture(artifacts: str, number: int, name: str) -> bytes | None:
    """The content of `NAME.png` or `NAME.json` of a view that is kept; None if there is no such file."""
    if not any(name in view.files for view in read_index(artifacts, number)):
        return None
    try:
        found: bytes = fsspec.url_to_fs(artifacts)[0].cat_file(f"{folder_of(artifacts, number)}/{name}")
    except FileNotFoundError:  # the folder was tidied by hand
        return None
    return found
