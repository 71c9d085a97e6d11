"""Optimizers by name: one fused kernel for all weights, no decay of norms and biases."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from workers.recipe import Recipe

Groups = list[dict[str, Any]]


def _adamw(groups: Groups, recipe: Recipe) -> torch.optim.Optimizer:
    betas = (recipe.momentum, 0.99)  # 0.99: short trainings have no thousand steps to average over
    return torch.optim.AdamW(groups, lr=recipe.lr, betas=betas, fused=True)


def _sgd(groups: Groups, recipe: Recipe) -> torch.optim.Optimizer:
    nesterov = recipe.momentum > 0
    return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=nesterov, fused=True)


OPTIMIZERS: dict[str, Callable[[Groups, Recipe], torch.optim.Optimizer]] = {"adamw": _adamw, "sgd": _sgd}


MOMENTS = {"adamw": 2, "sgd": 1}
"""Numbers that each keeps of every weight."""


def optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer of all weights of `model`; decay acts on tensors of 2 or more dimensions."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups: Groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return OPTIMIZERS[recipe.optimizer]([group for group in groups if group["params"]], recipe)
