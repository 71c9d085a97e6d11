"""Source of every published network, read by a clean process with torch only: the same network.

The smallest of every space; all of them in the slow tests, of large ones only their tensors' shapes. With
NAS_TEST_ZOO set these are run too, but for the very largest.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

import nas
from nas.cost.architecture import Architecture
from nas.model.export.source import source
from nas.service.described import about_reference
from nas.space.load import load_space, shipped_names
from nas.space.space import Space
from tests.model.export import clean

QUICK_PARAMS, EACH = 30e6, 1
RUN_PARAMS = 200e6 if os.environ.get("NAS_TEST_ZOO") else QUICK_PARAMS
"""Networks that are larger are not run."""
DEEP = 500
"""Layers."""
TOLERANCE = 1e-5


@cache
def spaces() -> dict[str, Space]:
    return {name: load_space(name) for name in shipped_names()}


@cache
def zoo() -> list[tuple[str, str]]:
    """(space, reference) of all networks that are not twice in it."""
    seen, kept = set(), []
    for space, loaded in spaces().items():
        for name in loaded.references:
            architecture = loaded.reference(name)
            key = (space, architecture.arch_id, architecture.input)
            kept += [(space, name)] if key not in seen else []
            seen.add(key)
    return kept


def flat(architecture: Architecture) -> bool:
    """Whether the network is made for one size of images."""
    return any(row.kind == "flatten" for row in architecture.layers())


def write(folder: Path, space: str, name: str) -> Architecture:
    """The file of a reference, and beside it what the clean process is to do with it."""
    loaded = spaces()[space]
    architecture = loaded.reference(name)
    about = about_reference(name, architecture, loaded, loaded.references[name].set)
    path = folder / f"{space.replace('-', '_')}__{name}.py"
    path.write_text(source(architecture, about, weights=False))
    given = architecture.input
    size = given.size if flat(architecture) else min(given.size, 64)
    scale = 1.5 if architecture.cost.layers < DEEP else 0.2  # sums of so many blocks would overflow
    run = architecture.cost.params <= RUN_PARAMS
    asked = {"channels": given.channels, "size": size, "run": run, "scale": scale}
    path.with_suffix(".json").write_text(json.dumps(asked))
    return architecture


class Clean:
    """A process with torch only, which stays for many folders: its start takes longer than most spaces."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def told(self, folder: Path) -> dict[str, dict[str, object]]:
        """What it tells of the files of a folder; one that a file has ended is replaced."""
        if self._process is None:
            program = [sys.executable, "-I", str(Path(clean.__file__).resolve())]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{folder}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, self.end()
        told: dict[str, dict[str, object]] = json.loads(answer)
        return told

    def end(self) -> str:
        """No more folders; what it complained of."""
        process, self._process = self._process, None
        return process.communicate()[1] if process else ""


@pytest.fixture(scope="module")
def process() -> Iterator[Clean]:
    started = Clean()
    yield started
    started.end()


@torch.no_grad()
def assert_same(process: Clean, folder: Path, made: dict[str, Architecture]) -> None:
    told = process.told(folder)
    assert told.keys() == made.keys()
    for name, architecture in made.items():
        with torch.device("meta"):
            model = nas.build_model(architecture)
        assert told[name]["params"] == architecture.cost.params, name
        assert told[name]["shapes"] == [list(t.shape) for t in model.state_dict().values()], name
        asked = json.loads((folder / f"{name}.json").read_text())
        if asked["run"]:
            ours = clean.filled(model.to_empty(device="cpu"), asked["scale"])
            meant = ours(clean.images(asked["channels"], asked["size"]))
            said = torch.load(folder / f"{name}.pt")
            assert meant.isfinite().all(), name
            assert float(meant.abs().max()) > 0, name
            assert float((said - meant).abs().max()) <= TOLERANCE * float(meant.abs().max()), name


def quick() -> list[tuple[str, str]]:
    """The smallest networks of every space."""
    found: list[tuple[str, str]] = []
    for space in spaces():
        mine = [name for of, name in zoo() if of == space]
        ordered = sorted(mine, key=lambda name: spaces()[space].reference(name).cost.params)
        kept = [n for n in ordered if spaces()[space].reference(n).cost.params <= QUICK_PARAMS]
        found += [(space, name) for name in kept[:EACH]]
    return found


def tidy(folder: Path) -> None:
    """Ruff has nothing to say."""
    if find_spec("ruff") is None:
        pytest.skip("ruff is not installed")
    rules = ["--select", "E,F,W,I,B,UP,SIM,RUF,N,C4", "--target-version", "py311"]
    own = ["--isolated", "--no-cache", "--line-length", "110"]
    for words in (["check", *rules], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, *own, folder], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_quick_networks_are_the_same(process: Clean, tmp_path: Path) -> None:
    made = {f"{s.replace('-', '_')}__{n}": write(tmp_path, s, n) for s, n in quick()}
    assert len(made) == len(spaces()) - 3  # AlexNet, VGG and ZFNet are large
    assert_same(process, tmp_path, made)


@pytest.mark.slow
@pytest.mark.parametrize("space", shipped_names())
def test_all_networks_of_a_space_are_the_same(space: str, process: Clean, tmp_path: Path) -> None:
    names = [name for of, name in zoo() if of == space]
    made = {f"{space.replace('-', '_')}__{n}": write(tmp_path, space, n) for n in names}
    assert_same(process, tmp_path, made)


def test_all_sources_are_tidy(tmp_path: Path) -> None:
    for space, name in zoo():
        write(tmp_path, space, name)
    tidy(tmp_path)
    text = "".join(path.read_text() for path in tmp_path.glob("*.py"))
    assert not re.findall(r"\b(?!branch)\w+[0-9]: int", text), "numbered parameters"
    longest = max(len(path.read_text().splitlines()) for path in tmp_path.glob("*.py"))
    assert longest <= 200
    assert len((tmp_path / "resnet__resnet50.py").read_text().splitlines()) <= 120
