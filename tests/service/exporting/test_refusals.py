"""What is not exported: files that exist, mistakes, weights of another network or damaged ones."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from nas.errors import NasError
from nas.model.loading import MisfitError, load_model
from nas.service.costs import price
from nas.service.exporting import ExportOptions, export
from nas.service.trained import NoWeightsError, trained
from nas.store import Store
from tests.service.exporting.asking import to


def test_files_are_never_overwritten_unasked(store: Store, tmp_path: Path) -> None:
    export(store, "s", 1, to("json", tmp_path))
    with pytest.raises(NasError, match=r"s_1.json exists; add --force"):
        export(store, "s", 1, to("json", tmp_path))
    export(store, "s", 1, to("json", tmp_path, force=True))


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
