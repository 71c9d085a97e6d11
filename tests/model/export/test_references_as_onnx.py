"""The smallest published network of every space as ONNX: onnxruntime computes the same."""

from pathlib import Path

import pytest

from nas.model.export.files import ONNX_TOLERANCE, fresh, to_onnx
from nas.space.load import load_space, shipped_names

pytestmark = pytest.mark.filterwarnings("ignore:.isinstance.treespec:FutureWarning")


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_a_reference_is_onnx(name: str, tmp_path: Path) -> None:
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    space = load_space(name)
    smallest = min(map(space.reference, space.references), key=lambda made: made.cost.params)
    assert to_onnx(fresh(smallest), smallest, tmp_path / "model.onnx") <= ONNX_TOLERANCE
