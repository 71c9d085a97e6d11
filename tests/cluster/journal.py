"""An evaluator with a journal of its own, so that what the store says can be held against what was done.

Each host has its file, in its own /tmp: one line when an evaluation begins, one when it has ended. Hosts of
one machine have one clock, which is the database's too.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nas.records import Evaluation, Metrics, Request
from workers.evaluators import gives

JOURNAL = Path("/tmp/journal")
EPOCHS = 4
SECONDS = 1.0
"""How long an evaluation takes."""


@dataclass(frozen=True)
class Line:
    """What a worker wrote down: `what` is begin or end."""

    what: str
    study: str
    number: int
    attempt: int
    value: float
    moment: float
    pid: int


def value_of(request: Request) -> float:
    """The error of a trial, from what it is: each attempt must come to the same."""
    return (request.seed % 999_983) / 999_983


@gives("error")
def journaled(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """A second of nothing, in epochs, written down."""
    value = value_of(evaluation.request)
    _note("begin", evaluation.request, value)
    for epoch in range(1, EPOCHS + 1):
        time.sleep(SECONDS / EPOCHS)
        yield epoch, {"error": value}
    _note("end", evaluation.request, value)


def _note(what: str, request: Request, value: float) -> None:
    """One write, so that lines of several processes do not mix."""
    line = [what, request.study, *request.key, value, time.time(), os.getpid()]
    journal = os.open(JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(journal, json.dumps(line).encode() + b"\n")
    finally:
        os.close(journal)


def read(folders: Iterable[Path], study: str) -> list[Line]:
    """What the journals of some hosts say of a study, in the order of time."""
    files = [folder / JOURNAL.name for folder in folders]
    texts = [file.read_text() for file in files if file.exists()]
    lines = [Line(*json.loads(line)) for text in texts for line in text.splitlines()]
    return sorted((line for line in lines if line.study == study), key=lambda line: line.moment)
