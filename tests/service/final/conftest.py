"""A finished search with trained networks, made once for all tests of a module."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from nas.records import Ending
from nas.service.engines import EngineOptions
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.store import Store, open_store

INLINE = EngineOptions(engine="inline")
SPACE = """
space: small
about: How wide, and is there a second layer?
input: {channels: 1, size: 8, classes: 10}
parameters:
  deep: {choice: [true, false]}
  widths: {int: [4, 12], step: 4, length: "2 if deep else 1"}
architecture:
  - repeat: len(widths)
    as: i
    body:
      - conv: {out: "=widths[i]", kernel: 3, stride: "=1 + (i == 1)"}
      - norm
      - relu
  - flatten
  - linear: {out: =input.classes}
training: {epochs: 2}
answer: {baseline: {set: {deep: false}}}
"""


def search(store: Store, folder: Path, name: str, trials: int, **more: Any) -> None:
    """A finished study of the space above."""
    (folder / "small.yaml").write_text(SPACE)
    asked: dict[str, Any] = {
        "space": str(folder / "small.yaml"),
        "study": name,
        "sampler": "random",
        "trials": trials,
    }
    begin(store, SearchOptions(**{**asked, "recipe": {"epochs": 2}, **more}), INLINE)
    assert run(store, name, INLINE, compare=False).ending is Ending.FINISHED


def last_weights(store: Store, study: str, number: int) -> Path:
    """The file with the weights that a trial ended with."""
    return Path(fsspec.url_to_fs(store.study(study).artifacts)[1]) / f"{number}/1/last.safetensors"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it all is."""
    return tmp_path_factory.mktemp("final")


@pytest.fixture(scope="module")
def searched(folder: Path) -> Iterator[Store]:
    """A store with a study `s` of three trained networks, and `priced` of two that nobody trained."""
    with open_store(f"sqlite:///{folder}/nas.db") as store:
        search(store, folder, "s", 3)
        search(store, folder, "priced", 2, evaluator="cost", objective="macs", recipe={})
        yield store
