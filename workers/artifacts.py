"""Whether checkpoints can be kept at a URL: tried out, before anything else is begun. Imports no torch."""

import errno
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from nas.errors import NasError, UnknownNameError
from workers.states import make_folder

LIMIT_S = 30.0
"""A store that has not answered by then is not there."""
SIZE = 65_536
"""Bytes that are written: more than the rest of a full disk."""
PRIVATE = ("memory",)
"""What only one process sees."""
USUAL = ("abfs", "file", "gs", "hdfs", "hf", "oci", "oss", "s3", "sftp", "smb", "webhdfs")
"""What is offered to who types a protocol that fsspec does not know."""
ELSEWHERE = "give another --artifacts URL (or NAS_ARTIFACTS)"


def check_artifacts(url: str, shared: bool = False) -> None:
    """Write a file below the URL, read it and remove it; nothing stays. `shared`: other processes see it too.

    Raises:
        NasError: what is wrong, and what to type.
    """
    protocol = url.partition("://")[0]
    if shared and protocol in PRIVATE:
        raise NasError(f"artifacts {url}: workers are other processes and do not see it; {ELSEWHERE}")
    errors: list[BaseException] = []
    done = threading.Event()

    def tried() -> None:
        try:
            _try_out(url)
        except Exception as error:  # object stores have errors of their own
            errors.append(error)
        done.set()

    threading.Thread(target=tried, daemon=True).start()
    if not done.wait(LIMIT_S):
        raise NasError(f"artifacts {url}: no answer within {LIMIT_S:.0f} s; {ELSEWHERE}")
    for error in errors:
        raise unusable(url, error) from None


def unusable(url: str, error: BaseException) -> NasError:
    """What keeps artifacts from being written, with what to type."""
    if isinstance(error, NasError):
        return error
    said = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, ImportError):
        named = re.findall(r'"([\w-]+)"', said) or [word for word in said.split() if word.endswith("fs")]
        packages = " ".join(named) or "what it names"
        return NasError(f"artifacts {url}: {said}; type pip install {packages}, on all hosts of workers too")
    if isinstance(error, ValueError) and "rotocol" in said:
        return UnknownNameError("protocol", url.partition("://")[0], USUAL, f"artifacts {url}: ")
    told = (error.strerror if isinstance(error, OSError) else None) or said
    advice = "make it writable, or " if isinstance(error, PermissionError) else ""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        advice = "free some room there, or "
    if isinstance(error, FileNotFoundError):
        advice = "make it first, or "
    return NasError(f"artifacts {url}: cannot write there: {told}; {advice}{ELSEWHERE}")


def _try_out(url: str) -> None:
    fs, root = fsspec.url_to_fs(url)
    path, text = f"{root.rstrip('/')}/.check-{secrets.token_hex(8)}", os.urandom(SIZE)
    with _folders_gone_afterwards(fs, root):
        make_folder(fs, root)
        try:
            fs.pipe_file(path, text)
            if fs.cat_file(path) != text:
                raise NasError(f"artifacts {url}: what was written does not read the same; {ELSEWHERE}")
        finally:
            _remove(fs, path)


def _remove(fs: Any, path: str) -> None:
    """Take the file away; that this cannot be done is told only where it is the only thing wrong."""
    with suppress(FileNotFoundError):
        fs.rm_file(path)


@contextmanager
def _folders_gone_afterwards(fs: Any, root: str) -> Iterator[None]:
    """Remove the folders that were made for the check, deepest first."""
    made: list[Path] = []
    if isinstance(fs, LocalFileSystem):
        folder = Path(root)
        while not folder.exists() and folder != folder.parent:
            made.append(folder)
            folder = folder.parent
    try:
        yield
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
