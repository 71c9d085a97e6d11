"""Trials that searches need on NAS-Bench-201: `python -m tests.benchmarks.regret TABLE`.

TABLE is `../shared/data/nasbench201_cifar10.csv.gz` or a copy of it. The search sees the validation error,
the mean of the runs of 200 epochs; told is the regret in the test error of what it would hand out, in points
of accuracy, over paired seeds, with 95 % intervals. Bars: `auto` with NASWOT's advice needs at most 0.6 times
as many trials as `tpe` until its median regret is 0.15; its mean regret is at most 0.15 after 50 trials and
0.05 after 100; `auto` alone is as good as `tpe` after 50, 100 and 200 trials.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nas.service.bench import BenchOptions, Standing, bench
from nas.service.regret import reaches, regrets
from nas.service.regret_figure import draw
from nas.service.specify import SearchOptions
from workers.tables.nasbench201 import convert

SEARCHES = ("tpe", "auto", "auto+naswot")
COUNTS = (10, 20, 30, 50, 75, 100, 150, 200)
POINTS = 100
"""Of accuracy in a whole."""


def main() -> None:
    """The command line; ends with 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--search", action="append", help=f"default {', '.join(SEARCHES)}")
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        convert(asked.table, Path(folder) / "cells.csv")
        options = BenchOptions(
            search=SearchOptions(space="cell", data="cifar10", evaluator=f"table:{folder}/cells.csv"),
            searches=tuple(asked.search or SEARCHES),
            seeds=asked.seeds,
            trials=asked.trials,
            regret="test_error",
            jobs=asked.jobs,
        )
        found = bench(options, on_study=lambda name, seed: print(f"{name} {seed}", file=sys.stderr))
    if asked.plot:
        draw(found, asked.plot)
    standings = {standing.search: standing for standing in found.standings}
    for standing in found.standings:
        show(standing)
    sys.exit(0 if judge(standings) else 1)


def show(standing: Standing) -> None:
    """A search's regrets, in points."""
    table = standing.table * POINTS
    print(f"{standing.search}: median regret 0.15 after {reaches(table, 0.15)} trials")
    for row in regrets(table, [count for count in COUNTS if count <= table.shape[1]]):
        low, high = row.mean_interval or (float("nan"),) * 2
        mean = f"mean {row.mean:.3f} ({low:.3f} to {high:.3f})"
        print(f"  {row.trials:4d} trials  {mean}  median {row.median:.3f}")


def judge(standings: Mapping[str, Standing]) -> bool:
    """Whether all bars are met that the searches run allow to judge."""
    if not {"tpe", "auto", "auto+naswot"} <= standings.keys():
        return True
    tables = {name: standing.table * POINTS for name, standing in standings.items()}
    means = {name: table.mean(axis=0) for name, table in tables.items()}
    trials = tables["tpe"].shape[1]
    advised, alone = reaches(tables["auto+naswot"], 0.15), reaches(tables["tpe"], 0.15)
    verdicts = {
        "trials to 0.15, auto+naswot against tpe": advised is not None and advised <= 0.6 * (alone or trials),
        "auto+naswot: mean 0.15 after 50": means["auto+naswot"][49] <= 0.15,
        "auto+naswot: mean 0.05 after 100": means["auto+naswot"][99] <= 0.05,
    }
    for count in (50, 100, 200):
        if count <= trials:
            verdicts[f"auto against tpe after {count}"] = means["auto"][count - 1] <= means["tpe"][count - 1]
    for what, met in verdicts.items():
        print(f"{'met' if met else 'MISSED'}: {what}")
    return all(verdicts.values())


if __name__ == "__main__":
    main()
