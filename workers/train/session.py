"""A training under way: all that changes while it runs, and how that is saved and brought back."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from nas.errors import TrialFailure
from nas.records import Cause
from workers.checkpoints import Checkpoint
from workers.recipe import Recipe
from workers.train.device import Placement
from workers.train.optimizers import optimizer
from workers.train.randomness import Purpose, seed_of
from workers.train.resident import Resident
from workers.train.schedules import rate


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
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Of the last finished epoch."""


class Session:
    """Network, optimizer, batches and progress of one training."""

    def __init__(self, model: nn.Module, feed: Resident, recipe: Recipe, place: Placement) -> None:
        self.model = model.to(place.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.feed, self.recipe, self.place = feed, recipe, place
        self.optimizer = optimizer(self.model, recipe)
        self.progress = Progress()
        self.loss_sum = torch.zeros((), device=place.device, dtype=torch.float64)
        self.steps = feed.steps * recipe.epochs
        self.augment: Tensor | None = None
        """State of the augmentation to go on from within an epoch."""

    def train_step(self, x: Tensor, y: Tensor) -> None:
        """Forward, backward, update; adds to the progress."""
        factor = rate(self.recipe.schedule, self._step_number(), self.steps, self.recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.lr * factor
        with self.place.autocast():
            outputs = self.model(x)
        loss = self._loss(outputs, y)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.recipe.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.loss_sum += loss.detach()
        self.progress.step += 1

    def _loss(self, outputs: Any, y: Tensor) -> Tensor:
        """Cross entropy of the output, plus the weighted ones of auxiliary heads if it is a sequence."""
        main, *aux = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
        smoothing = self.recipe.label_smoothing
        loss = F.cross_entropy(main.float(), y, label_smoothing=smoothing)
        for extra in aux:
            loss = loss + self.recipe.aux_weight * F.cross_entropy(
                extra.float(), y, label_smoothing=smoothing
            )
        return loss

    def _step_number(self) -> int:
        return self.progress.epoch * self.feed.steps + self.progress.step

    @torch.inference_mode()
    def validate(self) -> dict[str, float]:
        """Error, accuracy and loss on the validation part."""
        self.model.eval()
        wrong = torch.zeros((), device=self.place.device, dtype=torch.int64)
        loss = torch.zeros((), device=self.place.device, dtype=torch.float64)
        for x, y in self.feed.validation(2 * self.recipe.batch):
            with self.place.autocast():
                outputs = self.model(x)
            logits = (outputs[0] if isinstance(outputs, (tuple, list)) else outputs).float()
            wrong += (logits.argmax(1) != y).sum()
            loss += F.cross_entropy(logits, y, reduction="sum")
        count = len(self.feed.valid)
        error = wrong.item() / count
        return {"error": error, "accuracy": 1 - error, "loss": loss.item() / count}

    def train_epoch(self, pause: Callable[[], None]) -> None:
        """Train what is left of the epoch under way, validate, advance; `pause` is called after each step."""
        progress, started = self.progress, time.perf_counter()
        before_s, first = progress.train_s, progress.step
        for x, y in self._begin_epoch():
            self.train_step(x, y)
            progress.train_s = before_s + time.perf_counter() - started
            pause()
        train_loss = self.loss_sum.item() / progress.step  # waits for the device
        if not math.isfinite(train_loss):
            raise TrialFailure(Cause.DIVERGED, f"training loss is {train_loss} in epoch {progress.epoch + 1}")
        seconds = time.perf_counter() - started
        speed = (progress.step - first) * self.recipe.batch / seconds
        progress.train_s = before_s + seconds
        mine = {"train_loss": train_loss, "images_per_s": speed, "train_s": progress.train_s}
        progress.metrics = {**self.validate(), **mine}
        progress.epoch, progress.step = progress.epoch + 1, 0

    def _begin_epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        epoch, augment = self.progress.epoch + 1, self.augment
        if not self.progress.step:
            torch.manual_seed(seed_of(self.feed.seed, Purpose.NETWORK, epoch))
            self.loss_sum.zero_()
        self.augment = None
        self.model.train()
        return self.feed.epoch(epoch, self.progress.step, augment)

    def facts(self) -> dict[str, Any]:
        """The progress as JSON data."""
        self.progress.loss_sum = self.loss_sum.item()
        return {"epoch": self.progress.epoch, "step": self.progress.step, "progress": asdict(self.progress)}

    def weights(self) -> dict[str, Tensor]:
        """The network's own tensors, as they are now: not copies."""
        return {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}

    def tensors(self) -> dict[str, Tensor]:
        """Weights, optimizer and random-number states, by name."""
        state = self.weights()
        for index, parameter in enumerate(self._parameters()):
            for key, value in self.optimizer.state[parameter].items():
                if isinstance(value, Tensor):
                    state[f"optimizer.{index}.{key}"] = value
        state["rng.torch"] = torch.get_rng_state()
        state["rng.augment"] = self.feed.state()
        if self.place.device.type == "cuda":
            state["rng.cuda"] = torch.cuda.get_rng_state()
        return state

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from what `tensors` gave; layouts of the network's own tensors are kept."""
        tensors, facts = checkpoint.tensors, checkpoint.facts
        self._load_weights(tensors)
        for index, parameter in enumerate(self._parameters()):
            prefix = f"optimizer.{index}."
            for name in (name for name in tensors if name.startswith(prefix)):
                value = tensors[name]
                # Fused kernels walk memory in order: moments must lie as their weights do.
                mine = torch.empty_like(parameter) if value.shape == parameter.shape else value.clone()
                self.optimizer.state[parameter][name.removeprefix(prefix)] = mine.detach().copy_(value)
        self.progress = Progress(**facts["progress"])
        self.loss_sum.fill_(self.progress.loss_sum)
        if self.progress.step:
            torch.set_rng_state(tensors["rng.torch"])
            self.augment = tensors["rng.augment"]
            if "rng.cuda" in tensors and self.place.device.type == "cuda":
                torch.cuda.set_rng_state(tensors["rng.cuda"])

    def _load_weights(self, tensors: Mapping[str, Tensor]) -> None:
        weights = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
        self.model.load_state_dict(weights)

    def _parameters(self) -> list[nn.Parameter]:
        return [p for group in self.optimizer.param_groups for p in group["params"]]
