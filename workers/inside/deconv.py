"""Back from an activation to the pixels that caused it: the deconvolutional network of ZFNet.

Zeiler & Fergus 2013, arXiv:1311.2901. All but one activation of a map are set to zero, and the signal goes
back through the network: maxima return to the places they were taken from (the pool's switches), rectifiers
rectify the signal itself, convolutions are transposed. What the paper's network did not have follows the
same idea: norms and averages are linear and transposed, a sum hands its signal to all branches; tanh and
sigmoid keep signs and let it pass, as does local response normalisation; gates are the numbers they were.

The image comes in by the switches alone: without pools all images would give one picture. There the signal
is guided, as Springenberg et al. 2014 (arXiv:1412.6806) do: rectifiers also stop it where they stopped the
image.
"""

import torch
from torch import Tensor, nn

from workers.inside.watching import Rule, backward_rules, constant_gates, seen

RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SiLU, nn.GELU, nn.Mish, nn.Hardswish)
SWITCHES = 2
"""Max pools from which a network's switches say enough of the image."""
PASSING = (nn.Tanh, nn.Sigmoid, nn.Hardsigmoid, nn.Softplus, nn.LocalResponseNorm)


def is_guided(model: nn.Module) -> bool:
    """Whether the network has too few switches, so that the signal has to be guided."""
    return sum(isinstance(module, nn.MaxPool2d) for module in model.modules()) < SWITCHES


def rules(model: nn.Module, guided: bool) -> list[tuple[nn.Module, Rule]]:
    """What holds on the way back in place of the gradient."""
    rectified = _guided if guided else _rectified
    found = [(module, rectified) for module in model.modules() if isinstance(module, RECTIFIERS)]
    return found + [(module, _passed) for module in model.modules() if isinstance(module, PASSING)]


def deconvolved(
    model: nn.Module, module: nn.Module, x: Tensor, signal: Tensor, *, guided: bool = False
) -> Tensor:
    """(N, C, S, S) what in the images `x` a `signal` (as large as what `module` gives) comes from."""
    entry = x.detach().clone().requires_grad_()
    with seen([module]) as found, constant_gates(model), backward_rules(rules(model, guided)):
        model(entry)
    # The signal is the gradient of the product's sum: handed over as one, torch would load sympy first.
    (made,) = torch.autograd.grad((found[module] * signal).sum(), entry)
    return made


def alone(activations: Tensor, channel: int) -> tuple[Tensor, Tensor]:
    """Of (N, C, h, w) only each image's greatest activation of that channel, and where it is, (N, 2)."""
    maps = activations[:, channel]
    values, at = maps.flatten(1).max(1)
    place = torch.stack((at // maps.shape[2], at % maps.shape[2]), 1)
    signal = torch.zeros_like(activations)
    signal[torch.arange(len(maps)), channel, place[:, 0], place[:, 1]] = values
    return signal, place


def _rectified(signal: Tensor, x: Tensor) -> Tensor:
    return signal.clamp(min=0)


def _guided(signal: Tensor, x: Tensor) -> Tensor:
    return signal.clamp(min=0) * (x > 0)


def _passed(signal: Tensor, x: Tensor) -> Tensor:
    return signal
