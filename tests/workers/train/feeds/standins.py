"""Evaluators that tests of feeds name as `python:tests.workers.train.feeds.standins.NAME`."""

from collections.abc import Iterator

import torch

from nas.records import Evaluation, Metrics
from tests.workers.standins import Steps
from workers.data import load_data
from workers.recipe import Recipe
from workers.train.feeds import choose, feed


def streamed(evaluation: Evaluation) -> Steps:
    """The sum of all pixels of an epoch, from streamed images."""
    yield from _streamed(evaluation)


def waits_streaming(evaluation: Evaluation) -> Steps:
    """Reports after the first batch, then goes on for long."""
    yield from _streamed(evaluation, pauses=True)


def _streamed(evaluation: Evaluation, pauses: bool = False) -> Iterator[tuple[int, Metrics]]:
    choose.RESIDENT_BYTES = 0
    request = evaluation.request
    recipe = Recipe.resolve(request.recipe)
    data = load_data(request.data)
    made = feed(data, size=12, recipe=recipe, seed=request.seed, device=torch.device("cpu"))
    total, epoch = 0.0, 0
    for epoch in range(1, 1000 if pauses else 2):
        total = sum(x.double().sum().item() for x, _ in made.epoch(epoch))
        yield epoch, {"error": 0.0, "total": total}
    made.close()
