"""Parts of NAS-Bench-201 told apart: `python -m tests.benchmarks.narrowing TABLE`.

TABLE is `../shared/data/nasbench201_cifar10.csv.gz` or a copy of it: all 15,625 cells, with the mean
validation error of the runs of 200 epochs. Told is, for each edge and operation, how the cells with it differ
from those without. Bar: edge 3←0 as a 3×3 convolution and as none are told apart with p < 1e-10, the former
having the smaller errors.
"""

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nas.search.analysis import Ks, edf, good_choices, ks, narrow
from workers.tables.nasbench201 import OPS, convert

EDGES = ("1←0", "2←0", "2←1", "3←0", "3←1", "3←2")
EDGE = EDGES.index("3←0")
BAR = 1e-10


def main() -> None:
    """The command line; ends with 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        convert(asked.table, path := Path(folder) / "cells.csv")
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    errors = np.array([float(row["error@200"]) for row in rows])
    ops = [[row[f"op[{edge}]"] for row in rows] for edge in range(len(EDGES))]
    begun = time.perf_counter()
    print(f"{len(rows):,} cells, median error {edf(errors).quantile(0.5):.4f}")
    for edge, name in enumerate(EDGES):
        show(name, ops[edge], errors)
    chosen = np.array(ops[EDGE])
    test = ks(errors[chosen == "conv3"], errors[chosen == "none"])
    print(f"edge {EDGES[EDGE]}, conv3 against none: {said(test)}")
    met = test.p_value < BAR and test.larger == "b"
    print(f"{'met' if met else 'MISSED'}: told apart with p < {BAR}; {time.perf_counter() - begun:.1f} s")
    sys.exit(0 if met else 1)


def show(edge: str, ops: Sequence[str], errors: np.ndarray) -> None:
    """An edge's operations, each against all others, and which of them the best cells have."""
    for op in OPS:
        found = narrow(errors, [each == op for each in ops])
        print(f"  {edge} {op:6s} median {found.inside.quantile(0.5):.4f}  {said(found.ks)}")
    best = good_choices(ops, errors).choices
    print(
        f"  {edge} the best have "
        + ", ".join(f"{each.value} {each.share:.0%}" for each in best if each.share > 0.005)
    )


def said(test: Ks) -> str:
    """A test in a line; its effect is how often a cell of the former has the larger error."""
    interval = f"{test.ci_low:.3f} to {test.ci_high:.3f}"
    p = f"{test.p_value:.1e}" if test.p_value else "< 1e-300"
    return f"KS {test.statistic:.3f}, p {p}, larger error in {test.effect:.3f} ({interval})"


if __name__ == "__main__":
    main()
