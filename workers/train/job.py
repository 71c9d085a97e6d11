"""One attempt's training from its request: what to build, where to go on, what to report and to save."""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from nas.errors import DataError, TrialFailure
from nas.records import DataInfo, Evaluation, Metrics, Request
from workers.checkpoints import Checkpoint, Checkpoints
from workers.data import dataset, load_splits
from workers.recipe import Recipe
from workers.train.device import cpu_threads, placement
from workers.train.network import network
from workers.train.resident import Resident
from workers.train.session import Session

logger = logging.getLogger(__name__)


def run(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Train the request's architecture; yields (epoch, metrics) after each epoch."""
    shape = evaluation.architecture.input
    _refuse_other_data(dataset(evaluation.request.data).info, shape)
    yield from train_module(network(evaluation), evaluation.request, size=shape.size)


def train_module(model: nn.Module, request: Request, *, size: int) -> Iterator[tuple[int, Metrics]]:
    """Train a module on images of `size` as the request says, from the newest earlier checkpoint on."""
    recipe = Recipe.resolve(request.recipe, dataset(request.data).recipe)
    place = placement(model, recipe)
    with cpu_threads(recipe.threads):
        feed = Resident(
            load_splits(request.data), size=size, recipe=recipe, seed=request.seed, device=place.device
        )
        job = Job(Session(model, feed, recipe, place), request)
        yield from job.epochs()


def _refuse_other_data(data: DataInfo, shape: Any) -> None:
    if (shape.channels, shape.classes) != (data.channels, data.classes):
        raise DataError(
            f"data set {data.name} has {data.channels} channels and {data.classes} classes, but the network"
            f" takes {shape.channels} and tells {shape.classes} apart: give the space the data set's input"
        )


def identity(request: Request) -> str:
    """Tells trainings apart: equal for the attempts of one trial, and for no two trials that differ."""
    told = [request.space, request.point, request.evaluator, request.data, request.recipe, request.seed]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


class Job:
    """A session with its checkpoints: goes on, reports, saves, stops."""

    def __init__(self, session: Session, request: Request) -> None:
        self.session = session
        self.files = Checkpoints(request.artifacts, request.number, request.attempt, identity(request))
        self.best: Checkpoint | None = None
        self.best_is_saved, self.warned = True, False

    def epochs(self) -> Iterator[tuple[int, Metrics]]:
        """Train to the end; closed in between, it leaves a state behind."""
        self._go_on()
        progress, epochs = self.session.progress, self.session.recipe.epochs
        if progress.epoch == epochs:  # an earlier attempt got to the end but was not heard
            self._finish()
            yield progress.epoch, progress.metrics
        while progress.epoch < epochs:
            self.session.train_epoch(self._pause)
            self._remember_best()
            if progress.epoch == epochs:
                self._finish()
            self._pause()
            try:
                yield progress.epoch, progress.metrics
            except GeneratorExit:
                self._stop()
                raise

    def _go_on(self) -> None:
        found = self.files.newest()
        if found is not None:
            self.session.restore(found)
            self.best, self.best_is_saved = self.files.best(), False

    def _pause(self) -> None:
        """Between two steps: save if it is time."""
        if self.session.progress.epoch < self.session.recipe.epochs and self.files.due():
            self._save()

    def _stop(self) -> None:
        if self.session.progress.epoch < self.session.recipe.epochs:
            self._save()

    def _save(self) -> None:
        with self._spared():
            self._save_best()
            self.files.save_state(self.session.tensors(), self.session.facts())

    def _finish(self) -> None:
        with self._spared():
            self._save_best()
            self.files.save_last(self.session.weights(), self.session.facts())

    @contextmanager
    def _spared(self) -> Iterator[None]:
        """Training is worth more than its checkpoint: go on without one, and say so once."""
        try:
            yield
        except TrialFailure as failure:
            self.files.postpone()
            if not self.warned:
                logger.warning("%s", failure)
            self.warned = True

    def _remember_best(self) -> None:
        progress = self.session.progress
        if progress.metrics["error"] < progress.best_error:
            progress.best_error = progress.metrics["error"]
            copies = {name: tensor.clone() for name, tensor in self.session.weights().items()}
            self.best, self.best_is_saved = Checkpoint(copies, self.session.facts()), False

    def _save_best(self) -> None:
        if self.best is not None and not self.best_is_saved:
            self.files.save_best(self.best.tensors, self.best.facts)
            self.best_is_saved = True
