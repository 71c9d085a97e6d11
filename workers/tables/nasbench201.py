"""NAS-Bench-201 as a table for the space `cell` (Dong & Yang 2020, arXiv:2001.00326).

    python -m workers.tables.nasbench201 nasbench201_cifar10.csv.gz cells.csv
    nas search cell --data cifar10 --evaluator table:cells.csv --engine simulated --workers 16

The source is a CSV of all 15,625 cells with `ops` (six digits, edge by edge), the validation accuracies in
percent of one run after 12 epochs and of three after 200, and the seconds of a training of 200 epochs. The
target has `error` as a share of 1, after 12 epochs and, the mean of those runs that there are, after 200,
and beside the seconds the latency and what the proxy NASWOT says of each.
"""

import argparse
import csv
import gzip
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean

from nas.errors import NasError, TableError
from workers.tables.reading import read_sheet

OPS = ("none", "skip", "conv1", "conv3", "pool")
"""What a digit stands for, in the words of the space `cell`."""

RUNS = tuple(f"cifar10_val_acc_200ep_run{run}" for run in range(3))
SHORT, TEST, SECONDS = "cifar10_val_acc_12ep", "cifar10_test_acc_200ep", "cifar10_train_time_s"
LATENCY, NASWOT = "cifar10_latency_s", "cifar10_naswot"
NEEDED = ("ops", SHORT, *RUNS, TEST, SECONDS, LATENCY, NASWOT)
MEASURED = ("error@12", "error@200", "test_error", "seconds", "latency_ms", "naswot")
HEADER = (*(f"op[{edge}]" for edge in range(6)), *MEASURED)


def convert(source: Path, target: Path) -> int:
    """Write the table `target` (gzipped if its name ends with .gz); how many rows it has."""
    sheet = read_sheet(source)
    if missing := [
        n for n in ("ops", SHORT, *RUNS, TEST, SECONDS, LATENCY, NASWOT) if n not in sheet.columns
    ]:
        raise TableError(f"{sheet.name} has no column {missing[0]!r}: it is not the table of NAS-Bench-201")
    names = list(sheet.columns)
    rows = [dict(zip(names, cells, strict=True)) for cells in zip(*sheet.columns.values(), strict=True)]
    opened = gzip.open if target.suffix == ".gz" else open
    with opened(target, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_row(row) for row in rows)
    return len(rows)


def _row(row: Mapping[str, str | None]) -> Iterator[str | float]:
    yield from (OPS[int(digit)] for digit in str(row["ops"]))
    yield from (_error(row[SHORT]), _error(*(row[run] for run in RUNS)), _error(row[TEST]))
    yield float(row[SECONDS] or "nan")
    yield round(1000 * float(row[LATENCY] or "nan"), 6)
    yield _score(row[NASWOT])


def _score(text: str | None) -> float:
    """NASWOT of networks without a ReLU on any way is no number."""
    score = float(text or "nan")
    return score if math.isfinite(score) else math.nan


def _error(*percents: str | None) -> float | str:
    """The share that is wrong, of accuracies in percent, on average; empty if there are none."""
    known = [float(percent) for percent in percents if percent is not None]
    return round(1 - fmean(known) / 100, 7) if known else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    asked = parser.parse_args()
    try:
        print(f"{asked.target}: {convert(asked.source, asked.target):,} cells")
    except (NasError, OSError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
