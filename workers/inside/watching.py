"""Passes through a network that leave something: what a module gave, or a backward pass with other rules."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from nas.model.build import Gated
from nas.model.layers import DeformConv2d
from workers.proxies.modules import hooked

Rule = Callable[[Tensor, Tensor], Tensor]
"""(What arrives at the end of a module on the way back, its input) -> what leaves at its beginning."""


@contextmanager
def seen(modules: Iterable[nn.Module]) -> Iterator[dict[nn.Module, Tensor]]:
    """What each module gives in the latest forward pass."""
    found: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, _: Any, output: Tensor) -> None:
        found[module] = output

    with hooked(modules, keep):
        yield found


@contextmanager
def constant_gates(model: nn.Module) -> Iterator[None]:
    """Gates of squeeze-and-excitation and learned offsets are numbers: no gradient goes through them."""
    gates = [module.parts[0] for module in model.modules() if isinstance(module, Gated)]
    offsets = [module.offset for module in model.modules() if isinstance(module, DeformConv2d)]
    with hooked([*gates, *offsets], lambda module, inputs, output: output.detach()):
        yield


@contextmanager
def backward_rules(rules: Iterable[tuple[nn.Module, Rule]]) -> Iterator[None]:
    """Modules compute what they compute; on the way back the rule holds in place of the gradient."""
    with ExitStack() as stack:
        for module, rule in rules:
            stack.enter_context(hooked([module], _ruled(rule)))
        yield


def _ruled(rule: Rule) -> Callable[..., Tensor]:
    def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        made: Tensor = _Ruled.apply(inputs[0], output.detach(), rule)  # type: ignore[no-untyped-call]
        return made

    return hook


class _Ruled(torch.autograd.Function):
    """`y` forward; backward what `rule` makes of the signal arrives at `x`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, rule: Rule) -> Tensor:
        """`y` as it is."""
        ctx.rule = rule
        ctx.save_for_backward(x)
        return y.view_as(y)

    @staticmethod
    def backward(ctx: Any, signal: Tensor) -> tuple[Tensor, None, None]:
        """To `x` alone."""
        (x,) = ctx.saved_tensors
        return ctx.rule(signal, x), None, None
