"""A file that a driver writes to the artifact root: a worker that cannot read it must not join."""

import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass

import fsspec

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Probe:
    """Where the file is, and what it says."""

    url: str
    text: str

    def is_seen(self) -> bool:
        """Whether the file can be read here and says what it should."""
        try:
            fs, path = fsspec.url_to_fs(self.url)
            return bool(fs.cat_file(path).decode() == self.text)
        except Exception:  # a file system that is unknown here, away, or refuses
            return False

    def remove(self) -> None:
        """Take the file away again."""
        with suppress(Exception):
            fs, path = fsspec.url_to_fs(self.url)
            fs.rm_file(path)


def write_probe(artifacts: str) -> Probe | None:
    """A new probe below the artifact root; None if it cannot be written, which then tells nothing."""
    text = secrets.token_hex(16)
    probe = Probe(f"{artifacts.rstrip('/')}/.probe-{text[:8]}", text)
    try:
        fs, path = fsspec.url_to_fs(probe.url)
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(path, text.encode())
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot write to the artifact root %s: %s", artifacts, error)
        return None
    return probe
