"""Gradient by path length: known answers, all paths of a small network one by one, and what has none."""

import itertools
from math import comb
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import nn

from tests.workers.inside.networks import digits, shown
from workers.inside.base import DoesNotApplyError
from workers.inside.paths import Block, Flow, flowing, gradient, residual_blocks, routed


class Scaled(nn.Module):
    """n blocks `x + a x`: a path's gradient is the product of the factors on it."""

    def __init__(self, factors: list[float]) -> None:
        super().__init__()
        self.skips = nn.ModuleList(nn.Identity() for _ in factors)
        self.branches = nn.ModuleList(nn.Conv2d(1, 1, 1, bias=False) for _ in factors)
        for branch, factor in zip(self.branches, factors, strict=True):
            nn.init.constant_(branch.weight, factor)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for skip, branch in zip(self.skips, self.branches, strict=True):
            x = skip(x) + branch(x)
        return x.flatten(1)

    @property
    def blocks(self) -> list[Block]:
        return [Block(s, (b,)) for s, b in zip(self.skips, self.branches, strict=True)]


@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_equal_blocks_give_a_binomial(factor: float) -> None:
    """All paths of length k have a gradient of a^k: shares are C(n, k) a^k / (1 + a)^n."""
    n = 9
    model = Scaled([factor] * n)
    x = torch.randn(16, 1, 2, 2)
    flow = flowing(model, model.blocks, x, torch.zeros(16, dtype=torch.long))  # type: ignore[arg-type]
    expected = [comb(n, k) * factor**k / (1 + factor) ** n for k in range(n + 1)]
    assert flow.share == pytest.approx(expected, rel=1e-4)
    assert flow.share_of_paths == pytest.approx([comb(n, k) / 2**n for k in range(n + 1)])
    assert flow.norm / flow.norm[0] == pytest.approx([factor**k for k in range(n + 1)], rel=1e-4)
    assert flow.mean == pytest.approx(n * factor / (1 + factor), rel=1e-4)
    assert flow.blocks == n


def test_the_middle_leaves_out_equal_ends() -> None:
    """Of 100 throws of a fair coin 40 to 60 are heads in 96 of 100 cases, 41 to 59 in fewer than 95."""
    share = np.array([comb(100, k) / 2**100 for k in range(101)])
    assert Flow(share, share, share).middle() == (40, 60)
    assert Flow(share, share, np.eye(1, 5, 2)[0]).middle() == (2, 2)


def test_all_paths_together_are_the_gradient() -> None:
    """Every path of a real residual network one by one: they add up to the gradient; sampling finds their
    mean norm."""
    found = shown(digits("resnet", depths=[1, 2, 1], shortcut="projection", order="pre", block="basic"))
    blocks, x, y = residual_blocks(found), found.x[:16], found.y[:16]
    assert len(blocks) == 4
    entry = x.clone().requires_grad_()
    whole = torch.autograd.grad(F.cross_entropy(found.model(entry), y, reduction="sum"), entry)[0]
    norms: dict[int, list[float]] = {k: [] for k in range(5)}
    total = torch.zeros_like(x)
    with routed(blocks) as routes:
        loss = F.cross_entropy(found.model(entry), y, reduction="sum")
        for path in itertools.product((False, True), repeat=4):
            routes.taken = torch.tensor([path] * len(x))
            one = gradient(loss, entry)
            total += one
            norms[sum(path)].append(float(one.flatten(1).norm(dim=1).mean()))
    assert torch.allclose(total, whole, atol=1e-4 * float(whole.abs().max()))
    flow = flowing(found.model, blocks, x, y)
    for k, each in norms.items():
        assert flow.norm[k] == pytest.approx(np.mean(each), rel=1e-4 if k in (0, 4) else 0.15)


def test_lengths_between_those_sampled_are_interpolated() -> None:
    model = Scaled([0.5] * 90)
    flow = flowing(model, model.blocks, torch.randn(2, 1, 2, 2) / 1e16, torch.zeros(2, dtype=torch.long))  # type: ignore[arg-type]
    assert len(flow.share) == 91
    assert flow.mean == pytest.approx(30, rel=1e-3)


@pytest.mark.parametrize(
    ("space", "point", "why"),
    [
        ("lenet", {}, "no sums"),
        ("densenet", {}, "concatenated"),
        ("cell", {"op": ["conv3"] * 6}, "no row of blocks"),
        ("resnet", {"shortcut": "none"}, "one path"),
    ],
)
def test_networks_without_residual_blocks_say_so(space: str, point: dict[str, Any], why: str) -> None:
    with pytest.raises(DoesNotApplyError, match=why):
        residual_blocks(shown(digits(space, **point)))


@pytest.mark.parametrize("space", ["senet", "efficientnet-scaling", "resnext-cardinality", "regnet"])
def test_other_families_have_them_too(space: str) -> None:
    found = shown(digits(space))
    flow = flowing(found.model, residual_blocks(found), found.x[:8], found.y[:8])
    assert np.isfinite(flow.share).all()
    assert (flow.norm > 0).all()
