"""Jacobian covariance: whether an untrained network's answers change differently for different images."""

from typing import TYPE_CHECKING

from workers.proxies.base import PROXIES
from workers.proxies.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor

K = 1e-5
"""Keeps the logarithm of an eigenvalue of zero finite; the papers' value."""


@PROXIES.register("jacob_cov", "how uncorrelated the images' gradients are")
def jacob_cov(subject: Subject) -> float:
    """−Σ [log(λ + k) + 1/(λ + k)] over the eigenvalues λ of the correlations; higher is better.

    Correlated are the gradients of the summed logits with respect to the images of one batch. Mellor
    et al. 2020, arXiv:2006.04647 (first version); as in Abdelfattah et al. 2021, arXiv:2101.08134. Between
    -N, where no two are correlated, and about -1e5 (N - 1), where all are alike.
    """
    import torch

    model, (images, _) = subject.network(), subject.batch()
    model.requires_grad_(False)
    images = images.detach().requires_grad_()  # a tensor of its own: the batch is everybody's
    logits = model(images)
    if not logits.requires_grad:  # no way leads from image to logits
        return of_jacobian(torch.zeros_like(images))
    return of_jacobian(torch.autograd.grad(logits.sum(), images)[0])


def of_jacobian(jacobian: "Tensor") -> float:
    """The score of gradients (N, …); images whose gradient does not vary over its pixels count as alike."""
    import torch

    rows = jacobian.detach().double().cpu().flatten(1)
    rows = rows - rows.mean(1, keepdim=True)
    norms = rows.norm(dim=1, keepdim=True)
    rows = torch.where(norms > 0, rows / norms, rows.new_ones(()) / rows.shape[1] ** 0.5)
    eigenvalues = torch.linalg.eigvalsh(rows @ rows.T).clamp(min=0)
    return -float((torch.log(eigenvalues + K) + 1 / (eigenvalues + K)).sum())
