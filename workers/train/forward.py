"""The forward pass of training: as it is, compiled, or as a CUDA graph."""

import logging
import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from workers.recipe import Recipe
from workers.train.device import Placement, is_narrow

logger = logging.getLogger(__name__)

Forward = Callable[[Tensor], Any]

COMPILED_FROM_MACS = 2e13
"""Multiply-adds of all forward passes of a training from which compiling it repays itself on a CPU.

Measured on two cores with AMX for ResNet-20 on 32 x 32: compiling takes 30-45 s and a step then 77 % of
its time at 1,160 images/s, so 45 s are won back after 8e12 multiply-adds; asked for is more than double.
A count of multiply-adds, not a stopwatch, decides: every attempt at a trial must decide alike.
"""


def forward_of(model: nn.Module, recipe: Recipe, place: Placement, *, x: Tensor, work_macs: float) -> Forward:
    """How `model` is called on batches like `x` while it trains; `work_macs` is what its training takes."""
    if recipe.compile == "on" or (recipe.compile == "auto" and _repays(model, place, work_macs)):
        return _Compiled(model)
    # A replay writes gradients where the one before left them: those of a batch's parts would not add up.
    whole = len(x) == recipe.batch
    if place.device.type == "cuda" and whole and not getattr(model, "has_aux", False):
        return _Recorded(model, place)
    return model


def _repays(model: nn.Module, place: Placement, work_macs: float) -> bool:
    """Depthwise networks gain nothing (measured on MobileNetV2: 98 % of the eager speed)."""
    if place.device.type != "cpu" or work_macs < COMPILED_FROM_MACS or shutil.which("g++") is None:
        return False
    return not any(map(is_narrow, model.modules()))


class _Compiled:
    """A compiled module; the module itself if it turns out that it cannot be compiled here."""

    def __init__(self, model: nn.Module) -> None:
        # All networks share one forward function, of which torch compiles no more than eight variants:
        # those of earlier trials go, or later ones would silently train as they are.
        torch.compiler.reset()
        self._model: nn.Module = model
        self._forward: Forward = torch.compile(model, dynamic=False)
        self._works = False

    def __call__(self, x: Tensor) -> Any:
        if self._works:
            return self._forward(x)
        try:
            outputs = self._forward(x)
        except torch._dynamo.exc.TorchDynamoException as error:
            logger.warning("not compiled: %s", str(error).strip().splitlines()[0])
            self._forward = self._model
            outputs = self._model(x)
        self._works = True
        return outputs


PLAIN = 2
"""Calls before a network is recorded. A recording's memory is reserved for good and no replay allocates:
the peak of a step, and whether memory does for it, can only be seen before.
"""


class _Recorded:
    """A module that is recorded as a CUDA graph at its third call."""

    def __init__(self, model: nn.Module, place: Placement) -> None:
        self._model, self._place = model, place
        self._plain = PLAIN
        self._forward: Forward | None = None

    def __call__(self, x: Tensor) -> Any:
        if self._plain:
            self._plain -= 1
            return self._model(x)
        if self._forward is None:
            self._forward = _graphed(self._model, self._place, x)
        return self._forward(x)


def _graphed(model: nn.Module, place: Placement, x: Tensor) -> Forward:
    """Forward and backward pass recorded once and replayed: small networks wait for launches otherwise."""
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    try:
        with (
            torch.random.fork_rng([x.device.index or 0], enabled=x.is_cuda),  # recording draws numbers
            # The cache of casts must be off inside (torch's notes on CUDA graphs and autocast).
            torch.autocast("cuda", torch.bfloat16, enabled=place.bf16, cache_enabled=False),
        ):
            # Networks may have dead layers, whose weights get no gradient.
            graphed = torch.cuda.make_graphed_callables(_Same(model), (x,), allow_unused_input=True)
    except RuntimeError as error:
        logger.warning("no CUDA graph: %s", str(error).strip().splitlines()[0])
        graphed = model
    with torch.no_grad():  # recording has run the norms
        model.load_state_dict(kept)
    return graphed


class _Same(nn.Module):
    """A module around another: recording replaces the forward pass of what it is given."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Any:
        """What the inner module says."""
        return self.inner(x)
