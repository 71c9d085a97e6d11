"""From a graph to a torch module."""

from nas.model.build import Network, build_model

__all__ = ["Network", "build_model"]
