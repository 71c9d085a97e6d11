"""Data sets: `dataset("digits")` gives one by name; a file of this folder adds one."""

from workers.data.base import (
    DATASETS,
    DataSet,
    Samples,
    Splits,
    Streams,
    counted,
    dataset,
    load_data,
    refuse_other_data,
    settled,
)

__all__ = [
    "DATASETS",
    "DataSet",
    "Samples",
    "Splits",
    "Streams",
    "counted",
    "dataset",
    "load_data",
    "refuse_other_data",
    "settled",
]
