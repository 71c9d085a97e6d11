"""From an evaluation to the module that is trained: the only place where training meets `nas.model`."""

import torch
from torch import nn

from nas.records import Evaluation
from workers.train.randomness import Purpose, seed_of


def network(evaluation: Evaluation) -> nn.Module:
    """The architecture's module with auxiliary heads, its weights drawn from the request's seed."""
    from nas.model import build_model

    torch.manual_seed(seed_of(evaluation.request.seed, Purpose.WEIGHTS))
    module: nn.Module = build_model(evaluation.architecture, training=True)
    return module
