"""Torch's own count of a built network: the second way, which shares nothing with the prices."""

from typing import NamedTuple, Self

import torch
from torch.utils.flop_counter import FlopCounterMode
from torch.utils.module_tracker import ModuleTracker

from nas.cost.architecture import Architecture
from nas.model.build import build_model


class Counted(NamedTuple):
    """What torch says of one image's pass through a network."""

    params: int
    macs: int
    """Half of `FlopCounterMode`'s count."""
    outputs: int
    """Numbers that come out."""


class Flops(FlopCounterMode):
    """Torch's count of a whole network: without the tree of modules beside it, which takes ten times as long
    as to count does."""

    def __init__(self) -> None:
        super().__init__(display=False)
        self.mod_tracker = _Whole()


class _Whole(ModuleTracker):
    """Takes everything for one module, and hooks into none."""

    def __enter__(self) -> Self:
        self.parents = {"Global"}
        return self

    def __exit__(self, *_: object) -> None:
        pass


def count(architecture: Architecture) -> Counted:
    """Build the network on the meta device, where nothing is computed, and count."""
    given = architecture.input
    with torch.device("meta"):
        model = build_model(architecture)
        image = torch.empty(1, given.channels, given.size, given.size)
    with torch.no_grad(), Flops() as counter:
        logits = model(image)
    params = sum(p.numel() for p in model.parameters())
    return Counted(params, counter.get_total_flops() // 2, logits.numel())
