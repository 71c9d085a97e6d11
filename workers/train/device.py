"""Which device, which numbers, how many threads: decided once per attempt."""

import functools
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from workers.recipe import Recipe

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Placement:
    """Where a network trains and in which precision its convolutions run."""

    device: torch.device
    bf16: bool

    def autocast(self) -> torch.autocast:
        """The context of a forward pass."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)


BF16_FROM_MACS = 1e6
"""Multiply-adds of an image from which networks with narrow groups gain from bf16 on a CPU.

Measured on one core with AMX, digits: EfficientNets of 0.45-0.7 M lose 12 %, MobileNets of 0.5 M gain
10 %; MobileNetV2 of 94 M trains 1.9 times as fast. Networks without such groups gain at any size.
"""


def placement(model: nn.Module, recipe: Recipe, macs: float | None = None) -> Placement:
    """A GPU if the slot has one, else the CPU; `auto` precision is bf16 where it is faster.

    `macs` are the network's multiply-adds for an image, if they are known.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cuda":
        auto = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        slow = macs is not None and macs < BF16_FROM_MACS and any(map(is_narrow, model.modules()))
        auto = cpu_has_bf16() and not slow
    return Placement(device, {"auto": auto, "bf16": True, "fp32": False}[recipe.precision])


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 matrices in hardware (AMX or AVX-512 BF16)."""
    capabilities = torch.backends.cpu.get_cpu_capability()
    return "AVX512" in capabilities and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


NARROW = 8
"""Channels of a group up to which a grouped convolution counts as narrow."""


def prepare(model: nn.Module, place: Placement) -> nn.Module:
    """The module on its device, channels last; on a CPU narrow groups leave bf16 where it is slow."""
    if place.device.type == "cpu" and place.bf16:
        for module in model.modules():
            if is_narrow(module):
                # By its class: a forward pass that held the module would keep both in memory.
                module.__class__ = _narrow(type(module))  # type: ignore[arg-type]
    return model.to(place.device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def is_narrow(module: nn.Module) -> bool:
    """Whether this is a grouped convolution with few channels in each group; depthwise ones are."""
    return (
        isinstance(module, nn.Conv2d) and module.groups > 1 and module.in_channels // module.groups <= NARROW
    )


class _Narrow(nn.Conv2d):
    """A narrow grouped convolution, in fp32 where bf16 has no fast backward pass.

    Measured on one core with AMX, 64 images, forward and backward: depthwise 128 x 16 x 16 at stride 2
    takes 46.6 ms in bf16 and 1.7 ms in fp32, 256 x 2 x 2 at stride 1 takes 4.9 and 0.9 ms; at stride 1
    on larger maps the difference is less than casts cost.
    """

    def forward(self, x: Tensor) -> Tensor:
        """What its kind computes; bf16 comes out under autocast."""
        slow = max(self.stride) > 1 or min(x.shape[-2:]) < max(self.kernel_size)
        if not (slow and torch.is_autocast_enabled(x.device.type)):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float()).to(torch.bfloat16)


@functools.cache
def _narrow(kind: Any) -> Any:
    """A kind of convolution as a narrow one."""
    return kind if issubclass(kind, _Narrow) else type(kind.__name__, (_Narrow, kind), {})


@contextmanager
def cpu_threads(count: int | None) -> Iterator[None]:
    """Compute with `count` CPU threads inside; none: with the slot's (OMP_NUM_THREADS), else as it is.

    More than this machine has cores would slow all that runs on it: then it is one a core.
    """
    before, cores = torch.get_num_threads(), os.cpu_count() or 1
    if count is not None and count > cores:
        logger.warning("recipe value threads = %d: %d are used, one for each core", count, cores)
    wanted = min(count, cores) if count else int(os.environ.get("OMP_NUM_THREADS") or before)
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
