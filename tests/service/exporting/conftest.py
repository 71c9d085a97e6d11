"""A trained network, and its source, for all tests of exports."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nas.service.exporting import Exported, export
from nas.service.run import begin, run
from nas.service.specify import SearchOptions
from nas.store import Store, open_store
from tests.service.exporting.asking import INLINE, to

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


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exporting")
    (path / "small.yaml").write_text(SPACE)
    return path


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def source(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The network of `s` as PyTorch source."""
    return export(store, "s", 1, to("pytorch", tmp_path_factory.mktemp("source")))
