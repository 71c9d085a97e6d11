"""Evaluators for tests, named as `python:tests.cli.evaluators.NAME`."""

import time
from collections.abc import Iterator

from nas.records import Evaluation, Metrics


def quick(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """A made-up error at once."""
    yield 1, {"error": (evaluation.request.seed % 1000) / 1000}


def slow(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Twenty epochs of 0.1 s."""
    for epoch in range(1, 21):
        time.sleep(0.1)
        yield epoch, {"error": 1 / epoch}


def broken(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Fails always."""
    yield from _unlucky()


def _unlucky() -> Iterator[tuple[int, Metrics]]:
    raise KeyError("no such luck")


def second(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """One second of nothing."""
    time.sleep(1.0)
    yield 1, {"error": (evaluation.request.seed % 1000) / 1000}
