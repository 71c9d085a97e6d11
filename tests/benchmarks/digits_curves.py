"""The table of learning curves on which stoppers are compared: `python -m tests.benchmarks.digits_curves`.

Each of the 200 points of `tests/data/digits-curves.yaml` is trained on digits by our own worker, in this
process on one thread, from a seed of its own, for 27 epochs. A row has the point, the validation error after
every epoch, and the seconds of CPU time until then (on one thread: the time that it takes on an idle core).
Rows are appended as they come; begun again, it goes on with the points that are missing. The whole takes
about ten minutes.
"""

import argparse
import csv
import gzip
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nas.records import AttemptEnd, EpochReport, Request
from nas.search.lattice import Lattice
from nas.space.load import load_space
from nas.space.space import Space

DATA = Path(__file__).parent.parent / "data"
SPACE, TABLE = DATA / "digits-curves.yaml", DATA / "digits_curves.csv.gz"
PART = Path(tempfile.gettempdir()) / "digits_curves.part.csv"
SEED = 20


def points(space: Space) -> list[dict[str, Any]]:
    """The whole grid; far apart at first, so that a part of it has been everywhere."""
    grid = Lattice(space)
    return [grid.point(place) for place in range(grid.total)]


def train(space: Space, number: int, point: Mapping[str, Any], folder: str) -> list[tuple[float, float]]:
    """(error, CPU seconds since the beginning) after each epoch; a divergence ends the list early."""
    from workers.run import run_attempt

    recipe, seed = space.recipe(point), SEED + number
    request = Request("curves", number, 1, space.document, point, "train", "digits", recipe, seed, folder)
    began_s, curve = time.process_time(), list[tuple[float, float]]()
    for event in run_attempt(request):
        if isinstance(event, EpochReport):
            curve.append((round(event.metrics["error"], 5), round(time.process_time() - began_s, 3)))
        elif isinstance(event, AttemptEnd) and event.cause is not None:
            print(f"{number}: {event.cause}: {event.message}")
    return curve


def rows(part: Path, space: Space) -> Iterator[list[Any]]:
    """The rows of the points that are not in `part` yet."""
    done = part.read_text().count("\n") if part.exists() else 0
    epochs, grid = int(space.training["epochs"]), points(space)
    with tempfile.TemporaryDirectory() as folder:
        train(space, 0, grid[0], folder)  # what is loaded and read once is no part of a training
        for number, point in list(enumerate(grid, start=1))[done:]:
            curve = train(space, number, point, folder)
            curve += [(float("nan"), curve[-1][1] if curve else 0.0)] * (epochs - len(curve))
            errors, seconds = zip(*curve, strict=True)
            print(number, *point.values(), errors[-1], seconds[-1], flush=True)
            yield [*point.values(), *errors, *seconds]


def write(part: Path, space: Space) -> None:
    """The table of all rows, the same bytes for the same rows."""
    epochs = range(1, int(space.training["epochs"]) + 1)
    header = [*space.parameters, *(f"error@{e}" for e in epochs), *(f"seconds@{e}" for e in epochs)]
    with gzip.GzipFile(TABLE, "wb", mtime=0) as file:
        file.write((",".join(header) + "\n" + part.read_text()).encode())
    print(f"{TABLE}: {TABLE.stat().st_size:,} bytes")


def main() -> None:
    """Train what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", type=Path, default=PART, help="where rows are kept until all are there")
    part = parser.parse_args().part
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("set OMP_NUM_THREADS=1: seconds are those of one thread")
    space = load_space(str(SPACE), profile="digits")
    for row in rows(part, space):
        with part.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)
    write(part, space)


if __name__ == "__main__":
    main()
