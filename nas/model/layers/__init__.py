"""Torch modules for primitives that `torch.nn` does not have, one file a kind."""

from nas.model.layers.global_avg_pool import GlobalAvgPool
from nas.model.layers.zero import Zero

__all__ = ["GlobalAvgPool", "Zero"]
