"""Evaluators for tests, named as `python:tests.cli.evaluators.NAME`."""

import logging
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from nas.records import Evaluation, Metrics, Wanted
from nas.store import open_store


def quick(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """A made-up error at once."""
    yield 1, {"error": (evaluation.request.seed % 1000) / 1000}


def held(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Epochs of 50 ms until the file `go` is in the folder."""
    epoch = 1
    while not Path("go").exists():
        yield epoch, {"error": 1 / epoch}
        time.sleep(0.05)
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


def pausing(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """The first attempt asks its study's drivers to pause, and goes on until they do."""
    request = evaluation.request
    if (request.number, request.attempt) == (1, 1):
        with open_store(create=False) as store:
            store.set_wanted(store.study(request.study).id, Wanted.PAUSE)
        yield from held(evaluation)
    yield from quick(evaluation)


def spoiling(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """The second trial overwrites the store with something else."""
    if evaluation.request.number == 2:
        for path in Path("nas-data").glob("nas.db*"):
            path.write_bytes(b"no database" * 1000)
    yield from quick(evaluation)


def loud(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Says in three ways that something is not as it should be."""
    logging.getLogger("some.library").warning("low on %s", "something")
    warnings.warn("deprecated", stacklevel=1)
    print("printed", file=sys.stderr)
    yield from quick(evaluation)


def curved(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Four epochs towards an error that depends on the network."""
    end = (evaluation.architecture.cost.params % 97) / 97
    for epoch in range(1, 5):
        yield epoch, {"error": end + 1 / epoch}
