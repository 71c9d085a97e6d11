"""PyTorch source of a trial runs alone, and answers as the network that was trained."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from nas.model.export.mapping import executed, exported_names
from nas.service.exporting import Exported, export
from nas.service.trained import trained
from nas.store import Store
from tests.service.exporting.asking import to
from workers.data import Splits, load_data
from workers.final.outputs import outputs


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


def test_the_network_alone_needs_no_training(store: Store, tmp_path: Path) -> None:
    found = export(store, "priced", 1, to("pytorch", tmp_path, weights=False))
    assert [Path(path).name for path in found.files] == ["priced_1.py", "priced_1.md"]
