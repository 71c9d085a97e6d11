"""Small networks are faster on one thread, above all when tests share the machine."""

import importlib
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def onnx() -> Iterator[Any]:
    """The package; without it or what goes with it tests are skipped; where CI is set, they fail.

    What torch knows of ONNX's operators is read once: an export reads it anew, which takes half a second.
    """
    needed = ("onnxscript", "onnxruntime", "onnx")
    if os.environ.get("CI"):
        package = [importlib.import_module(name) for name in needed][-1]
    else:
        package = [pytest.importorskip(name, reason="no ONNX to test with") for name in needed][-1]
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(cache(ONNXRegistry.from_torchlib)))
        yield package
