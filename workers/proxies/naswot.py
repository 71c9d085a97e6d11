"""NASWOT: how differently the ReLUs of an untrained network fire for different images."""

from typing import TYPE_CHECKING

from workers.proxies.base import PROXIES
from workers.proxies.modules import activations, alive, hooked
from workers.proxies.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor, nn

CHUNK = 2**16
"""Units of a layer taken at once: their float32 codes stay small, and their counts exact."""


@PROXIES.register("naswot", "log-determinant of how many ReLUs fire alike for two images")
def naswot(subject: Subject) -> float:
    """log det(I + K), K[i, j] = in how many units images i and j have the same code; higher is better.

    Mellor et al. 2021, Neural Architecture Search without Training, arXiv:2006.04647. A unit's code is
    whether its input is above zero: for ReLU and ReLU6 whether it passes, for smooth activations
    (SiLU, sigmoid, tanh) on which side of its bend it is. Only units on a way from image to
    logits count. I is added to the paper's K because codes that coincide, and networks without
    activations, have a singular one: K's eigenvalues are in the thousands where it has an inverse, so
    there the score is the paper's, and without it scores end at 0, that of a network cut in two.
    """
    import torch

    model, (images, _) = subject.network(), subject.batch()
    kernel = torch.zeros(len(images), len(images), dtype=torch.float64, device=images.device)

    def count(module: "nn.Module", inputs: "tuple[Tensor, ...]", output: "Tensor") -> None:
        kernel.add_(agreements(inputs[0]))

    units = [module for module in alive(model, images) if isinstance(module, activations())]
    with hooked(units, count), torch.inference_mode():
        model(images)
    return float(torch.linalg.slogdet(kernel.cpu() + torch.eye(len(images), dtype=torch.float64)).logabsdet)


def agreements(x: "Tensor") -> "Tensor":
    """In how many units two images have the same code: (N, …) to (N, N), exact whole numbers."""
    import torch

    total = torch.zeros(len(x), len(x), dtype=torch.float64, device=x.device)
    for part in torch.split(x.flatten(1) > 0, CHUNK, dim=1):
        signs = part.float().mul_(2).sub_(1)
        total += (signs @ signs.T + part.shape[1]) / 2  # of n signs, a agree: their product is 2a - n
    return total
