"""What our code warns of during an attempt: it goes to the log as ever, and into the attempt's message."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Notes(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def noted() -> Iterator[list[str]]:
    """The warnings of `workers.*` while entered, in order."""
    notes, logger = _Notes(), logging.getLogger("workers")
    logger.addHandler(notes)
    try:
        yield notes.messages
    finally:
        logger.removeHandler(notes)
