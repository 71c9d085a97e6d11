"""Zen-score: how strongly features answer to a small change of the image, norms' scaling undone."""

from typing import TYPE_CHECKING, Any

from workers.proxies.base import PROXIES, logarithm
from workers.proxies.modules import alive, hooked
from workers.proxies.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor, nn

IMAGES, ALPHA = 16, 0.01
"""Images of a batch and size of the change, both the paper's."""


@PROXIES.register("zen", "log of the features' answer to a small change of a random image")
def zen(subject: Subject) -> float:
    """log E‖f(x) − f(x + α ε)‖ + Σ over norms of log σ, α = 0.01; higher is better.

    Lin et al. 2021, Zen-NAS, arXiv:2102.01063. Weights, images x and changes ε are standard normal
    and biases zero; f is the last map before the classifier, and σ² the variance a norm divides by,
    averaged over its channels, which puts back what the norm takes out. Shortcuts stay, which the
    paper takes out of its networks: of the paths of a cell none is the shortcut. `LOWEST_LOG` if no
    way leads from image to logits. One draw of weights: the mean of four ranks cells of NAS-Bench-201
    no better.
    """
    import torch
    from torch.nn.modules.batchnorm import _BatchNorm

    model = subject.network()
    restart(model)
    x = subject.noise(IMAGES)
    change = ALPHA * subject.noise(IMAGES)
    living = alive(model, x)
    scales: list[float] = []

    def note(module: "nn.Module", inputs: "tuple[Tensor, ...]", output: "Tensor") -> None:
        over = [0, *range(2, inputs[0].dim())]
        variance = inputs[0].double().var(over, correction=0).mean()
        scales.append(logarithm(float(variance)) / 2)

    with torch.inference_mode():
        with hooked([m for m in living if isinstance(m, _BatchNorm)], note):
            before = features(model, x)
        after = features(model, x + change)
        distance = (after - before).double().flatten(1).norm(dim=1).mean()
    return logarithm(float(distance)) + sum(scales)


def restart(model: "nn.Module") -> None:
    """Standard normal weights of convolutions and linear layers, biases and deformations at zero."""
    from torch import nn

    from nas.model.layers import DeformConv2d

    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in model.modules():
        if isinstance(module, DeformConv2d):
            module.start()


def features(model: "nn.Module", x: "Tensor") -> "Tensor":
    """The last map (N, C, H, W) that becomes a flat vector on the way to the logits; gates apart."""
    from nas.model.build import Gated

    gates = [gate for gate in model.modules() if isinstance(gate, Gated)]
    inside = {part for gate in gates for part in gate.modules() if part is not gate}
    found: list[Any] = []

    def note(module: "nn.Module", inputs: "tuple[Tensor, ...]", output: "Tensor") -> None:
        if inputs[0].dim() > output.dim():
            found.append(inputs[0])

    with hooked([module for module in model.modules() if module not in inside], note):
        logits: Tensor = model(x)
    return found[0] if found else logits
