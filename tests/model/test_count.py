"""Torch's count without its tree of modules is torch's count."""

import torch
from torch.utils.flop_counter import FlopCounterMode

import nas
from nas.model.count import Flops
from nas.space.load import load_space


def test_the_whole_is_what_torch_counts() -> None:
    architecture = load_space("senet").reference("seresnet18")
    with torch.device("meta"):
        model, image = nas.build_model(architecture), torch.empty(1, 3, 64, 64)
    with Flops() as whole:
        model(image)
    with FlopCounterMode(display=False) as torchs:
        model(image)
    assert whole.get_total_flops() == torchs.get_total_flops() > 1e8
