"""A file that a driver writes to the artifact root: a worker that cannot read it must not join."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

import fsspec

from workers.artifacts import unusable
from workers.states import make_folder


@dataclass(frozen=True)
class Probe:
    """Where the file is, and what it says."""

    url: str
    text: str

    def unseen(self) -> str:
        """Why the file cannot be read here, or does not say what it should; empty if it does."""
        try:
            fs, path = fsspec.url_to_fs(self.url)
            return "" if fs.cat_file(path).decode() == self.text else "it says something else there"
        except Exception as error:  # a file system that is unknown here, away, or refuses
            return " ".join(f"{type(error).__name__}: {error}".split())[:200]

    def remove(self) -> None:
        """Take the file away again."""
        with suppress(Exception):
            fs, path = fsspec.url_to_fs(self.url)
            fs.rm_file(path)


def write_probe(artifacts: str) -> Probe:
    """A new probe below the artifact root; raises `NasError` if it cannot be written."""
    text = secrets.token_hex(16)
    probe = Probe(f"{artifacts.rstrip('/')}/.probe-{text[:8]}", text)
    try:
        fs, path = fsspec.url_to_fs(probe.url)
        make_folder(fs, path.rpartition("/")[0])
        fs.pipe_file(path, text.encode())
    except Exception as error:  # object stores have errors of their own
        raise unusable(artifacts, error) from None
    return probe
