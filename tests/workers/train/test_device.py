"""Precision and layout."""

import copy
import gc
import weakref

import pytest
import torch
from torch import nn

from workers.recipe import Recipe
from workers.train.device import Placement, cpu_has_bf16, is_narrow, placement, prepare

CPU = torch.device("cpu")
ON_CPU = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")


def _depthwise(stride: int) -> nn.Conv2d:
    return nn.Conv2d(16, 16, 3, stride=stride, padding=1, groups=16, bias=False)


def test_narrow_groups() -> None:
    assert is_narrow(_depthwise(1))
    assert not is_narrow(nn.Conv2d(64, 64, 3, groups=4))
    assert not is_narrow(nn.Conv2d(1, 8, 3))


@ON_CPU
def test_precision_is_bf16_where_it_pays() -> None:
    plain, grouped = nn.Conv2d(1, 8, 3), _depthwise(1)
    assert placement(plain, Recipe(), 1e3).bf16 is cpu_has_bf16()
    assert placement(grouped, Recipe(), 1e8).bf16 is cpu_has_bf16()
    assert not placement(grouped, Recipe(), 1e5).bf16
    assert not placement(plain, Recipe(precision="fp32")).bf16
    assert placement(grouped, Recipe(precision="bf16"), 1e5).bf16


@pytest.mark.parametrize(("stride", "side"), [(1, 8), (2, 8), (1, 2)])
def test_narrow_groups_compute_what_they_did(stride: int, side: int) -> None:
    """Forward and backward, to what bf16 resolves; bf16 comes out, whatever was computed in."""
    conv = _depthwise(stride)
    x = torch.randn(4, 16, side, side, generator=torch.Generator().manual_seed(0))
    expected = conv(x)
    (gradient,) = torch.autograd.grad(expected.square().sum(), conv.weight)
    place = Placement(CPU, bf16=True)
    prepared = prepare(conv, place)
    with place.autocast():
        y = prepared(x.bfloat16())
    assert y.dtype is torch.bfloat16
    torch.testing.assert_close(y.float(), expected, rtol=0.02, atol=0.02)
    (mine,) = torch.autograd.grad(y.float().square().sum(), conv.weight)
    torch.testing.assert_close(mine, gradient, rtol=0.05, atol=0.05 * gradient.abs().max().item())


def test_a_prepared_network_leaves_memory_with_its_last_name() -> None:
    place = Placement(CPU, bf16=True)
    network = prepare(nn.Sequential(_depthwise(2), _depthwise(1)), place)
    weight = weakref.ref(network[0].weight)
    gc.disable()
    try:
        del network
        assert weight() is None
    finally:
        gc.enable()


def test_a_prepared_network_can_be_copied_and_prepared_again() -> None:
    place = Placement(CPU, bf16=True)
    first = prepare(_depthwise(2), place)
    second = prepare(copy.deepcopy(first), place)
    x = torch.ones(2, 16, 8, 8)
    with place.autocast(), torch.no_grad():
        first.weight.zero_()
        assert second(x).abs().sum() > 0
