"""A training under way: all that changes while it runs, and how that is saved and brought back."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from nas.cost.cost import Cost
from workers.checkpoints import Checkpoint
from workers.measure.divergence import Divergence, refuse_no_number
from workers.measure.latency import measure_inference
from workers.measure.memory import peak_bytes
from workers.recipe import Recipe, refuse_unequal
from workers.train.device import Placement, prepare
from workers.train.ema import Ema
from workers.train.feeds import Feed
from workers.train.fitting import parts_of
from workers.train.forward import Forward, forward_of
from workers.train.mixing import Targets, mix
from workers.train.optimizers import optimizer
from workers.train.randomness import Purpose, seed_of
from workers.train.schedules import rate
from workers.train.scoring import scores
from workers.train.stochastic_depth import drop_paths


@dataclass
class Progress:
    """How far a training is; plain numbers, written into checkpoints as JSON."""

    epoch: int = 0
    """Finished epochs."""
    step: int = 0
    """Finished steps of the epoch under way."""
    loss_sum: float = 0.0
    """Of those steps."""
    train_s: float = 0.0
    best_error: float = math.inf
    parts: int = 1
    """In which a batch goes through the network."""
    measured: dict[str, float] = field(default_factory=dict)
    """Memory and speed: measured once, in the first epoch."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Of the last finished epoch."""


class Session:
    """Network, optimizer, batches and progress of one training.

    `cost` is the exact cost of the network's architecture, if it has one: it decides in how many parts
    batches go through, and whether compiling repays itself.
    """

    def __init__(
        self, model: nn.Module, feed: Feed, recipe: Recipe, place: Placement, cost: Cost | None = None
    ) -> None:
        self.model = prepare(model, place)
        drop_paths(self.model, recipe.drop_path)
        self.feed, self.recipe, self.place, self.cost = feed, recipe, place, cost
        self.optimizer = optimizer(self.model, recipe)
        self.ema = Ema(self.model, recipe.ema) if recipe.ema else None
        self.progress = Progress(parts=parts_of(recipe, place, cost))
        refuse_unequal(recipe.batch, self.progress.parts)
        self.loss_sum = torch.zeros((), device=place.device, dtype=torch.float64)
        self.steps = feed.steps * recipe.epochs
        self._forward: Forward | None = None
        self._divergence = Divergence(place.device)

    def train_step(self, x: Tensor, y: Tensor) -> None:
        """Forward and backward for every part of the batch, update; adds to the progress."""
        step = self._step_number()
        factor = rate(self.recipe.schedule, step, self.steps, self.recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.lr * factor
        x, targets = mix(x, y, self.recipe, self.feed.seed, step)
        size = len(x) // self.progress.parts
        for first in range(0, len(x), size):
            self._backward(x[first : first + size], targets.part(slice(first, first + size)))
        if self.recipe.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.ema is not None:
            self.ema.update(step + 1)
        self.progress.step += 1

    def _backward(self, x: Tensor, targets: Targets) -> None:
        if self._forward is None:
            work = 0.0 if self.cost is None else float(self.cost.macs) * self.recipe.batch * self.steps
            self._forward = forward_of(self.model, self.recipe, self.place, x=x, work_macs=work)
        with self.place.autocast():
            outputs = self._forward(x)
        loss = self._loss(outputs, targets) / self.progress.parts
        loss.backward()  # type: ignore[no-untyped-call]
        self.loss_sum += loss.detach()

    def _loss(self, outputs: Any, targets: Targets) -> Tensor:
        """The loss of the output, plus the weighted ones of auxiliary heads if it has any."""
        main, aux = outputs if isinstance(outputs, (tuple, list)) else (outputs, [])
        smoothing = self.recipe.label_smoothing
        loss = targets.loss(main, smoothing)
        for extra in aux:
            loss = loss + self.recipe.aux_weight * targets.loss(extra, smoothing)
        return loss

    def _step_number(self) -> int:
        return self.progress.epoch * self.feed.steps + self.progress.step

    def validate(self) -> dict[str, float]:
        """Error, accuracy and loss on the validation part, by the averaged weights if there are any."""
        return self._score(self.feed.validation)

    def test(self) -> dict[str, float]:
        """The same on the test part, which a search never looks at."""
        return self._score(self.feed.test)

    def _score(self, batches: Callable[[int], Iterator[tuple[Tensor, Tensor]]]) -> dict[str, float]:
        self.model.eval()
        with self.averaged():
            size = max(1, 2 * self.recipe.batch // self.progress.parts)
            return scores(self.model, batches(size), self.place)

    def averaged(self) -> AbstractContextManager[None]:
        """Inside, the network has the weights that count: the averaged ones, if the recipe has `ema`."""
        return nullcontext() if self.ema is None else self.ema.applied()

    def train_epoch(self, pause: Callable[[], None]) -> None:
        """Train what is left of the epoch under way, validate, advance; `pause` is called after each step."""
        progress, started = self.progress, time.perf_counter()
        before_s = progress.train_s
        for x, y in self._begin_epoch():
            self._measured_step(x, y)
            progress.train_s = before_s + time.perf_counter() - started
            self._divergence.look(self.loss_sum, progress.epoch + 1)
            pause()
        train_loss = self.loss_sum.item() / progress.step  # waits for the device
        refuse_no_number(train_loss, progress.epoch + 1)
        progress.train_s = before_s + time.perf_counter() - started
        speed = self._step_number() * self.recipe.batch / progress.train_s
        mine = {"train_loss": train_loss, "images_per_s": speed, "train_s": progress.train_s}
        self._measure_inference()
        progress.metrics = {**self.validate(), **mine, **progress.measured}
        progress.epoch, progress.step = progress.epoch + 1, 0

    def _measured_step(self, x: Tensor, y: Tensor) -> None:
        """A step; the memory of the second is measured, which finds the optimizer's moments in place.

        That of the first one if there is no other.
        """
        measured = self.progress.measured
        too_early = self._step_number() == 0 and self.steps > 1
        if "peak_train_bytes" in measured or too_early:
            return self.train_step(x, y)
        held = self.tensors().values()
        peak = peak_bytes(lambda: self.train_step(x, y), held, self.place.device)
        measured["peak_train_bytes"] = float(peak)

    def _measure_inference(self) -> None:
        """Latency and throughput, in about 2 % of the time that the first epoch took."""
        measured = self.progress.measured
        if "latency_ms" not in measured:
            budget_s = min(1.0, max(0.1, 0.02 * self.progress.train_s))
            x, _ = next(self.feed.validation(1))  # the epoch may have been resumed at its very end
            shape = (x.shape[1], x.shape[2], x.shape[3])
            measured.update(measure_inference(self.model, shape, self.place.device, budget_s))

    def _begin_epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        epoch = self.progress.epoch + 1
        if not self.progress.step:
            torch.manual_seed(seed_of(self.feed.seed, Purpose.NETWORK, epoch))
            self.loss_sum.zero_()
        self.model.train()
        return self.feed.epoch(epoch, self.progress.step)

    def begin_again(self, parts: int) -> None:
        """After the first step ran out of memory: as before it, but with batches in more parts."""
        self.optimizer.zero_grad(set_to_none=True)
        self._forward = None
        for module in self.model.modules():
            if isinstance(module, nn.modules.batchnorm._NormBase):
                module.reset_running_stats()
        self.progress.parts = parts

    def facts(self) -> dict[str, Any]:
        """The progress as JSON data."""
        self.progress.loss_sum = self.loss_sum.item()
        return {"epoch": self.progress.epoch, "step": self.progress.step, "progress": asdict(self.progress)}

    def weights(self) -> dict[str, Tensor]:
        """The tensors of the network that was validated, as they are now: not copies."""
        live = self.model.state_dict()
        average = {} if self.ema is None else self.ema.average
        return {f"model.{name}": average.get(name, tensor) for name, tensor in live.items()}

    def tensors(self) -> dict[str, Tensor]:
        """Weights, averages, optimizer and random-number states, by name."""
        state = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        if self.ema is not None:
            state |= {f"ema.{name}": tensor for name, tensor in self.ema.average.items()}
        for index, parameter in enumerate(self._parameters()):
            for key, value in self.optimizer.state[parameter].items():
                if isinstance(value, Tensor):
                    state[f"optimizer.{index}.{key}"] = value
        state["rng.torch"] = torch.get_rng_state()
        if self.place.device.type == "cuda":
            state["rng.cuda"] = torch.cuda.get_rng_state()
        return state

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from what `tensors` gave; layouts of the network's own tensors are kept."""
        tensors, facts = checkpoint.tensors, checkpoint.facts
        self.model.load_state_dict(_below("model.", tensors))
        if self.ema is not None:  # final weights are the averaged ones, and all there is
            self.ema.load(_below("ema.", tensors) or _below("model.", tensors))
        for index, parameter in enumerate(self._parameters()):
            for key, value in _below(f"optimizer.{index}.", tensors).items():
                self.optimizer.state[parameter][key] = _beside(parameter, value)
        self.progress = Progress(**facts["progress"])
        self.loss_sum.fill_(self.progress.loss_sum)
        if self.progress.step:
            torch.set_rng_state(tensors["rng.torch"])
            if "rng.cuda" in tensors and self.place.device.type == "cuda":
                torch.cuda.set_rng_state(tensors["rng.cuda"])

    def _parameters(self) -> list[nn.Parameter]:
        return [p for group in self.optimizer.param_groups for p in group["params"]]


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _beside(parameter: Tensor, value: Tensor) -> Tensor:
    """A copy of an optimizer's value, on the device of its weights, moments laid out as these are.

    Fused kernels walk both in order of memory, and read even their counts of steps on the device.
    """
    like = parameter if value.shape == parameter.shape else value
    return torch.empty_like(like, device=parameter.device).copy_(value)
