"""Torch's own count of a built network: the second way, which shares nothing with the prices."""

from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from nas.cost.architecture import Architecture
from nas.model.build import build_model


class Counted(NamedTuple):
    """What torch says of one image's pass through a network."""

    params: int
    macs: int
    """Half of `FlopCounterMode`'s count."""
    outputs: int
    """Numbers that come out."""


def count(architecture: Architecture) -> Counted:
    """Build the network on the meta device, where nothing is computed, and count."""
    given = architecture.input
    with torch.device("meta"):
        model = build_model(architecture)
        image = torch.empty(1, given.channels, given.size, given.size)
    with FlopCounterMode(display=False) as counter:
        logits = model(image)
    params = sum(p.numel() for p in model.parameters())
    return Counted(params, counter.get_total_flops() // 2, logits.numel())
