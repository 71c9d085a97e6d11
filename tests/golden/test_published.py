"""Every published number of every shipped family comes out exactly."""

import csv
from pathlib import Path

import pytest

import nas
from nas.space.load import shipped_names

SHARED = Path(__file__).parents[3] / "shared" / "reference" / "published_costs.csv"
HOMES = {
    "vgg16": ("vgg", "vgg16"),
    "resnet50": ("resnext-cardinality", "resnet50"),
    "resnext50_32x4d": ("resnext-cardinality", "resnext50_32x4d"),
    "efficientnet_b0": ("efficientnet-scaling", "efficientnet_b0"),
}


def published() -> list[tuple[str, str, str, int]]:
    return [
        (space, name, cost, int(number))
        for space in shipped_names()
        for name, reference in nas.load_space(space).references.items()
        for cost, number in reference.published.items()
        if cost in ("params", "macs", "activations")
    ]


@pytest.mark.parametrize(("space", "name", "cost", "number"), published())
def test_a_reference_costs_what_was_published(space: str, name: str, cost: str, number: int) -> None:
    assert getattr(nas.load_space(space).reference(name).cost, cost) == number


def test_there_is_something_to_check() -> None:
    assert len(published()) >= 20


@pytest.mark.skipif(not SHARED.exists(), reason="the shared table of published costs is not here")
def test_the_shared_table() -> None:
    rows = {row["model"]: row for row in csv.DictReader(SHARED.open())}
    for model, (space, name) in HOMES.items():
        cost = nas.load_space(space).reference(name).cost
        assert (cost.params, cost.macs) == (int(rows[model]["params"]), int(rows[model]["macs"])), model


@pytest.mark.parametrize(("groups", "width"), [(1, 64), (2, 40), (4, 24), (8, 14), (32, 4)])
def test_the_equal_cost_pairs_of_resnext(groups: int, width: int) -> None:
    space = nas.load_space("resnext-cardinality")
    assert space.derived({"G": groups, "depths": [3, 4, 6, 3]})["c"] == width


def test_the_depths_of_known_networks() -> None:
    assert nas.load_space("vgg").reference("vgg16").cost.layers == 16
    assert nas.load_space("resnext-cardinality").reference("resnet50").cost.layers == 50
    assert nas.load_space("resnext-cardinality").reference("resnet101").cost.layers == 101


def test_the_receptive_fields_of_known_networks() -> None:
    assert nas.load_space("vgg").reference("vgg16").cost.receptive_field == 212
    # 7x7/2, 3x3/2 pool, then 16 3x3 convolutions at growing strides (stride in the 3x3)
    assert nas.load_space("resnext-cardinality").reference("resnet50").cost.receptive_field == 427


def test_a_residual_network_has_two_to_the_blocks_paths() -> None:
    assert nas.load_space("resnext-cardinality").reference("resnet50").cost.paths == 2**16
    assert nas.load_space("vgg").reference("vgg16").cost.paths == 1


def test_the_third_rule_of_vgg_shows_in_its_prices() -> None:
    """After a pool the doubled convolution has half the memory, four times the weights, equal macs."""
    rows = nas.load_space("vgg").reference("vgg16").layers()
    convs = [row for row in rows if row.kind == "conv"]
    for before, after in ((convs[3], convs[5]), (convs[5], convs[8])):  # 128 to 256, 256 to 512 channels
        assert after.memory_kib * 2 == before.memory_kib
        assert after.macs == before.macs
    weights = [row.params - int(row.output.split("x")[0]) for row in convs]
    assert weights[5] == 4 * weights[3]
    assert weights[8] == 4 * weights[5]
