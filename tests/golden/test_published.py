"""Every published number of every shipped family comes out exactly."""

import csv
from functools import cache
from pathlib import Path

import pytest
import torch

import nas
from nas.space.load import shipped_names

SHARED = Path(__file__).parents[3] / "shared"
TABLE = SHARED / "reference" / "published_costs.csv"
HOMES = {
    "alexnet": "alexnet",
    "vgg16": "vgg",
    "googlenet": "googlenet",
    "resnet18": "resnet",
    "resnet50": "resnet",
    "resnext50_32x4d": "resnext-cardinality",
    "seresnet50": "senet",
    "densenet121": "densenet",
    "mobilenetv1_100": "mobilenet",
    "efficientnet_b0": "efficientnet-scaling",
}
"""The space in which each row of the shared table is a reference of the same name."""

OTHER_NUMBERS = ("gmacs", "macs_with_bias", "params_with_heads")
"""Published in another convention; each has a test below."""
COSTS = ("params", "macs", "activations")
ACCURACIES = ("top1", "top5")


loaded = cache(nas.load_space)


def published(*kinds: str) -> list[tuple[str, str, str, float]]:
    return [
        (space, name, kind, number)
        for space in shipped_names()
        for name, reference in loaded(space).references.items()
        for kind, number in reference.published.items()
        if kind in kinds
    ]


@pytest.mark.parametrize(("space", "name", "cost", "number"), published(*COSTS))
def test_a_reference_costs_what_was_published(space: str, name: str, cost: str, number: int) -> None:
    assert getattr(loaded(space).reference(name).cost, cost) == number


@pytest.mark.parametrize(("space", "name", "_", "number"), published("gmacs"))
def test_rounded_macs_are_those_published(space: str, name: str, _: str, number: float) -> None:
    """torchvision's tables and some papers give billions with a few decimals."""
    decimals = len(str(number).partition(".")[2])
    macs = loaded(space).reference(name).cost.macs
    assert abs(macs / 1e9 - number) <= 10**-decimals  # some round, some cut


@pytest.mark.parametrize(("space", "name", "_", "number"), published("macs_with_bias"))
def test_macs_as_pycls_counts_them(space: str, name: str, _: str, number: int) -> None:
    """pycls adds one multiply-add for every bias, which these networks have in the last layer only."""
    architecture = loaded(space).reference(name)
    assert architecture.cost.macs + architecture.input.classes == number


@pytest.mark.parametrize(("space", "name", "_", "number"), published("params_with_heads"))
def test_auxiliary_heads_train_and_vanish(space: str, name: str, _: str, number: int) -> None:
    architecture = loaded(space).reference(name)
    with torch.device("meta"):
        model = nas.build_model(architecture, training=True)
        logits, heads = model(torch.empty(2, *architecture.root.input[:1], 224, 224))
    assert sum(p.numel() for p in model.parameters()) == number
    assert [tuple(scores.shape) for scores in [logits, *heads]] == [(2, 1000)] * 3


def test_there_is_something_to_check() -> None:
    assert len({(space, name) for space, name, *_ in published("params")}) >= 40
    known = {*COSTS, *ACCURACIES, *OTHER_NUMBERS}
    kinds = {
        kind
        for space in shipped_names()
        for reference in loaded(space).references.values()
        for kind in reference.published
    }
    assert kinds <= known


@pytest.mark.skipif(not TABLE.exists(), reason="the shared table of published costs is not here")
def test_the_shared_table() -> None:
    rows = list(csv.DictReader(TABLE.open()))
    assert {row["model"] for row in rows} == set(HOMES)
    for row in rows:
        architecture = loaded(HOMES[row["model"]]).reference(row["model"])
        given, cost = architecture.input, architecture.cost
        shown = (f"{given.channels}x{given.size}x{given.size}", cost.params, cost.macs)
        assert shown == (row["input"], int(row["params"]), int(row["macs"])), row["model"]


def test_the_layer_table_of_alexnet_as_taught() -> None:
    """3x227x227, textbook convention; the numbers of ../shared/reference/README.md."""
    layers = loaded("alexnet").reference("taught").layers()
    rows = {f"{row.kind} {row.output}": row for row in layers}
    conv1, pool1 = rows["conv 64x56x56"], rows["max_pool 64x27x27"]
    assert (conv1.memory_kib, conv1.params, conv1.ops) == (784, 23_296, 73_056_256)
    assert (pool1.params, pool1.ops) == (0, 419_904)
    dense = [row for row in layers if row.kind in ("flatten", "linear")]
    assert [row.output for row in dense] == ["9216", "4096", "4096", "1000"]
    assert sum(row.params for row in dense) > 0.95 * sum(row.params for row in layers)


def test_two_towers_halve_a_convolution() -> None:
    settings = {"filters": [96, 256, 384, 384, 256], "overlap": True, "lrn_on": True, "dropout": 0.5}
    one, two = (
        [row for row in loaded("alexnet").member({**settings, "towers": n}).layers() if row.kind == "conv"]
        for n in (1, 2)
    )
    halves = [second.macs / first.macs for first, second in zip(one, two, strict=True)]
    assert halves == [1, 0.5, 1, 0.5, 0.5]


def test_the_convolutions_of_zfnet() -> None:
    convs = [row for row in loaded("zfnet").reference("zfnet_wide").layers() if row.kind == "conv"]
    assert "kernel=7 stride=2" in convs[0].arguments
    assert [int(row.output.split("x")[0]) for row in convs[2:]] == [512, 1024, 512]


def test_quantised_linear_widths() -> None:
    """RegNetX-200MF: 24, 56, 152, 368 channels in 1, 1, 4, 7 blocks."""
    rows = loaded("regnet").reference("regnetx_200mf").layers()
    widths = [int(row.output.split("x")[0]) for row in rows if "groups=" in row.arguments]
    assert widths == [24] + [56] + [152] * 4 + [368] * 7


@pytest.mark.parametrize(("groups", "width"), [(1, 64), (2, 40), (4, 24), (8, 14), (32, 4)])
def test_the_equal_cost_pairs_of_resnext(groups: int, width: int) -> None:
    space = loaded("resnext-cardinality")
    assert space.derived({"G": groups, "depths": [3, 4, 6, 3]})["c"] == width


def test_the_depths_of_known_networks() -> None:
    assert loaded("vgg").reference("vgg16").cost.layers == 16
    assert loaded("resnext-cardinality").reference("resnet50").cost.layers == 50
    for space, depths in (("resnet", (18, 34, 50, 101, 152)), ("densenet", (121, 161, 169, 201))):
        for depth in depths:
            assert loaded(space).reference(f"{space}{depth}").cost.layers == depth
    assert loaded("googlenet").reference("googlenet").cost.layers == 22


def test_the_receptive_fields_of_known_networks() -> None:
    assert loaded("vgg").reference("vgg16").cost.receptive_field == 212
    # 7x7/2, 3x3/2 pool, then 16 3x3 convolutions at growing strides (stride in the 3x3)
    assert loaded("resnext-cardinality").reference("resnet50").cost.receptive_field == 427


def test_a_residual_network_has_two_to_the_blocks_paths() -> None:
    assert loaded("resnext-cardinality").reference("resnet50").cost.paths == 2**16
    assert loaded("vgg").reference("vgg16").cost.paths == 1


def test_the_third_rule_of_vgg_shows_in_its_prices() -> None:
    """After a pool the doubled convolution has half the memory, four times the weights, equal macs."""
    rows = loaded("vgg").reference("vgg16").layers()
    convs = [row for row in rows if row.kind == "conv"]
    for before, after in ((convs[3], convs[5]), (convs[5], convs[8])):  # 128 to 256, 256 to 512 channels
        assert after.memory_kib * 2 == before.memory_kib
        assert after.macs == before.macs
    weights = [row.params - int(row.output.split("x")[0]) for row in convs]
    assert weights[5] == 4 * weights[3]
    assert weights[8] == 4 * weights[5]


@pytest.mark.parametrize("convs", [2, 3])
def test_a_stack_of_small_kernels_sees_as_far_as_a_large_one_with_fewer_weights(convs: int) -> None:
    """From C to C channels n of them have 9 n C² weights, the large one (2 n + 1)² C²."""
    space, channels = loaded("vgg"), 512
    common = {"convs": [1, 1, 1, 1, convs], "batch_norm": False}  # the last stage doubles nothing
    stack = space.member({**common, "stacked": [True] * 5}).cost
    large = space.member({**common, "stacked": [True] * 4 + [False]}).cost
    assert stack.receptive_field == large.receptive_field
    assert stack.layers == large.layers + convs - 1
    saved = ((2 * convs + 1) ** 2 - 9 * convs) * channels**2 - (convs - 1) * channels  # biases
    assert large.params - stack.params == saved > 0


def test_shortcuts_multiply_the_paths_of_a_network() -> None:
    space = loaded("resnet")
    assert space.reference("resnet56").cost.paths == 2**27
    assert space.reference("plain56").cost.paths == 1
    assert space.reference("resnet56").cost.params == space.reference("plain56").cost.params
    assert space.reference("preresnet1001").cost.layers == 1001


def test_two_small_kernels_see_as_far_as_a_large_one_for_less() -> None:
    """Two 3x3 convolutions against one 5x5, three against one 7x7: 2*9 < 25, 3*9 < 49."""
    from tests.space.making import space

    for count, large in ((2, 5), (3, 7)):
        conv = {"conv": {"out": 4, "kernel": 3}}
        small = space({"repeat": count, "body": [conv]}).architecture({}).cost
        whole = space({"conv": {"out": 4, "kernel": large}}).architecture({}).cost
        assert small.receptive_field == whole.receptive_field == large
        head = 4 * 10 + 10
        assert (small.params - head) * large**2 == (whole.params - head) * count * 9
        assert (small.macs - 40) * large**2 == (whole.macs - 40) * count * 9
