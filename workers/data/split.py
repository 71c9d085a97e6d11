"""Class-balanced parts of a data set, the same on every machine, and the statistics of its training part."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np

from nas.errors import DataError
from workers.data.base import Images, Labels, Splits

SPLIT_SEED = 20170701
"""Fixes which image belongs to which part; changing it would change every published number."""

SHARE = 0.1
"""Share of the training part that becomes a validation (or test) part where a set has none of its own."""

T = TypeVar("T")
Arrays = tuple[Images, Labels]


def cut(
    labels: Labels, *, valid: float, test: float, seed: int = SPLIT_SEED
) -> tuple[Labels, Labels, Labels]:
    """Indices of a training, a validation and a test part with equal shares of each class, in order.

    `valid` and `test` are shares of the whole in [0, 1); a class gives at least one image to each part
    whose share is not 0. Raises `DataError` if a class is too small for that.
    """
    rng = np.random.default_rng(seed)
    parts: tuple[list[Labels], list[Labels], list[Labels]] = ([], [], [])
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        n_test, n_valid = (max(1, round(s * len(members))) if s else 0 for s in (test, valid))
        if len(members) <= n_test + n_valid:
            few = f"class {label} has {len(members)} images: too few for {1 + bool(test) + bool(valid)} parts"
            raise DataError(f"{few}; add images to it, or leave it out")
        for part, indices in zip(parts, np.split(members, [n_test, n_test + n_valid]), strict=True):
            part.append(indices)
    test_at, valid_at, train_at = (np.sort(np.concatenate(part)) for part in parts)
    return train_at, valid_at, test_at


def completed(
    parts: Mapping[str, T], labels: Callable[[T], Labels], take: Callable[[T, Labels], T]
) -> tuple[T, T, T]:
    """Training, validation and test part; of `train` is cut what has no part of its own."""
    valid, test = (0.0 if name in parts else SHARE for name in ("valid", "test"))
    train_at, valid_at, test_at = cut(labels(parts["train"]), valid=valid, test=test)
    return (
        take(parts["train"], train_at),
        parts["valid"] if "valid" in parts else take(parts["train"], valid_at),
        parts["test"] if "test" in parts else take(parts["train"], test_at),
    )


def remaining(parts: Mapping[str, Labels]) -> int:
    """How many training images `completed` leaves, from the labels of each part; errors as for `cut`."""
    return len(completed(parts, lambda labels: labels, lambda labels, at: labels[at])[0])


def split(images: Images, labels: Labels, *, valid: float, test: float) -> Splits:
    """Cut (N, H, W, C) images into three parts; shares and errors as for `cut`."""
    parts = [(images[at], labels[at]) for at in cut(labels, valid=valid, test=test)]
    return splits(parts[0], parts[1], parts[2])


def splits_of(parts: Mapping[str, Arrays]) -> Splits:
    """The arrays of `train` and perhaps of `valid` and `test`, completed, with statistics."""
    return splits(*completed(parts, lambda part: part[1], lambda part, at: (part[0][at], part[1][at])))


def splits(train: Arrays, valid: Arrays, test: Arrays) -> Splits:
    """Three parts with the statistics of the first."""
    return Splits(*train, *valid, *test, *statistics(train[0]))


def statistics(images: Images) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of (N, H, W, C) pixels, scaled to [0, 1]."""
    counts = np.zeros((images.shape[-1], 256), dtype=np.int64)
    for start in range(0, len(images), 1000):  # counting takes 8 bytes a pixel
        for channel, levels in enumerate(counts):
            levels += np.bincount(images[start : start + 1000, ..., channel].ravel(), minlength=256)
    grey, total = np.arange(256) / 255, counts[0].sum()
    mean = counts @ grey / total
    sd = np.sqrt(np.maximum(counts @ grey**2 / total - mean**2, 0))
    # A constant channel must not divide by zero.
    return tuple(mean.tolist()), tuple(np.maximum(sd, 1e-6).tolist())


def refuse_labels(parts: Mapping[str, Labels], classes: int, name: str) -> None:
    """`DataError` unless there are two classes or more, all labels are in range, and `train` has each."""
    if classes < 2:
        raise DataError(f"data set {name} has {classes} class: a network needs two or more; add another")
    for part, labels in parts.items():
        if not len(labels):
            raise DataError(f"data set {name} has no images in its part {part}: it needs some of each class")
        if labels.min() < 0 or labels.max() >= classes:
            found = f"{labels.min()} to {labels.max()}"
            raise DataError(f"data set {name}: labels of {part} are {found}, allowed are 0 to {classes - 1}")
    present = np.unique(parts["train"])
    # Labels may be as large as their type: to name five gaps, so many numbers are enough.
    missing = np.setdiff1d(np.arange(min(classes, len(present) + 5)), present)
    if len(missing):
        few = ", ".join(map(str, missing[:5]))
        raise DataError(
            f"data set {name}: no training image has label {few}; number its {classes} classes from 0 on"
            " without gaps"
        )
