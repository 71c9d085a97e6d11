"""Every family and every layer leaves torch: by `torch.export`, and as ONNX, read by onnxruntime."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

import nas
from nas.arch.primitive import PRIMITIVES
from nas.cost.architecture import Architecture
from nas.model.layers import DeformConv2d
from nas.records import DataInfo
from nas.space.load import shipped_names
from tests.space.making import space

# of torch, about itself
pytestmark = pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning")

DIGITS = DataInfo("digits", 1, 8, 10)
TOLERANCE = 1e-4
"""Of the largest logit."""
BATCHES = (1, 5)
"""Neither is the two images that the export sees."""
ANY_BATCH = ({0: torch.export.Dim.DYNAMIC},)
AT_ONCE = ("deformable", "linear")
"""Families of the fast tests: a long export and a short one."""

FAMILIES = [pytest.param(name, marks=() if name in AT_ONCE else pytest.mark.slow) for name in shipped_names()]
NETWORKS: dict[str, list[Any]] = {
    "same size": [
        {
            "concat": [
                ["relu", {"dropout": {"p": 0.5}}],
                ["relu6", {"drop_path": {"p": 0.5}}],
                ["tanh", {"lrn": {"size": 5, "alpha": 0.5, "k": 2.0}}],
                ["silu", {"lrn": {"size": 4, "alpha": 0.5}}],
                ["sigmoid", {"avg_pool": {"kernel": 3, "stride": 1, "padding": 1}}],
                [{"norm": {"eps": 1e-3}}, {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}}],
                [{"zero": {"out": 2}}],
                [{"sum": [["tanh"], [{"zero": {}}], []]}],
                [{"gate": ["global_avg_pool", {"linear": {"out": 4}}, "sigmoid"]}],
                [{"gate": [{"conv": {"out": 4, "kernel": 1}}, "sigmoid"]}],
                [{"deform_conv": {"out": 3, "kernel": 3}}],
            ]
        },
        "flatten",
    ],
    "smaller": [
        {
            "concat": [
                [{"max_pool": {"kernel": 3, "stride": 2, "ceil": True}}],
                [{"max_pool": {"kernel": 3, "stride": 2, "padding": 1}}],
                [{"avg_pool": {"kernel": 3, "stride": 2, "padding": 1}}],
                [{"avg_pool": {"kernel": 2}}],
                [{"subsample": {"stride": 2}}],
                [{"zero": {"stride": 2, "out": 3}}],
                [{"conv": {"out": 4, "kernel": 3, "stride": 2, "groups": 2, "dilation": 2, "bias": True}}],
                [{"deform_conv": {"out": 4, "kernel": 3, "stride": 2, "groups": 2, "bias": True}}],
            ]
        },
        "flatten",
    ],
    "flat": [
        "global_avg_pool",
        {"linear": {"out": 8, "bias": False}},
        "norm",
        {"concat": [[], ["relu"], [{"zero": {}}]]},
        {"drop_path": {"p": 0.5}},
        {"gate": [{"linear": {"out": 24}}, "sigmoid"]},
    ],
}
"""Branches side by side, each of which reaches the logits; together all kinds of layers."""


@cache
def colourful(name: str) -> Architecture:
    """Of many drawn networks for digits that with most kinds of layers; of several, the smallest."""
    family, rng = nas.load_space(name, data=DIGITS), np.random.default_rng(0)
    drawn = [family.architecture(family.sample(rng)) for _ in range(120)]
    return max(drawn, key=lambda a: (len({row.kind for row in a.layers()}), -len(a.layers())))


def layered(name: str) -> Architecture:
    """One of the networks above with a classifier."""
    return space(architecture=[*NETWORKS[name], {"linear": {"out": "=input.classes"}}]).architecture({})


def trained(architecture: Architecture, training: bool = False) -> nn.Module:
    """A network as if trained: no weight is zero or one any more, statistics are those of what it saw."""
    torch.manual_seed(0)
    model = nas.build_model(architecture, training)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.3)
            module.momentum = 1
        elif isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.normal_(module.bias, std=0.3)
        if isinstance(module, DeformConv2d):
            nn.init.normal_(module.offset.weight, std=0.1)  # about a pixel
    model.train()(images(architecture, 16))
    return model.eval()


def images(architecture: Architecture, batch: int) -> Tensor:
    given = architecture.input
    return torch.randn(batch, given.channels, given.size, given.size)


@pytest.fixture(autouse=True)
def _without_the_tracer_s_log(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of lines, which a failing test would print."""
    caplog.set_level(logging.WARNING, logger="torch.__trace")


def as_onnx(model: nn.Module | ExportedProgram, architecture: Architecture, file: Path) -> Path:
    """The network, or its graph, for any number of images."""
    whole = isinstance(model, ExportedProgram)
    torch.onnx.export(
        model,
        () if whole else (images(architecture, 2),),
        file,
        dynamo=True,
        external_data=False,
        dynamic_shapes=None if whole else ANY_BATCH,
        verbose=False,
    )
    return file


def numbers(onnx: Any, file: Path) -> int:
    """How many weights an ONNX file has."""
    return sum(int(np.prod(weight.dims)) for weight in onnx.load(file).graph.initializer)


def assert_computes(file: Path, model: nn.Module, architecture: Architecture) -> None:
    """An ONNX file says what the module says, whatever the number of images."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    session = InferenceSession(file, options, providers=["CPUExecutionProvider"])
    (taken,), (given,) = session.get_inputs(), session.get_outputs()
    assert taken.shape[1:] == list(images(architecture, 1).shape[1:])
    assert given.shape[1:] == [architecture.output.channels]
    for batch in BATCHES:
        seen = images(architecture, batch)
        (said,) = session.run(None, {taken.name: seen.numpy()})
        assert_same(torch.from_numpy(said), model(seen))


def assert_same(said: Tensor, meant: Tensor) -> None:
    assert said.shape == meant.shape
    largest = float(meant.abs().max())
    assert float((said - meant).abs().max()) <= TOLERANCE * largest
    assert len(meant) == 1 or float(meant.std(0).max()) > 0.01 * largest  # images make a difference


@pytest.mark.parametrize("name", FAMILIES)
@torch.no_grad()
def test_a_family_is_one_graph_for_the_compiler_and_onnx(name: str, onnx: Any, tmp_path: Path) -> None:
    architecture = colourful(name)
    model = trained(architecture)
    graph = torch.export.export(model, (images(architecture, 2),), dynamic_shapes=ANY_BATCH, strict=True)
    for batch in BATCHES:
        seen = images(architecture, batch)
        assert_same(graph.module()(seen), model(seen))
    file = as_onnx(graph, architecture, tmp_path / "model.onnx")
    onnx.checker.check_model(onnx.load(file), full_check=True)
    assert_computes(file, model, architecture)


@pytest.mark.parametrize("name", NETWORKS)
@torch.no_grad()
def test_layers_are_onnx(name: str, onnx: Any, tmp_path: Path) -> None:
    architecture = layered(name)
    model = trained(architecture)
    assert_computes(as_onnx(model, architecture, tmp_path / "model.onnx"), model, architecture)


def test_all_kinds_of_layers_are_among_them() -> None:
    ours = {entry.name for entry in PRIMITIVES if entry.value.__module__.startswith("nas.")}
    assert {row.kind for name in NETWORKS for row in layered(name).layers()} >= ours


@torch.no_grad()
def test_auxiliary_heads_are_not_in_the_file(onnx: Any, tmp_path: Path) -> None:
    head = {"aux": ["flatten", {"linear": {"out": "=input.classes"}}]}
    architecture = space({"conv": {"out": 6, "kernel": 3}}, "relu", head).architecture({})
    model, plain = trained(architecture, training=True), trained(architecture)
    assert numbers_of(model) > 10 * numbers_of(plain)
    file = as_onnx(model, architecture, tmp_path / "model.onnx")
    assert_computes(file, model, architecture)
    assert numbers_of(plain) <= numbers(onnx, file) < 2 * numbers_of(plain)


def numbers_of(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())
