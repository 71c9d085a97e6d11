"""Gradient norm: how strongly the first batch would move the weights."""

from workers.proxies.base import PROXIES
from workers.proxies.modules import alive
from workers.proxies.subject import Subject


@PROXIES.register("grad_norm", "norms of the first batch's gradient, added up over the layers")
def grad_norm(subject: Subject) -> float:
    """Σ over layers of ‖∂L/∂w‖₂, L the cross-entropy of one batch; higher is better.

    Abdelfattah et al. 2021, Zero-Cost Proxies for Lightweight NAS, arXiv:2101.08134. The layers are
    the convolutions and linear layers on a way from image to logits, w their weights without biases;
    0 if there is no way.
    """
    import torch
    from torch import nn

    model, (images, labels) = subject.network(), subject.batch()
    layers = [m for m in alive(model, images) if isinstance(m, nn.Conv2d | nn.Linear)]
    if not layers:
        return 0.0
    loss = nn.functional.cross_entropy(model(images), labels)
    gradients = torch.autograd.grad(loss, [layer.weight for layer in layers])
    return float(sum(gradient.double().norm() for gradient in gradients))
