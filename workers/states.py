"""The files below a study's artifacts: how they are named, and how they go. Imports no torch.

A file goes only by the hand of its own attempt or of a later one: an attempt whose driver has lost its
lease may still be running somewhere, and must not take away what its successor needs.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

logger = logging.getLogger(__name__)

STATE = re.compile(r"/state-\d+-\d+\.safetensors$")
WEIGHTS = re.compile(r"/(best|last)\.safetensors$")
UNFINISHED = re.compile(r"\.safetensors\.\d+\.part$|/\.tmp\w+$")
"""Files of workers that died while they wrote; the second kind is safetensors' own."""
PLACE = re.compile(r"/(\d+)/([^/]+)$")
"""ATTEMPT/FILE."""

OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "ocilake", "oss"}
"""Protocols without folders: making one would make a bucket, or ask whether it is there."""


def trial_folder(root: str, number: int) -> str:
    """The folder of a trial's attempts: a path of the artifacts' file system."""
    return str(PurePosixPath(root) / str(int(number)))


def make_folder(fs: Any, folder: str) -> None:
    """Make a folder and those above it, where there are such."""
    protocols = {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)
    if not protocols & OBJECT_STORES:
        fs.makedirs(folder, exist_ok=True)


def thin(fs: Any, trial: str, attempt: int, keep: int) -> None:
    """While a trial runs: all but the newest `keep` of its states go, and what was half or twice written."""
    found = files(fs, trial, attempt)
    states = [path for _, path in found if STATE.search(path)]
    for path in states[:-keep] + _replaced(found, attempt):
        remove(fs, path)


def sweep(fs: Any, trial: str, attempt: int) -> None:
    """After the end of a trial: its states go, and what former attempts wrote that this one wrote too."""
    found = files(fs, trial, attempt)
    for path in [path for _, path in found if not WEIGHTS.search(path)] + _replaced(found, attempt):
        remove(fs, path)
    remove_empty(fs, trial)


def forget(artifacts: str, number: int, attempt: int = 2**31) -> None:
    """Remove all that a trial's attempts (up to this one) wrote: it has ended without a result.

    What cannot be removed is logged, no more.
    """
    try:
        fs, root = fsspec.url_to_fs(artifacts)
        trial = trial_folder(root, number)
        for _, path in files(fs, trial, attempt):
            remove(fs, path)
        remove_empty(fs, trial)
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot remove the checkpoints of trial %d: %s", number, error)


def remove(fs: Any, path: str) -> None:
    """Remove a file that another worker may have removed already."""
    with suppress(FileNotFoundError):
        fs.rm_file(path)


def remove_empty(fs: Any, trial: str) -> None:
    """Remove a trial's folders where they are empty; object stores have none."""
    if not isinstance(fs, LocalFileSystem):
        return
    with suppress(OSError):
        for folder in [*fs.ls(trial, detail=False), trial]:
            with suppress(OSError):
                fs.rmdir(folder)


def files(fs: Any, trial: str, attempt: int) -> list[tuple[int, str]]:
    """Our files of a trial's attempts up to this one, as (attempt, path), oldest first."""
    return sorted(_ours(listing(fs, trial), attempt))


def listing(fs: Any, folder: str) -> dict[str, Any]:
    """All files below a folder with what the file system tells of them, as they are now."""
    fs.invalidate_cache()  # object stores remember what they have listed; other workers write there
    found: dict[str, Any] = fs.find(folder, detail=True)
    return found


def _ours(paths: Any, attempt: int) -> Iterator[tuple[int, str]]:
    for path in paths:
        place = PLACE.search(path)
        known = STATE.search(path) or WEIGHTS.search(path) or UNFINISHED.search(path)
        if place and known and int(place[1]) <= attempt:
            yield int(place[1]), path


def _replaced(found: Sequence[tuple[int, str]], attempt: int) -> list[str]:
    """Of former attempts: weights that this one has written too, and halves."""
    mine = {_name(path) for number, path in found if number == attempt}
    former = [path for number, path in found if number < attempt]
    return [path for path in former if UNFINISHED.search(path) or _is_weights_of(mine, path)]


def _is_weights_of(names: set[str], path: str) -> bool:
    return bool(WEIGHTS.search(path)) and _name(path) in names


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
