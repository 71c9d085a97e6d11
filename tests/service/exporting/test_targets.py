"""Every target is written, and checked before it is there."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from nas.errors import NasError
from nas.model.export.lowering import UnsaidError
from nas.service.exporting import TARGETS, export, export_reference
from nas.store import Store
from tests.conftest import Nas
from tests.service.exporting.asking import to


@pytest.mark.parametrize("target", [name for name in TARGETS if name not in ("pytorch", "onnx")])
def test_a_target_is_written_and_checked(target: str, store: Store, tmp_path: Path) -> None:
    found = export(store, "s", None, to(target, tmp_path))
    assert len(found.files) == 2
    assert all(Path(path).stat().st_size > 0 for path in found.files)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(Path(p).name for p in found.files)


@pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning")
def test_onnx_computes_the_same(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    found = export(store, "s", 1, to("onnx", tmp_path))
    assert found.difference is not None
    assert found.difference <= 1e-4
    assert "torchvision" not in caplog.text


def test_json_has_all_that_defines_it(store: Store, tmp_path: Path) -> None:
    found = export(store, "s", 1, to("json", tmp_path / "one.json"))
    told = json.loads((tmp_path / "one.json").read_text())
    assert told["arch_id"] == found.arch_id
    assert told["space"]["space"]["space"] == "small"
    assert told["recipe"]["epochs"] == 1
    assert sum(layer["params"] for layer in told["layers"]) == found.params


def test_a_published_network_has_no_weights(folder: Path, tmp_path: Path) -> None:
    found = export_reference(str(folder / "small.yaml"), "wide", to("pytorch", tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wide.md", "wide.py"]
    assert found.difference is None
    assert "torch.load" not in (tmp_path / "wide.py").read_text()
    with pytest.raises(NasError, match="wide has no trained weights to write"):
        export_reference(str(folder / "small.yaml"), "wide", to("safetensors", tmp_path))


def test_what_onnx_needs_is_told_first(monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path) -> None:
    monkeypatch.setattr("nas.service.exporting.ONNX_PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(NasError, match=r"needs no_such_package: type .*pip install .*\[onnx\]'"):
        export(store, "nowhere", 1, to("onnx", tmp_path))


def test_a_layer_that_a_target_does_not_have_is_named(
    monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path
) -> None:
    from nas.model.layers import GlobalAvgPool

    def mean(self: Any, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3)) if x.sum() > 0 else x.sum((2, 3))

    monkeypatch.setattr(GlobalAvgPool, "forward", mean)
    with pytest.raises(
        UnsaidError, match=r"torch.export cannot express layer body\.global_avg_pool_\d \(GlobalAvgPool"
    ):
        export(store, "s", 1, to("torch-export", tmp_path))
    assert not list(tmp_path.iterdir())


def test_the_command_prints_what_was_written(nas_here: Nas, store: Store) -> None:
    done = nas_here("export", "s", "1", "--to", "json", "--store", store.url)
    assert done.returncode == 0, done.stderr
    assert "s_1.json" in done.stdout
    again = nas_here("export", "s", "1", "--to", "json", "--store", store.url)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    told = nas_here("export", "lenet", "--reference", "lenet5", "--json")
    assert json.loads(told.stdout)["params"] == 61706
