"""Which device, which numbers, how many threads: decided once per attempt."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from workers.recipe import Recipe


@dataclass(frozen=True)
class Placement:
    """Where a network trains and in which precision its convolutions run."""

    device: torch.device
    bf16: bool

    def autocast(self) -> torch.autocast:
        """The context of a forward pass."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)


def placement(model: nn.Module, recipe: Recipe) -> Placement:
    """A GPU if the slot has one, else the CPU; `auto` precision is bf16 where measured to be faster."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    auto = device.type == "cuda" or (cpu_has_bf16() and not has_grouped_convolution(model))
    return Placement(device, {"auto": auto, "bf16": True, "fp32": False}[recipe.precision])


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 matrices in hardware (AMX or AVX-512 BF16)."""
    capabilities = torch.backends.cpu.get_cpu_capability()
    return "AVX512" in capabilities and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def has_grouped_convolution(model: nn.Module) -> bool:
    """Whether a convolution has groups: on a CPU bf16 then loses to its own casts.

    Measured on one core with AMX at 16x16, batch 64: MBConv 1,224 images/s in fp32 and 984 in bf16;
    a plain VGG 7,311 and 11,008.
    """
    return any(isinstance(m, nn.Conv2d) and m.groups > 1 for m in model.modules())


@contextmanager
def cpu_threads(count: int | None) -> Iterator[None]:
    """Compute with `count` CPU threads inside; none: with the slot's (OMP_NUM_THREADS), else as it is."""
    before = torch.get_num_threads()
    wanted = count or int(os.environ.get("OMP_NUM_THREADS") or before)
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
