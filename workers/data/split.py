"""Class-balanced parts of a data set, the same on every machine, and the statistics of its training part."""

import numpy as np

from nas.errors import DataError
from workers.data.base import Images, Labels, Splits

SPLIT_SEED = 20170701
"""Fixes which image belongs to which part; changing it would change every published number."""


def split(images: Images, labels: Labels, *, valid: float, test: float, seed: int = SPLIT_SEED) -> Splits:
    """Cut (N, H, W, C) images into training, validation and test parts with equal shares of each class.

    `valid` and `test` are shares of the whole in [0, 1). Raises `DataError` if a class is too small
    for every part to get an image of it.
    """
    rng = np.random.default_rng(seed)
    parts: tuple[list[Labels], list[Labels], list[Labels]] = ([], [], [])
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        n_test, n_valid = round(test * len(members)), round(valid * len(members))
        cuts = np.split(members, [n_test, n_test + n_valid])
        if any(not len(cut) for cut in cuts):
            raise DataError(f"class {label} has {len(members)} images: too few for three parts")
        for part, cut in zip(parts, cuts, strict=True):
            part.append(cut)
    test_at, valid_at, train_at = (np.sort(np.concatenate(part)) for part in parts)
    mean, sd = statistics(images[train_at])
    return Splits(
        images[train_at], labels[train_at], images[valid_at], labels[valid_at],
        images[test_at], labels[test_at], mean, sd,
    )  # fmt: skip


def statistics(images: Images) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of (N, H, W, C) pixels, scaled to [0, 1]."""
    pixels = images.reshape(-1, images.shape[-1]).astype(np.float64) / 255
    sd = np.maximum(pixels.std(axis=0), 1e-6)  # a constant channel must not divide by zero
    return tuple(pixels.mean(axis=0).tolist()), tuple(sd.tolist())
