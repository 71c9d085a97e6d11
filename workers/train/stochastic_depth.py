"""Stochastic depth for any residual network, as the recipe asks for it."""

from typing import Any

from torch import nn

from nas.model.build import Total
from nas.model.layers import DropPath


def drop_paths(model: nn.Module, last: float) -> int:
    """Drop branches beside a shortcut while training; returns how many sums have one.

    A shortcut is a branch without weights. Of n such sums the i-th drops its other branches with
    probability last x i / n: early ones rarely, the last one with `last` (linear decay, Huang et al.,
    arXiv:1603.09382). Names of weights stay.
    """
    sums = [module for module in model.modules() if isinstance(module, Total) and _has_shortcut(module)]
    for index, total in enumerate(sums, start=1):
        for branch in total.parts:
            if last > 0 and _has_weights(branch):
                branch.register_forward_hook(_hook(DropPath(last * index / len(sums))))
    return len(sums)


def _has_shortcut(total: Total) -> bool:
    """Whether some branches have weights and some have none."""
    return len({_has_weights(branch) for branch in total.parts}) == 2


def _has_weights(branch: nn.Module) -> bool:
    return any(True for _ in branch.parameters())


def _hook(drop: DropPath) -> Any:
    def dropped(module: nn.Module, inputs: Any, output: Any) -> Any:
        return drop(output) if module.training else output

    return dropped
