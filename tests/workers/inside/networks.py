"""Networks with weights drawn from a seed, and what they are shown: nothing is trained."""

from typing import Any

import numpy as np
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from nas.cost.architecture import Architecture
from nas.model.build import Network, build_model
from nas.records import DataInfo
from nas.space.load import load_space
from workers.inside.subject import Subject, subject
from workers.recipe import Recipe

DIGITS = DataInfo("digits", 1, 8, 10)


def digits(space: str, **point: Any) -> Architecture:
    """A member of a space's profile for digits: a sample, with these parameters set."""
    found = load_space(space, data=DIGITS)
    return found.architecture({**found.sample(np.random.default_rng(0)), **point})


def network(architecture: Architecture, seed: int = 0) -> Network:
    """With weights of a seed, in eval mode; norms have statistics of their own."""
    torch.manual_seed(seed)
    model = build_model(architecture)
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    return model


def shown(architecture: Architecture, image: int | None = None) -> Subject:
    """Such a network with the validation images of digits."""
    return subject(network(architecture), architecture, "digits", Recipe(), image)
