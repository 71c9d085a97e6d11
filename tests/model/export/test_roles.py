"""What parameters of exported classes are called."""

from typing import Any

import pytest

import nas
from nas.model.export.source import source
from nas.service.described import about, about_reference
from tests.model.export.test_source import assert_same
from tests.space.making import space

CONV = {"conv": {"out": "=width", "kernel": 3}}
BACK = {"conv": {"out": 4, "kernel": 1}}


def written(*entries: Any, **more: Any) -> str:
    """The source of a space's only network, with the space's own words; the same network."""
    own = space(*entries, **more)
    architecture = own.architecture({})
    assert_same(architecture)
    text = source(architecture, about("net", "Net", own, []), weights=False)
    assert text == source(architecture, about("net", "Net", own, []), weights=False)
    return text


def twice(argument: str, *body: Any) -> str:
    """Two uses of a definition, whose argument is a width inside it."""
    define = {"path": {"args": {argument: None}, "body": list(body)}}
    return written({"path": {argument: 7}}, {"path": {argument: 10}}, define=define)


def test_a_width_inside_has_the_name_of_the_definition_s_argument() -> None:
    body = [CONV, "norm", BACK]
    assert "def __init__(self, width: int) -> None:" in twice("width", *body)
    body[0] = {"conv": {"out": "=3 * width // 2", "kernel": 3}}
    assert "def __init__(self, hidden_channels: int) -> None:" in twice("width", *body)


@pytest.mark.parametrize("name", ["nn", "torch", "super", "i", "W", "x"])
def test_a_name_that_python_or_the_source_has_is_not_taken(name: str) -> None:
    body = [{"conv": {"out": f"={name}", "kernel": 3}}, BACK]
    assert "hidden_channels: int" in twice(name, *body)


def test_torch_has_the_word_for_what_it_knows() -> None:
    define = {
        "path": {
            "args": {"wide": None, "window": None, "jump": None},
            "body": [{"conv": {"out": "=wide", "kernel": "=window", "stride": "=jump"}}, "norm"],
        }
    }
    uses = [{"path": {"wide": 5 + i, "window": 1 + 2 * (i % 2), "jump": 1 + i // 2}} for i in range(3)]
    text = written(*uses, define=define)
    assert "self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1" in text
    assert "(4, 5, 1)," in text


def test_widths_are_called_after_where_they_stand() -> None:
    gate = {
        "gate": [
            "global_avg_pool",
            {"linear": {"out": "=width * 2"}},
            "relu",
            {"linear": {"out": 4}},
            "sigmoid",
        ]
    }
    assert "squeeze_channels: int" in twice("width", gate)
    branches = {
        "concat": [
            [{"conv": {"out": "=width + 1", "kernel": 1}}],
            [{"conv": {"out": "=width - 2", "kernel": 1}}, {"conv": {"out": "=width * width", "kernel": 3}}],
        ]
    }
    text = twice("width", branches, BACK)
    assert "branch1_out: int, branch2_inner: int, branch2_out: int" in text
    assert "new_channels: int" in twice(
        "width",
        {"concat": [[], [{"conv": {"out": "=width + 1", "kernel": 1}}]]},
        BACK,
    )


def test_published_networks() -> None:
    for family, name, words in (
        (
            "googlenet",
            "googlenet",
            "        branch1_out: int,\n        branch2_inner: int,\n        branch2_out: int,",
        ),
        (
            "efficientnet-scaling",
            "efficientnet_b0",
            "Stage(24, 40, kernel_size=5, expand=6, blocks=2, stride=2),",
        ),
        ("senet", "seresnet50", "def __init__(self, channels: int) -> None:"),
        ("regnet", "regnet_y_400mf", "def __init__(self, channels: int, squeezed: int) -> None:"),
        ("alexnet", "alexnet", "Stage(3, 64, kernel_size=11, padding=2, stride=4),"),
        ("mobilenet", "mobilenetv1_100", "            *[Separable(512, 512) for _ in range(5)],"),
        ("resnet", "resnet18", "nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),"),
    ):
        loaded = nas.load_space(family)
        architecture = loaded.reference(name)
        assert words in source(architecture, about_reference(name, architecture, loaded, {})), name
