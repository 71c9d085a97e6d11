"""What every shipped family must have: a story, a source, a profile for digits, an answer to show."""

import numpy as np
import pytest

import nas
from nas.cost.architecture import Architecture
from nas.records import DataInfo
from nas.space.load import shipped_folder, shipped_names

DIGITS = DataInfo("digits", 1, 8, 10)
MAX_MACS = 9_000_000
"""Of a network for digits: then it trains in seconds on one core."""


@pytest.mark.parametrize("name", shipped_names())
def test_a_family_tells_its_rule(name: str) -> None:
    space = nas.load_space(name)
    text = (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# "), "the rule that the family teaches stands first"
    assert space.model.source is not None
    assert space.parameters
    assert {"epochs", "lr"} <= set(space.training)


@pytest.mark.parametrize("name", shipped_names())
def test_a_family_can_be_searched_on_digits(name: str) -> None:
    space, rng = nas.load_space(name, data=DIGITS), np.random.default_rng(0)
    assert space.profile == "digits"
    points = [space.sample(rng) for _ in range(50)]
    assert len({str(point) for point in points}) >= 15
    for point in points:
        assert space.architecture(point).cost.macs <= MAX_MACS
    assert space.training["epochs"] <= 10
    assert isinstance(space.recipe(points[0])["lr"], float)


@pytest.mark.parametrize("name", shipped_names())
def test_a_family_can_show_its_answer(name: str) -> None:
    space, rng = nas.load_space(name, data=DIGITS), np.random.default_rng(1)
    answer, table = space.answer, space.compiled.table
    assert answer.show
    assert set(answer.show) <= {*space.parameters, *space.compiled.derived_names, *table.constants}
    for reference in answer.beside:
        assert isinstance(space.reference(reference), Architecture)
    assert answer.baseline is not None
    for _ in range(10):
        assert space.member(answer.baseline.set, space.sample(rng)).output.channels == 10


@pytest.mark.parametrize(
    ("name", "profile"), [("vgg", "kernels"), ("resnet", "cifar10"), ("densenet", "cifar10")]
)
def test_other_profiles_make_networks_too(name: str, profile: str) -> None:
    space, rng = nas.load_space(name, profile=profile), np.random.default_rng(2)
    for _ in range(5):
        assert space.architecture(space.sample(rng)).cost.params > 0
