"""SynFlow: how much the weights of a network, all positive and without bends, let through."""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from workers.proxies.base import LOWEST_LOG, PROXIES, logarithm
from workers.proxies.modules import activations, hooked
from workers.proxies.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor, nn


@PROXIES.register("synflow", "log of the synaptic flow through all weights; needs no images")
def synflow(subject: Subject) -> float:
    """log Σ w · ∂R/∂w over convolutions and linear layers; higher is better.

    R is the sum of the logits for an image of ones, with all weights w made positive, biases zero,
    gates open, and norms and activations left out. Tanaka et al. 2020, arXiv:2006.05467; as a score
    Abdelfattah et al. 2021, arXiv:2101.08134. Its logarithm, because the flow grows with the product
    of all layers. In double precision, and scaled on the way, so that depth does not overflow.
    `LOWEST_LOG` if no way leads from image to logits.
    """
    import torch

    model = subject.network().double().eval()  # a norm cannot take one image's statistics
    weights, scales = linearised(model), list[float]()
    with hooked(_left_out(model), _open), hooked(_trunk(model.body), _scaled(scales)):
        flow = model(torch.ones_like(subject.noise(1), dtype=torch.float64)).sum()
    gradients = torch.autograd.grad(flow, weights, materialize_grads=True)
    total = math.fsum(float((w.detach() * g).sum()) for w, g in zip(weights, gradients, strict=True))
    return logarithm(total) + math.fsum(scales) if total else LOWEST_LOG


def linearised(model: "nn.Module") -> "list[Tensor]":
    """The weights of convolutions and linear layers, made positive; biases are made zero."""
    import torch
    from torch import nn

    layers = [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    with torch.no_grad():
        for layer in layers:
            layer.weight.abs_()
            if layer.bias is not None:
                layer.bias.zero_()
    return [layer.weight for layer in layers]


def _left_out(model: "nn.Module") -> "Iterator[nn.Module]":
    """Norms, activations and gates."""
    from torch import nn
    from torch.nn.modules.batchnorm import _BatchNorm

    from nas.model.build import Gated

    kinds = (_BatchNorm, nn.LocalResponseNorm, Gated, *activations())
    return (module for module in model.modules() if isinstance(module, kinds))


def _open(module: "nn.Module", inputs: "tuple[Tensor, ...]", output: "Tensor") -> "Tensor":
    """The value passes as it came."""
    return inputs[0]


def _trunk(chain: Any) -> "Iterator[nn.Module]":
    """The parts of a list, and of lists in it, after which its value is all that goes on."""
    from nas.model.build import Chain

    if any(module is None for _, module in chain.steps):  # values named here may go on beside it
        return
    for part in chain.parts:
        if isinstance(part, Chain):
            yield from _trunk(part)
        yield part


def _scaled(logs: list[float]) -> "Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]":
    """A hook that divides a value by its largest number and notes the logarithm.

    What follows is linear, so that the flow is smaller by just that factor, for every weight.
    """

    def scale(module: "nn.Module", inputs: "tuple[Tensor, ...]", output: "Tensor") -> "Tensor":
        largest = float(output.detach().abs().max())
        if largest == 0 or not math.isfinite(largest):
            return output
        logs.append(math.log(largest))
        return output / largest

    return scale
