"""One attempt's training from its request: what to build, where to go on, what to report and to save."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version

import torch
from torch import nn

from nas.cost.cost import Cost
from nas.errors import TrialFailure
from nas.records import Evaluation, Metrics, Request
from workers.checkpoints import Checkpoint, Checkpoints
from workers.data import dataset, load_data, refuse_other_data
from workers.failures import is_out_of_memory, release
from workers.keep import Keep
from workers.recipe import Recipe
from workers.train.device import cpu_threads, placement
from workers.train.feeds import feed
from workers.train.fitting import more_parts
from workers.train.network import network
from workers.train.session import Session

logger = logging.getLogger(__name__)


def run(evaluation: Evaluation) -> Iterator[tuple[int, Metrics]]:
    """Train the request's architecture; yields (epoch, metrics) after each epoch."""
    shape = evaluation.architecture.input
    refuse_other_data(evaluation.request.data, shape)
    cost, check_time = evaluation.architecture.cost, evaluation.check_time
    module = network(evaluation)
    yield from train_module(module, evaluation.request, size=shape.size, cost=cost, check_time=check_time)


def train_module(
    model: nn.Module,
    request: Request,
    *,
    size: int,
    cost: Cost | None = None,
    check_time: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, Metrics]]:
    """Train a module on images of `size` as the request says, from the newest earlier checkpoint on.

    `cost` is the exact `nas.cost` Cost of the module's architecture, if it has one: see `Session`.
    `check_time` is called after every step, and raises when time is over.
    """
    recipe = Recipe.resolve(request.recipe, dataset(request.data).recipe)
    place = placement(model, recipe, None if cost is None else cost.macs)
    with cpu_threads(recipe.threads):
        batches = feed(
            load_data(request.data), size=size, recipe=recipe, seed=request.seed, device=place.device
        )
        with closing(batches):
            session = Session(model, batches, recipe, place, cost)
            yield from Job(session, request, check_time).epochs()


def identity(request: Request) -> str:
    """Tells trainings apart: equal for the attempts of one trial, and for no two trials that differ.

    Other versions of torch or of this project may train otherwise: with them a trial begins anew.
    """
    told = [request.space, request.point, request.evaluator, request.data, request.recipe, request.seed]
    told += [torch.__version__, version("nas-design-spaces")]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


class Job:
    """A session with its checkpoints: goes on, reports, saves, stops."""

    def __init__(
        self, session: Session, request: Request, check_time: Callable[[], None] = lambda: None
    ) -> None:
        self.session, self.check_time = session, check_time
        keep = Keep.from_environment(request.objectives, request.limits)
        self._costs = dict(request.costs)
        self.files = Checkpoints(
            request.artifacts, request.number, request.attempt, identity(request), keep=keep
        )
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
            self._train_epoch()
            self._remember_best()
            if progress.epoch == epochs:
                self._finish()
            self._pause()
            try:
                yield progress.epoch, progress.metrics
            except GeneratorExit:
                self._stop()
                raise

    def _train_epoch(self) -> None:
        """An epoch; where memory does not do for the very first step, with batches in more parts."""
        while True:
            try:
                return self.session.train_epoch(self._pause)
            except Exception as error:
                parts = self._more_parts(error)
                if parts is None:
                    raise
                release(error)
            logger.warning("memory did not do: batches go through in %d parts", parts)
            self.session.begin_again(parts)

    def _more_parts(self, error: Exception) -> int | None:
        progress = self.session.progress
        if progress.epoch or progress.step or not is_out_of_memory(error):
            return None
        return more_parts(self.session.recipe, progress.parts)

    def _go_on(self) -> None:
        found = self.files.newest()
        if found is not None:
            self.session.restore(found)
            self.best, self.best_is_saved = self.files.best(), False

    def _pause(self) -> None:
        """Between two steps: end if time is over, save if it is time."""
        self.check_time()
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
            self.files.save_last(self.session.weights(), {**self.session.facts(), "costs": self._costs})

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
