"""The pictures that are kept of a trial's network, for its page: read, never drawn here."""

import logging

from nas.errors import NasError
from nas.service.studies import trial as look
from nas.service.views.kept import listed
from nas.store import Store
from workers.pictures import Shown, read_index, read_picture

logger = logging.getLogger(__name__)


class PictureNotKeptError(NasError, LookupError):
    """No picture of that name is kept for the trial."""


def inside(artifacts: str, number: int) -> list[Shown]:
    """What is kept of a trial; nothing while artifacts cannot be read, or take longer than a page may."""
    return listed(read_index, artifacts, number)


def trial_inside(store: Store, name: str, number: int) -> list[Shown]:
    """The views that are kept of a trial; raises `NasError` for a number that the study does not have."""
    row, found = store.study(name), look(store, name, number)
    return inside(row.artifacts, found.trial.number)


def picture(store: Store, name: str, number: int, file: str) -> bytes:
    """`NAME.png` or `NAME.json` of a view that is kept; raises `PictureNotKeptError` for any other name."""
    row, found = store.study(name), look(store, name, number)
    try:
        content = read_picture(row.artifacts, found.trial.number, file)
    except Exception as error:  # object stores have errors of their own
        logger.warning("cannot read a picture of trial %d in %s: %s", number, row.artifacts, error)
        content = None
    if content is None:
        raise PictureNotKeptError(
            f"no picture {file[:100]!r} is kept for trial {number} of {name}: type nas look {name} {number}"
        )
    return content
