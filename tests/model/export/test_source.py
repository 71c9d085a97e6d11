"""Source from the graph: classes with arguments, loops, choices; the same outputs, whatever the network."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

import nas
from nas.arch.primitive import PRIMITIVES, Call, Primitive, call
from nas.cost.architecture import Architecture
from nas.model.export.lowering import UnsaidError
from nas.model.export.mapping import exported_model, exported_names, renamed
from nas.model.export.source import About, class_name, source
from nas.records import DataInfo
from nas.space.load import load_space, shipped_names
from tests.model.export.clean import filled, images
from tests.model.test_onnx import NETWORKS, layered
from tests.space.making import space

ABOUT = About("tiny", "A test.")
POINTS = 3


def text_of(architecture: Architecture) -> str:
    return source(architecture, ABOUT, weights=False)


@torch.no_grad()
def assert_same(architecture: Architecture) -> str:
    """The source computes what the network computes; returns it."""
    text = text_of(architecture)
    model = filled(nas.build_model(architecture))
    other = exported_model(text, renamed(model.state_dict(), exported_names(architecture, text)))
    x = images(architecture.input.channels, architecture.input.size)
    meant, said = model(x), other(x)
    assert meant.isfinite().all()
    assert float((said - meant).abs().max()) <= 1e-5 * max(float(meant.abs().max()), 1e-12)
    assert sum(p.numel() for p in other.parameters()) == architecture.cost.params
    return text


def made(*entries: Any, **more: Any) -> str:
    return assert_same(space(*entries, **more).architecture({}))


@pytest.mark.parametrize("name", shipped_names())
def test_random_points_are_the_same(name: str) -> None:
    family, rng = nas.load_space(name, data=DataInfo("digits", 1, 8, 10)), np.random.default_rng(3)
    for _ in range(POINTS):
        assert_same(family.architecture(family.sample(rng)))


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_many_random_points_are_the_same(name: str) -> None:
    family, rng = nas.load_space(name, data=DataInfo("digits", 1, 8, 10)), np.random.default_rng(4)
    for _ in range(int(os.environ.get("NAS_TEST_POINTS", "12"))):
        assert_same(family.architecture(family.sample(rng)))


@pytest.mark.parametrize("name", NETWORKS)
def test_all_kinds_of_layers_are_the_same(name: str) -> None:
    assert_same(layered(name))


def test_equal_blocks_are_a_loop() -> None:
    body = [{"sum": [[{"conv": {"out": 4, "kernel": 3}}, "norm"], []]}, "relu"]
    text = made({"repeat": 5, "body": body})
    assert text.count("class ") == 2
    assert "*[Block() for _ in range(5)]" in text
    assert "return torch.relu(self.body(x) + x)" in text


def test_blocks_that_differ_in_numbers_are_one_class() -> None:
    define = {
        "block": {"args": {"out": None}, "body": [{"conv": {"out": "=out", "kernel": 3}}, "norm", "relu"]}
    }
    text = made({"block": {"out": 8}}, {"block": {"out": 12}}, {"block": {"out": 5}}, define=define)
    assert text.count("class Block(") == 1
    assert "def __init__(self, in_channels: int, out_channels: int) -> None:" in text
    assert "Block(4, 8)" in text
    assert "Block(8, 12)" in text


def test_numbers_that_rise_evenly_are_computed() -> None:
    define = {"grow": {"body": [{"concat": [[], [{"conv": {"out": 3, "kernel": 3}}]]}]}}
    text = made({"repeat": 4, "body": ["grow"]}, define=define)
    assert "*[Grow(4 + 3 * i) for i in range(4)]" in text


def test_what_is_only_there_at_times_is_a_choice() -> None:
    shortcut = {"when": "here.channels != out", "conv": {"out": "=out", "kernel": 1}}
    block = {"args": {"out": None}, "body": [{"sum": [[{"conv": {"out": "=out", "kernel": 3}}], [shortcut]]}]}
    text = made({"block": {"out": 8}}, {"block": {"out": 8}}, {"block": {"out": 6}}, define={"block": block})
    assert text.count("class Block(") == 1
    assert "if in_channels != out_channels:" in text


def test_a_shortcut_that_only_some_blocks_have_is_a_choice() -> None:
    path = [{"conv": {"out": "=out", "kernel": 3}}, "norm"]
    branches = {"true": [{"sum": [path, []]}], "false": path}
    block = {"args": {"out": None}, "body": [{"choose": "here.channels == out", "among": branches}]}
    text = made({"block": {"out": 8}}, {"block": {"out": 8}}, {"block": {"out": 6}}, define={"block": block})
    assert "self.residual = in_channels == out_channels" in text
    assert "return x + y if self.residual else y" in text


CONV = {"conv": {"out": 4, "kernel": 3}}
POINT = {"conv": {"out": 4, "kernel": 1}}


@pytest.mark.parametrize(
    "entries",
    [
        [{"concat": [[POINT], [CONV, {"concat": [[POINT], [CONV]]}]]}],
        [{"sum": [[POINT, {"sum": [[CONV], []]}], [CONV]]}],
        [CONV, {"sum": [[POINT, {"sum": [[CONV], []]}, POINT], [POINT, {"sum": [[CONV], []]}], []]}],
        [{"gate": [{"sum": [[CONV], [POINT]]}]}],
        [{"gate": ["global_avg_pool", {"sum": [[{"linear": {"out": 4}}], [{"linear": {"out": 4}}]]}]}],
        [CONV, {"name": "y"}, CONV, {"sum": [[POINT, {"sum": [[CONV], []]}], [{"from": "y"}]]}],
    ],
)
def test_branches_in_branches_leave_each_others_values_alone(entries: list[Any]) -> None:
    made(*entries)


def test_words_cannot_break_the_source() -> None:
    block = {
        "about": 'A "block", \\N """ and ' + "words " * 30,
        "args": {"out": None},
        "body": [
            {"sum": [[{"conv": {"out": "=out", "kernel": 3}}], [{"conv": {"out": "=out", "kernel": 1}}]]}
        ],
    }
    own = space({"path": {"out": 8}}, {"path": {"out": 9}}, define={"path": block})
    words = {name: definition.about or "" for name, definition in own.model.define.items()}
    text = source(own.architecture({}), About("Path", 'A """word""" \\u.', words))
    compile(text, "path.py", "exec")
    assert "class Path2(nn.Module):" in text
    assert "class PathNetwork(nn.Module):" in text
    assert max(map(len, text.splitlines())) <= 110


def test_named_values_keep_their_names() -> None:
    conv = {"conv": {"out": 4, "kernel": 3}}
    text = made(
        {"name": "first"},
        conv,
        {"name": "second"},
        conv,
        {"sum": [[], [{"from": "first"}], [{"from": "second"}]]},
    )
    assert "second = self." in text


@pytest.mark.parametrize(
    "entries",
    [
        [{"sum": [[{"sum": [[], ["relu"]]}, "tanh"], [{"zero": {}}]]}],
        [{"gate": [{"conv": {"out": 4, "kernel": 1}}, "sigmoid"]}, {"gate": ["global_avg_pool", "sigmoid"]}],
        [{"concat": [[], ["relu"], [{"concat": [[], ["tanh"]]}]]}],
        [{"repeat": 3, "as": "k", "body": [{"conv": {"out": "=4 + k * k", "kernel": "=1 + 2 * k"}}, "relu"]}],
        [{"repeat": 2, "body": [{"repeat": 2, "body": [{"sum": [["relu"], ["tanh"]]}]}, "norm"]}],
        [{"sum": [[{"zero": {}}], [{"zero": {}}]]}, {"dropout": {"p": 0.0}}],
        [{"aux": ["global_avg_pool", {"linear": {"out": 10}}]}, {"drop_path": {"p": 0.3}}],
        [
            {"name": "x"},
            "relu",
            {"name": "lambda"},
            "tanh",
            {"sum": [[], [{"from": "x"}], [{"from": "lambda"}]]},
        ],
        [{"repeat": 2, "body": [{"name": "a"}, "relu", {"sum": [[], [{"from": "a"}]]}]}],
    ],
    ids=str,
)
def test_unusual_networks_are_the_same(entries: list[Any]) -> None:
    made(*entries)


def test_lenet_is_what_a_person_would_write() -> None:
    text = assert_same(load_space("lenet").reference("lenet5"))
    assert "self.stages = nn.Sequential(Stage(1, 6), Stage(6, 16))" in text
    assert "FullyConnected(400, 120)," in text


def test_a_stage_of_resnet_50_is_a_line() -> None:
    text = text_of(load_space("resnet").reference("resnet50"))
    assert "Stage(256, 512, blocks=4, stride=2)," in text
    assert "*[PostBlock(out_channels, out_channels) for _ in range(blocks - 1)]," in text
    assert text.count("\n") < 120


def test_a_layer_of_somebody_else_is_named() -> None:
    @dataclass(frozen=True, eq=False)
    class Theirs(Primitive):
        kind = "theirs"

        def torch(self) -> Call:
            return call("their.package:Layer", 3)

    with PRIMITIVES_WITH("theirs", Theirs):
        architecture = space("relu", "theirs").architecture({})
        with pytest.raises(UnsaidError, match=r"cannot express layer theirs: it is their.package:Layer\(3\)"):
            text_of(architecture)


class PRIMITIVES_WITH:  # noqa: N801
    """A primitive that is registered for a while."""

    def __init__(self, name: str, kind: type[Primitive]) -> None:
        self.name, self.kind = name, kind

    def __enter__(self) -> None:
        PRIMITIVES.register(self.name, "for a test")(self.kind)

    def __exit__(self, *_: object) -> None:
        PRIMITIVES._entries.pop(self.name)


@pytest.mark.parametrize(
    ("name", "told"),
    [("efficientnet_b0", "EfficientnetB0"), ("vgg-1", "Vgg1"), ("1x", "Network1x"), ("None", "NetworkNone")],
)
def test_classes_have_names(name: str, told: str) -> None:
    assert class_name(name) == told


def test_normalisation_is_told() -> None:
    about = About("tiny", "A test.", mean=(0.5, 0.25), sd=(0.1, 0.2))
    text = source(load_space("linear").reference("cifar10"), about)
    assert "MEAN = (0.5, 0.25)\nSD = (0.1, 0.2)\n" in text
    assert "weights_only=True" in text
