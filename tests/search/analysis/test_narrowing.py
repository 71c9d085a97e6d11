"""Narrowing: the part that meets a condition against the rest, on made-up numbers and on NAS-Bench-201."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from nas.errors import NasError
from nas.search.analysis import good_choices, ks, narrow

EXTRACT = Path(__file__).resolve().parents[2] / "data" / "nasbench201_extract.csv.gz"
"""Random cells of NAS-Bench-201 (Dong & Yang 2020, arXiv:2001.00326): operations and validation error."""


def test_by_hand() -> None:
    found = narrow([0.1, 0.2, 0.3, 0.4], [True, True, False, False])
    assert (found.inside.x, found.outside.x) == ([0.1, 0.2], [0.3, 0.4])
    assert (found.everything.y, found.kept, found.total) == ([0.25, 0.5, 0.75, 1.0], 2, 4)
    assert (found.ks.statistic, found.ks.effect) == (1.0, 0.0)


@pytest.mark.parametrize(("met", "said"), [([True] * 3, "all meet"), ([False] * 3, "none meets")])
def test_a_condition_that_divides_nothing(met: list[bool], said: str) -> None:
    with pytest.raises(NasError, match=said):
        narrow([1.0, 2.0, 3.0], met)


def test_parts_of_nas_bench_201_are_told_apart() -> None:
    with gzip.open(EXTRACT, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    errors = np.array([float(row["error"]) for row in rows])
    edge = np.array([row["op[3]"] for row in rows])
    test = ks(errors[edge == "conv3"], errors[edge == "none"])
    assert test.p_value < 1e-10
    assert (test.larger, test.effect < 0.25) == ("b", True)  # the larger errors are without the edge
    parts = {op: narrow(errors, (edge == op).tolist()) for op in ("conv3", "none")}
    assert [parts[op].ks.larger for op in ("conv3", "none")] == ["b", "a"]
    best = good_choices(edge.tolist(), errors).choices[0]
    assert (best.value, best.share > 0.9) == ("skip", True)  # convolutions elsewhere, and a short cut
