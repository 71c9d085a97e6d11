"""From a graph to a torch module, and to files that others run.

The names below are found on first use: `nas.model.export.source` is text from the graph, and needs no torch.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nas.model.build import Network, build_model
    from nas.model.loading import load_model

__all__ = ["Network", "build_model", "load_model"]

_HOMES = {"Network": "build", "build_model": "build", "load_model": "loading"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nas.model' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"nas.model.{_HOMES[name]}"), name)
