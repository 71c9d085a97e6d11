"""Data sets: `dataset("digits")` gives one by name; a file of this folder adds one."""

from workers.data.base import DATASETS, DataSet, Splits, dataset, load_splits

__all__ = ["DATASETS", "DataSet", "Splits", "dataset", "load_splits"]
