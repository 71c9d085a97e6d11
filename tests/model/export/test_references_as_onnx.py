"""A published network of every space as ONNX: onnxruntime computes the same."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nas.cost.architecture import Architecture
from nas.model.export.files import ONNX_TOLERANCE, fresh, to_onnx
from nas.records import DataInfo
from nas.space.load import load_space, shipped_names

pytestmark = pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning")

SMALL = DataInfo("small", 3, 64, 10)
"""The layers of a graph are the same whatever the images."""


@cache
def chosen() -> dict[str, Architecture]:
    """Of each space the network with fewest layers that no space before it has: of 64 pixels if it takes
    any size."""
    found: dict[str, Architecture] = {}
    seen: set[str] = set()
    for name in shipped_names():
        loaded = load_space(name)
        known = {each: loaded.reference(each) for each in loaded.references}
        new = [each for each, made in known.items() if made.arch_id not in seen]
        least = min(new, key=lambda each: len(known[each].layers()))
        seen.add(known[least].arch_id)
        found[name] = load_space(name, reference=least, data=SMALL).fixed({})
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_a_reference_is_onnx(name: str, onnx: Any, tmp_path: Path) -> None:
    network = chosen()[name]
    assert to_onnx(fresh(network), network, tmp_path / "model.onnx") <= ONNX_TOLERANCE
