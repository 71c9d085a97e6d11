"""Evaluators for tests, named as `python:tests.cli.evaluators.NAME`."""

import time
from collections.abc import Iterator
from pathlib import Path

from nas.records import Evaluation, Metrics


def quick(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """A made-up error at once."""
    yield 1, {"error": (evaluation.request.seed % 1000) / 1000}


def held(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Epochs of 20 ms until the file `go` is in the folder."""
    epoch = 1
    while not Path("go").exists():
        yield epoch, {"error": 1 / epoch}
        time.sleep(0.02)
        epoch += 1
    yield epoch, {"error": (evaluation.request.seed % 1000) / 1000}


def second_held(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """The first trial at once, the others as `held`."""
    yield from quick(evaluation) if evaluation.request.number == 1 else held(evaluation)


def loss(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """As `held`, with other metrics than the usual."""
    yield from ((epoch, {"loss": 1.0}) for epoch, _ in held(evaluation))


def traded(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """An error that falls with the parameters, and a latency that rises with the work."""
    cost = evaluation.architecture.cost
    yield 1, {"error": 1 / (1 + cost.params / 100), "latency_ms": cost.macs / 10_000}


def wild(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Half of the trials have no number of a second metric."""
    number = evaluation.request.number
    yield 1, {"error": number / 100, "loss": float("nan") if number % 2 else 1 / number}


def broken(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Fails always."""
    yield from _unlucky()


def _unlucky() -> Iterator[tuple[int, Metrics]]:
    raise KeyError("no such luck")


def second(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """One second of nothing."""
    time.sleep(1.0)
    yield 1, {"error": (evaluation.request.seed % 1000) / 1000}
