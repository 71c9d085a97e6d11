"""The moving average of weights."""

import torch
from torch import nn

from workers.train.ema import Ema


def _network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))


def test_it_is_the_formula() -> None:
    model = _network()
    ema = Ema(model, decay=0.5)
    expected = model[0].weight.detach().clone()
    for step in range(1, 30):
        with torch.no_grad():
            model[0].weight.add_(1.0)
        ema.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * model[0].weight.detach()
    torch.testing.assert_close(ema.average["0.weight"], expected)


def test_statistics_of_norms_are_averaged_and_counters_are_not() -> None:
    model = _network()
    ema = Ema(model, decay=0.9)
    model(torch.ones(4, 1, 8, 8) * 3)
    ema.update(100)
    assert "1.num_batches_tracked" not in ema.average
    live, average = model[1].running_mean, ema.average["1.running_mean"]
    torch.testing.assert_close(average, 0.1 * live)


def test_inside_the_network_has_the_averages_and_afterwards_its_own() -> None:
    model = _network()
    ema = Ema(model, decay=0.9)
    before = model[0].weight.detach().clone()
    with torch.no_grad():
        model[0].weight.zero_()
    with ema.applied():
        assert torch.equal(model[0].weight, before)
    assert torch.equal(model[0].weight, torch.zeros_like(before))
    assert torch.equal(ema.average["0.weight"], before)


def test_it_goes_on_from_whole_weights_too() -> None:
    ema, weights = Ema(_network(), decay=0.9), _network().state_dict()
    ema.load(weights)
    assert all(torch.equal(ema.average[name], weights[name]) for name in ema.average)
