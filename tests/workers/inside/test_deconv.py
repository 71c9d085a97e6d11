"""The way back from an activation, against the operations of the paper written out."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from nas.model.build import Gated
from tests.workers.inside.networks import digits, network
from workers.inside.deconv import alone, deconvolved, is_guided
from workers.inside.watching import seen


def test_a_known_answer() -> None:
    """One filter [[1, -1], [2, 0]], its maximum at row 1, column 2: the switch puts the signal there, the
    transposed filter paints it."""
    conv = nn.Conv2d(1, 1, 2, bias=False)
    conv.weight.data = torch.tensor([[[[1.0, -1.0], [2.0, 0.0]]]])
    model = nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(4))
    x = torch.zeros(1, 1, 5, 5)
    x[0, 0, 1, 2], x[0, 0, 2, 2] = 1.0, 3.0  # at (1, 2): 1 + 2 * 3 = 7
    with torch.no_grad(), seen([model]) as found:
        model(x)
    signal, place = alone(found[model], 0)
    assert signal.flatten().tolist() == [7.0]
    assert place.tolist() == [[0, 0]]
    expected = torch.zeros(5, 5)
    expected[1:3, 2:4] = 7 * torch.tensor([[1.0, -1.0], [2.0, 0.0]])
    assert torch.equal(deconvolved(model, model[2], x, signal)[0, 0], expected)


@pytest.fixture
def deep() -> nn.Sequential:
    torch.manual_seed(1)
    first = [nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, nn.Conv2d(4, 5, 3, stride=2), nn.ReLU(), nn.MaxPool2d(2))


def by_hand(model: nn.Sequential, x: Tensor, signal: Tensor, *, guided: bool) -> Tensor:
    """Unpool by switches, rectify, filter by the transposed convolution; twice."""
    a, b = model[0], model[3]
    assert isinstance(a, nn.Conv2d)
    assert isinstance(b, nn.Conv2d)
    one = a(x)
    pooled, switches = F.max_pool2d(one.relu(), 2, return_indices=True)
    two = b(pooled)
    _, later = F.max_pool2d(two.relu(), 2, return_indices=True)
    back = F.max_unpool2d(signal, later, 2, output_size=two.shape[2:]).clamp(min=0)
    back = back * (two > 0) if guided else back
    spare = pooled.shape[2] - ((two.shape[2] - 1) * 2 + 3)
    back = F.conv_transpose2d(back, b.weight, stride=2, output_padding=spare)
    back = F.max_unpool2d(back, switches, 2).clamp(min=0)
    back = back * (one > 0) if guided else back
    return F.conv_transpose2d(back, a.weight, padding=1)


@pytest.mark.parametrize("guided", [False, True])
def test_it_is_unpooling_rectifying_and_transposed_filtering(deep: nn.Sequential, guided: bool) -> None:
    x = torch.randn(3, 2, 12, 12)
    with torch.no_grad(), seen([deep]) as found:
        deep(x)
    signal, _ = alone(found[deep], 2)
    made = deconvolved(deep, deep[5], x, signal, guided=guided)
    with torch.no_grad():
        expected = by_hand(deep, x, signal, guided=guided)
    assert made.abs().max() > 0
    assert torch.allclose(made, expected, atol=1e-6)


def test_a_negative_signal_stops_at_a_rectifier() -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.ReLU(), nn.Conv2d(1, 1, 1, bias=False))
    model[0].weight.data.fill_(1.0)
    model[2].weight.data.fill_(-1.0)
    x = torch.ones(1, 1, 2, 2)
    signal = torch.ones(1, 1, 2, 2)
    assert not deconvolved(model, model[2], x, signal).any()
    gradient = torch.autograd.grad(model(x.requires_grad_()).sum(), x)[0]
    assert (gradient == -1).all()


def test_nothing_goes_through_gates() -> None:
    """With the gate a constant, two of what it scales are two of what arrives."""
    architecture = digits("efficientnet-scaling")
    model = network(architecture)
    gated = next(module for module in model.modules() if isinstance(module, Gated))
    x = torch.randn(1, 1, architecture.input.size, architecture.input.size)
    with torch.no_grad(), seen([gated, gated.parts[0]]) as found:
        model(x)
    shape = found[gated].shape
    signal = torch.ones(shape)
    made = deconvolved(model, gated, x, signal)
    before = found[gated.parts[0]]
    assert before.shape[1] == shape[1]
    again = deconvolved(model, gated, x, 2 * signal)
    assert torch.allclose(again, 2 * made, rtol=1e-4)
    assert not next(iter(model.modules()))._forward_hooks


def test_switches_are_counted() -> None:
    assert not is_guided(network(digits("vgg")))
    assert is_guided(network(digits("resnet")))
