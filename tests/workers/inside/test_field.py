"""Receptive fields: the arithmetic of places against the price, against torch, and against the gradient."""

import pytest
import torch

from nas.space.load import shipped_names
from tests.workers.inside.networks import digits, network
from workers.inside.field import effective
from workers.inside.places import places, stages
from workers.inside.watching import seen

SPACES = shipped_names()


@pytest.mark.parametrize("space", SPACES)
def test_places_are_where_the_graph_says(space: str) -> None:
    """Each module gives what its node promises; what the last ones see is the price's receptive field."""
    architecture = digits(space)
    model, size = network(architecture), architecture.input.size
    found = places(architecture, model)
    with torch.no_grad(), seen([place.module for place in found]) as given:
        model(torch.randn(2, 1, size, size))
    for place in found:
        channels, side = place.node.output
        assert given[place.module].shape == ((2, channels, side, side) if side else (2, channels))
    assert len({id(place.module) for place in found}) == len(found)
    assert found[-1].field.size == architecture.cost.receptive_field
    assert found[-1].layers == architecture.root.layers


@pytest.mark.parametrize("space", [name for name in SPACES if name not in ("linear", "deformable")])
def test_what_is_seen_is_within_what_can_be_seen(space: str) -> None:
    architecture = digits(space)
    model, size = network(architecture), architecture.input.size
    found = stages(architecture, model)
    assert found
    x = torch.randn(8, 1, size, size)
    for stage in found:
        centre = stage.shape.size // 2
        low, high = stage.field.box(centre)
        gradient = effective(model, stage.module, x, centre)
        inside = gradient[max(low, 0) : high + 1, max(low, 0) : high + 1]
        assert inside.sum() == pytest.approx(float(gradient.sum()), rel=1e-5)
        assert high - low + 1 == stage.field.size


def test_a_field_by_hand() -> None:
    """LeNet: 5x5 convolution, 2x2 average, the same again; 6, then 16 pixels, 2 and 4 apart."""
    architecture = digits("lenet", maps=[6, 16], kernel=5, pool="avg")
    first, second = stages(architecture, network(architecture))
    assert (first.field.size, first.field.jump, first.field.box(1)) == (6, 2, (2, 7))
    assert (second.field.size, second.field.jump, second.field.box(0)) == (16, 4, (0, 15))


def test_all_of_a_stems_field_is_seen() -> None:
    architecture = digits("resnet", order="post", shortcut="projection")
    model = network(architecture)
    stem = stages(architecture, model)[0]
    gradient = effective(model, stem.module, torch.randn(16, 1, 8, 8), 4)
    assert (gradient > 0).nonzero().tolist() == [[y, x] for y in (3, 4, 5) for x in (3, 4, 5)]
