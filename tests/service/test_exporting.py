"""Networks handed out: files that run without this project, checked before they are there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nas.errors import NasError
from nas.model.export.lowering import UnsaidError
from nas.model.export.mapping import executed, exported_names
from nas.model.loading import MisfitError, load_model
from nas.service.costs import price
from nas.service.engines import EngineOptions
from nas.service.exporting import TARGETS, Exported, ExportOptions, export, export_reference
from nas.service.final.training import FinalOptions, begin_training
from nas.service.model_card import card
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.service.trained import NoWeightsError, trained
from nas.store import Store, open_store
from tests.conftest import Nas
from workers.data import Splits, load_data
from workers.final.outputs import outputs

INLINE = EngineOptions(engine="inline")
SPACE = """
space: small
about: How wide?
source: {title: A title, authors: Somebody, year: 2020, arxiv: "2001.00001"}
input: {channels: 1, size: 8, classes: 10}
parameters:
  width: {choice: [4, 6]}
architecture:
  - repeat: 3
    body:
      - sum: [[conv: {out: =width, kernel: 3}, norm], [conv: {out: =width, kernel: 1}]]
      - relu
  - aux: [flatten, {linear: {out: =input.classes}}]
  - global_avg_pool
  - linear: {out: =input.classes}
references:
  wide: {set: {width: 6}, published: {params: 1000}}
training: {epochs: 1}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exporting")
    (path / "small.yaml").write_text(SPACE)
    return path


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    """A study `s` of a trained network, `priced` of one that nobody trained, `empty` of none."""
    with open_store(f"sqlite:///{folder}/nas.db") as opened:
        for name, more in (("s", {}), ("priced", {"evaluator": "cost", "objective": "macs"})):
            asked: dict[str, Any] = {"space": str(folder / "small.yaml"), "study": name, "trials": 1}
            asked |= more or {"recipe": {"epochs": 1}}
            begin(opened, SearchOptions(**asked), INLINE)
            run(opened, name, INLINE, compare=False)
        begin(opened, SearchOptions(space=str(folder / "small.yaml"), study="empty", trials=1), INLINE)
        yield opened


def to(target: str, out: Path, **more: Any) -> ExportOptions:
    return ExportOptions(to=target, out=out, **more)


@pytest.fixture(scope="module")
def source(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The network of `s` as PyTorch source."""
    return export(store, "s", 1, to("pytorch", tmp_path_factory.mktemp("source")))


def test_source_runs_where_only_torch_is(source: Exported) -> None:
    path, weights, page = map(Path, source.files)
    assert (path.name, weights.name, page.name) == ("s_1.py", "s_1.pt", "s_1.md")
    others = ("nas", "workers", "safetensors", "pandas", "sklearn", "scipy")
    blocked = f"import sys, runpy; sys.modules.update(dict.fromkeys({others}))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{blocked}; runpy.run_path({str(path)!r}, run_name='__main__')"],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "(1, 10)\n"
    assert source.difference is not None
    assert source.difference <= 1e-5


def test_source_says_where_it_comes_from(source: Exported) -> None:
    text = next(Path(p) for p in source.files).read_text()
    for words in (
        "Point: width=",
        "parameters",
        "study s, trial 1 (complete), trained on digits",
        "arXiv:2001.00001",
    ):
        assert words in text
    assert "MEAN = (" in text
    assert "aux" not in text
    assert "import nas" not in text


def test_a_page_goes_with_it(source: Exported, store: Store) -> None:
    page = Path(list(source.files)[-1]).read_text()
    error = trained(store, "s", 1).trial.metrics["error"]
    assert f"| error | {error:.4g} |" in page
    for words in (
        "95 % interval",
        "validation, 359 images",
        "nas evaluate s 1",
        "recipe: `epochs=1",
        "## Licence",
    ):
        assert words in page


def test_the_page_says_how_images_get_their_size(source: Exported, store: Store) -> None:
    page, told = Path(list(source.files)[-1]).read_text(), "resized to 32 × 32 (bilinear"
    assert "- images: (pixel / 255 - mean) / sd" in page
    larger = replace(trained(store, "s", 1), architecture=price("lenet", reference="lenet5").architecture)
    assert told in card("s-1", larger, {}, None)
    assert told not in page


@torch.no_grad()
def test_exported_files_alone_answer_as_the_test_of_the_network_does(source: Exported, store: Store) -> None:
    (text, weights, _), data, found = map(Path, source.files), load_data("digits"), trained(store, "s", 1)
    assert isinstance(data, Splits)
    module = executed(text.read_text())
    network = module.build().eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    mean, sd = (torch.tensor(numbers)[:, None, None] for numbers in (module.MEAN, module.SD))
    x = (torch.from_numpy(data.x_valid).permute(0, 3, 1, 2) / 255 - mean) / sd
    meant = outputs(found.model(), "digits", size=8, recipe=found.recipe, parts=["valid"])["valid"]
    said = network(x).log_softmax(1).numpy()
    assert np.abs(said - meant.log_probabilities).max() < 1e-4


@torch.no_grad()
def test_weights_are_of_the_trained_network(source: Exported, store: Store) -> None:
    found, (text, path, _) = trained(store, "s", 1), map(Path, source.files)
    other = export(store, "s", 1, to("safetensors", text.parent))
    assert next(iter(other.files)).endswith("s_1.safetensors")
    mine, names = found.model().state_dict(), exported_names(found.architecture, text.read_text())
    for theirs in (torch.load(path, weights_only=True), load_file(next(iter(other.files)))):
        assert len(theirs) == len(mine)
        assert all(torch.equal(tensor, theirs[names[name]]) for name, tensor in mine.items())
    assert "body.aux" in " ".join(found.weights())


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


def test_files_are_never_overwritten_unasked(store: Store, tmp_path: Path) -> None:
    export(store, "s", 1, to("json", tmp_path))
    with pytest.raises(NasError, match=r"s_1.json exists; add --force"):
        export(store, "s", 1, to("json", tmp_path))
    export(store, "s", 1, to("json", tmp_path, force=True))


def test_targets_lie_beside_each_other_on_one_page(store: Store, tmp_path: Path) -> None:
    for target in ("pytorch", "safetensors", "torch-export", "json"):
        export(store, "s", 1, to(target, tmp_path))
    suffixes = (".py", ".pt", ".safetensors", ".pt2", ".json", ".md")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"s_1{end}" for end in suffixes)
    page = tmp_path / "s_1.md"
    for path in tmp_path.iterdir():
        assert page.read_text().count(f"- `{path.name}`: ") == 1
    (tmp_path / "s_1.pt2").unlink()
    export(store, "s", 1, to("json", tmp_path, force=True))
    assert "s_1.pt2" not in page.read_text()


def test_the_page_of_another_network_is_kept(store: Store, tmp_path: Path) -> None:
    page = tmp_path / "s_1.md"
    page.write_text("# s-1\n\n| arch_id | `other` |\n")
    with pytest.raises(NasError, match=r"s_1.md is of another network; add --force"):
        export(store, "s", 1, to("json", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["s_1.md"]
    export(store, "s", 1, to("json", tmp_path, force=True))
    assert "`other`" not in page.read_text()


def test_a_final_training_names_the_search(store: Store, tmp_path: Path) -> None:
    begin_training(store, FinalOptions(study="s", number=1, epochs=1), INLINE)
    run(store, "s-1-final", INLINE, compare=False)
    export(store, "s-1-final", 1, to("pytorch", tmp_path))
    page, text = ((tmp_path / f"s_1_final_1.{end}").read_text() for end in ("md", "py"))
    assert "Found by study `s` (trial 1) in the space small, trained by study `s-1-final` (trial 1)" in page
    assert "- found by study `s`, trial 1\n- sampler auto, seed 0, 1 trial\n" in page
    for told in (page, text):
        assert re.search(r"Point: `?width=[46]", told)
    assert "Found by: study s, trial 1\n" in text


def test_what_onnx_needs_is_told_first(monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path) -> None:
    monkeypatch.setattr("nas.service.exporting.ONNX_PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(NasError, match=r"needs no_such_package: type .*pip install .*\[onnx\]'"):
        export(store, "nowhere", 1, to("onnx", tmp_path))


@pytest.mark.parametrize(
    ("study", "options", "told"),
    [
        ("s", {"to": "caffe"}, "unknown target 'caffe'"),
        ("s", {"to": "safetensors", "weights": False}, "there would be nothing to write"),
        ("s", {"to": "json", "out": Path("a.txt")}, r"--to json writes .json files; type --out a.json"),
        (
            "s",
            {"to": "json", "out": Path("no/where.json")},
            "make it with mkdir -p no",
        ),
        ("priced", {}, r"evaluator \"cost\" trained none; .*nas train priced 1.*; or add --no-weights"),
        ("empty", {}, "no complete trial|no trial"),
    ],
)
def test_mistakes_are_told(store: Store, study: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(NasError, match=told):
        export(store, study, None, ExportOptions(**options))


def test_the_network_alone_needs_no_training(store: Store, tmp_path: Path) -> None:
    found = export(store, "priced", 1, to("pytorch", tmp_path, weights=False))
    assert [Path(path).name for path in found.files] == ["priced_1.py", "priced_1.md"]


def test_weights_of_another_network_are_refused(store: Store) -> None:
    found = trained(store, "s", 1)
    weights = found.weights()
    name = next(iter(weights))
    with pytest.raises(MisfitError, match="are of|is not of this network"):
        load_model(found.architecture, {**weights, "stray": weights[name]})
    with pytest.raises(
        MisfitError, match=rf"trial 1 do not fit the network: {re.escape(name)} is \[3\], not"
    ):
        load_model(found.architecture, {**weights, name: torch.zeros(3)}, "weights of trial 1")
    of_another = replace(found, architecture=price("lenet", reference="lenet5").architecture)
    with pytest.raises(MisfitError, match="; type nas train s 1 to train it anew$"):
        of_another.model()


def test_damaged_weights_are_no_weights(store: Store, folder: Path) -> None:
    found = trained(store, "s", 1)
    path = Path(found.files[-1].path) if found.files[-1].name == "last.safetensors" else None
    path = path or next(Path(file.path) for file in found.files if file.name == "last.safetensors")
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-40] + bytes(40))
        with pytest.raises(NoWeightsError, match="are damaged"):
            trained(store, "s", 1).model()
    finally:
        path.write_bytes(whole)


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
