"""Families for 32x32 colour images: every point costs what torch counts."""

import numpy as np
import pytest

import nas
from nas.model.count import count
from nas.records import DataInfo
from nas.space.load import shipped_names
from nas.space.space import Space

CIFAR10 = DataInfo("cifar10", 3, 32, 10)
FAMILIES = [name for name in shipped_names() if "cifar10" in nas.load_space(name).model.profiles]


def counted(space: Space, points: int, seed: int) -> None:
    """Price random points and count them in torch."""
    rng = np.random.default_rng(seed)
    for _ in range(points):
        architecture = space.architecture(space.sample(rng))
        found, cost = count(architecture), architecture.cost
        assert (found.params, found.macs, found.outputs) == (cost.params, cost.macs, 10)


def test_the_families_that_people_train_on_it_have_a_profile() -> None:
    named = {"vgg", "resnet", "resnext-cardinality", "densenet", "efficientnet-scaling", "senet", "regnet"}
    assert named | {"mobilenet"} <= set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_takes_the_images_as_they_are(name: str) -> None:
    space = nas.load_space(name, data=CIFAR10)
    assert space.profile == "cifar10"
    assert space.training["epochs"] <= 30
    sizes = {space.architecture(space.sample(np.random.default_rng(i))).input.size for i in range(5)}
    assert 16 <= min(sizes) <= 32 <= max(sizes) <= 48
    counted(space, 2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_points_cost_what_torch_counts(name: str) -> None:
    """A few: with 200 a family takes up to two minutes, and passes."""
    counted(nas.load_space(name, data=CIFAR10), 5, seed=2)
