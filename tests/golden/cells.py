"""Cells of NAS-Bench-201 computed by hand, apart from the language, the graph and the identities."""

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np

NONE, SKIP, CONV1, CONV3, POOL = "01234"
SOURCES = (0, 0, 1, 0, 1, 2)
TARGETS = (1, 2, 2, 3, 3, 3)
CHANNELS, SIZE = 3, 5

Array = np.ndarray


class Weights:
    """One convolution's kernel (3x3, of which a 1x1 uses the middle) and its norm's scale and shift."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.kernel = rng.normal(size=(CHANNELS, CHANNELS, 3, 3))
        self.scale, self.shift = rng.normal(size=(2, CHANNELS, 1, 1))


def windows(x: Array) -> Iterator[tuple[int, int, Array]]:
    """The nine shifted copies of a padded map, each with its place in the window."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    for i, j in product(range(3), repeat=2):
        yield i, j, padded[:, i : i + SIZE, j : j + SIZE]


def convolve(x: Array, kind: str, weights: Weights) -> Array:
    """ReLU, convolution, norm with fixed statistics."""
    x = np.maximum(x, 0)
    if kind == CONV1:
        y = np.einsum("oc,chw->ohw", weights.kernel[:, :, 1, 1], x)
    else:
        y = sum(np.einsum("oc,chw->ohw", weights.kernel[:, :, i, j], part) for i, j, part in windows(x))
    return weights.scale * y + weights.shift


def pool(x: Array) -> Array:
    """3x3 averages at stride 1; padding does not count."""
    inside = sum(part for _, _, part in windows(np.ones_like(x)))
    return sum(part for _, _, part in windows(x)) / inside


def cell(ops: str, x: Array, weights: dict[int, Weights]) -> Array:
    """The cell's output; `weights` by edge."""
    nodes = [x, *(np.zeros_like(x) for _ in range(3))]
    for edge, kind in enumerate(ops):
        value = nodes[SOURCES[edge]]
        if kind == SKIP:
            nodes[TARGETS[edge]] = nodes[TARGETS[edge]] + value
        elif kind == POOL:
            nodes[TARGETS[edge]] = nodes[TARGETS[edge]] + pool(value)
        elif edge in weights:
            nodes[TARGETS[edge]] = nodes[TARGETS[edge]] + convolve(value, kind, weights[edge])
    return nodes[3]


def live(ops: str) -> list[int]:
    """Edges with weights from which a way leads to the output."""
    reach = {3}
    for edge in (5, 4, 3, 2, 1, 0):
        if ops[edge] != NONE and TARGETS[edge] in reach:
            reach.add(SOURCES[edge])
    return [e for e in range(6) if ops[e] in (CONV1, CONV3) and TARGETS[e] in reach]


def equal(one: str, other: str, rng: np.random.Generator) -> bool:
    """Whether some pairing of live convolutions, weights copied over, makes the outputs equal to 1e-6."""
    ours, theirs = live(one), live(other)
    if len(ours) != len(theirs):
        return False
    weights = [Weights(rng) for _ in ours]
    x = rng.normal(size=(CHANNELS, SIZE, SIZE))
    wanted = cell(one, x, dict(zip(ours, weights, strict=True)))
    return any(
        np.allclose(wanted, cell(other, x, dict(zip(order, weights, strict=True))), atol=1e-6)
        for order in permutations(theirs)
    )
