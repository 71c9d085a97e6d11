"""Torch modules for primitives that `torch.nn` does not have, one file a kind."""

from nas.model.layers.deform_conv2d import DeformConv2d
from nas.model.layers.drop_path import DropPath
from nas.model.layers.global_avg_pool import GlobalAvgPool
from nas.model.layers.subsample import Subsample
from nas.model.layers.zero import Zero

__all__ = ["DeformConv2d", "DropPath", "GlobalAvgPool", "Subsample", "Zero"]
