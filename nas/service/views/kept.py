"""What is kept of a trial in the artifacts, asked without making a page wait for a store that is far away."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError as TookTooLong
from typing import TypeVar

from workers.kept import Kept, kept_files, tail
from workers.printed import LOG

T = TypeVar("T")
logger = logging.getLogger(__name__)

PATIENCE_S = 1.5
_asking = ThreadPoolExecutor(4, "artifacts")


def kept(artifacts: str, number: int) -> list[Kept]:
    """The files of a trial; none while its artifacts cannot be read, or take longer than a page may."""
    return listed(kept_files, artifacts, number)


def listed(ask: Callable[[str, int], list[T]], artifacts: str, number: int) -> list[T]:
    """What `ask` finds of a trial in its artifacts; nothing while they cannot be read, or take too long."""
    asked = _asking.submit(ask, artifacts, number)
    try:
        return asked.result(PATIENCE_S)
    except TookTooLong:
        asked.cancel()
        logger.warning("no answer from %s within %g s", artifacts, PATIENCE_S)
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot list what is kept of trial %d in %s: %s", number, artifacts, error)
    return []


def log_tail(artifacts: str, number: int, size: int) -> tuple[str, bool]:
    """What the latest attempt that printed something did print, its last `size` bytes; and whether there
    was more."""
    for file in kept(artifacts, number):
        if file.name == LOG:
            try:
                data = _asking.submit(tail, artifacts, file, size).result(PATIENCE_S)
            except Exception as error:  # gone meanwhile, or as above
                logger.warning("cannot read %s: %s", file.path, error)
                break
            return data.decode("utf-8", "replace"), file.size > size
    return "", False
