"""Identities of all 15,625 cells of NAS-Bench-201, against cells computed by hand.

The published isomorphism classes (6,466) follow a string rule; ours differ from them both ways:

- One class, several ids: the rule forgets which results are shared, and so takes a convolution used
  twice for two convolutions, and the reverse.
- Several classes, one id: the rule propagates zeros only partly. Here edges behind a cut node
  vanish; a convolution of zeros is the constant that its norm adds, whatever its kernel, and an
  average pool leaves a constant as it is; the average pool of a sum is the sum of average pools; and
  what is computed twice without weights is computed once.
"""

import csv
import gc
import gzip
import random
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import nas
from tests.golden.cells import equal

TABLE = Path(__file__).parents[3] / "shared" / "data" / "nasbench201_cifar10.csv.gz"
WORDS = ("none", "skip", "conv1", "conv3", "pool")
NETWORKS = 5_234
"""Distinct networks among the 15,625 cells."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TABLE.exists(), reason="the shared table of NAS-Bench-201 is not here"),
]

Groups = dict[str, list[str]]


@pytest.fixture(scope="module")
def published() -> dict[str, dict[str, str]]:
    """What was published of each cell, by its operations."""
    with gzip.open(TABLE, "rt") as table:
        return {row["ops"]: row for row in csv.DictReader(table)}


@pytest.fixture(scope="module")
def classes(published: dict[str, dict[str, str]]) -> dict[str, str]:
    """The published class of each cell."""
    return {ops: row["isomorphism_class"] for ops, row in published.items()}


@pytest.fixture(scope="module")
def cells(classes: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Our identity and parameters of each cell; each is made once."""
    space = nas.load_space("cell")
    made = ((ops, space.architecture({"op": [WORDS[int(d)] for d in ops]})) for ops in classes)
    gc.disable()  # what is made here stays or has no cycles: looking for garbage is a third of the time
    try:
        return {ops: (network.arch_id, network.cost.params) for ops, network in made}
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def ids(cells: dict[str, tuple[str, int]]) -> dict[str, str]:
    """Our identity of each cell."""
    return {ops: name for ops, (name, _) in cells.items()}


def grouped(keys: dict[str, str]) -> Groups:
    groups: Groups = defaultdict(list)
    for ops, key in keys.items():
        groups[key].append(ops)
    return groups


def test_the_number_of_distinct_networks(ids: dict[str, str], classes: dict[str, str]) -> None:
    assert (len(ids), len(set(classes.values())), len(set(ids.values()))) == (15_625, 6_466, NETWORKS)


def test_all_cells_have_the_published_parameters(
    cells: dict[str, tuple[str, int]], published: dict[str, dict[str, str]]
) -> None:
    """Five cells a stage at 16, 32 and 64 channels."""
    wrong = [
        ops
        for ops, (_, params) in cells.items()
        if params != round(float(published[ops]["cifar10_params_m"]) * 1e6)
    ]
    assert wrong == []


def test_equal_ids_mean_equal_functions(ids: dict[str, str]) -> None:
    draw, rng = random.Random(0), np.random.default_rng(0)
    several = [cells for cells in grouped(ids).values() if len(cells) > 1]
    for _ in range(300):
        one, other = draw.sample(draw.choice(several), 2)
        assert equal(one, other, rng), (one, other)


def test_cells_of_one_published_class_with_two_ids_are_two_functions(
    ids: dict[str, str], classes: dict[str, str]
) -> None:
    rng, looked_at = np.random.default_rng(1), 0
    for cells in grouped(classes).values():
        one_of_each = {ids[ops]: ops for ops in cells}.values()
        for one, other in combinations(one_of_each, 2):
            looked_at += 1
            assert not equal(one, other, rng), (one, other)
    assert looked_at > 500


def test_cells_of_two_published_classes_with_one_id_are_one_function(
    ids: dict[str, str], classes: dict[str, str]
) -> None:
    draw, rng, looked_at = random.Random(2), np.random.default_rng(2), 0
    for cells in grouped(ids).values():
        one_of_each = list({classes[ops]: ops for ops in cells}.values())
        if len(one_of_each) > 1:
            looked_at += 1
            one, other = draw.sample(one_of_each, 2)
            assert equal(one, other, rng), (one, other)
    assert looked_at > 500
