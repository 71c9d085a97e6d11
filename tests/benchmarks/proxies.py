"""What proxies are worth: `python -m tests.benchmarks.proxies`.

Each proxy scores the same 200 random cells of NAS-Bench-201 (5 cells a stage; 16, 32, 64 channels; CIFAR-10
images of 32x32) as a study's worker would. Printed are Spearman's correlation with the validation accuracy
after 200 epochs, which the shared table has, and the median seconds per architecture, building included.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import nas
from nas.records import Request
from workers.data import dataset
from workers.evaluators.proxy import scored
from workers.proxies import PROXIES
from workers.run import Attempt

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
IMAGES, TABLE = SHARED / "cifar10_10k_2k.npz", SHARED / "nasbench201_cifar10.csv.gz"
OPS = ("none", "skip", "conv1", "conv3", "pool")
RUNS = ("cifar10_val_acc_200ep_run0", "cifar10_val_acc_200ep_run1", "cifar10_val_acc_200ep_run2")
SEED = 201


@dataclass
class Scored:
    """A proxy's scores of the cells, in their order, and what they took."""

    scores: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def cells(count: int) -> tuple[list[dict[str, Any]], "pd.Series[float]"]:
    """Random points of the cell space, and their validation accuracies in percent.

    After 200 epochs, the mean of three runs.
    """
    table = pd.read_csv(TABLE, dtype={"ops": str})
    drawn = table.iloc[np.random.default_rng(SEED).choice(len(table), count, replace=False)]
    points = [{"op": [OPS[int(digit)] for digit in ops]} for ops in drawn["ops"]]
    return points, drawn[list(RUNS)].mean(axis=1)


def score(names: Sequence[str], points: Sequence[dict[str, Any]], seed: int = 0) -> dict[str, Scored]:
    """Every point's scores by these proxies."""
    data = f"npz:{IMAGES}"
    space = nas.load_space("cell", data=dataset(data).info)
    found = {name: Scored() for name in names}
    for number, point in enumerate(points, start=1):
        request = Request("bench", number, 1, space.document, point, "proxy", data, {}, seed, "")
        for name, result in found.items():
            begun = time.perf_counter()
            result.scores.append(scored(PROXIES[name], Attempt(request)))
            result.seconds.append(time.perf_counter() - begun)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--proxies", nargs="*", default=PROXIES.names(), choices=PROXIES.names())
    asked = parser.parse_args()
    points, accuracies = cells(asked.cells)
    print("proxy        Spearman  seconds")
    for name, result in score(asked.proxies, points).items():
        correlation = spearmanr(result.scores, accuracies).statistic
        print(f"{name:12s} {correlation:8.3f}  {median(result.seconds):7.3f}")


if __name__ == "__main__":
    main()
