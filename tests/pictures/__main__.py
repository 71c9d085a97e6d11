"""The two classic pictures of docs/: `python -m tests.pictures docs/images`, each with its data as CSV.

The trainings of the first one take about six minutes on one core; `--store` draws those of a store.
"""

import argparse
import csv
import tempfile
from pathlib import Path

from tests.pictures import degradation, zoo


def write(target: Path, name: str, drawn: str, rows: list[dict[str, object]]) -> None:
    """NAME.svg and NAME.csv."""
    (target / f"{name}.svg").write_text(drawn, encoding="utf-8")
    with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--store", help=f"the URL of a store that has a study {degradation.STUDY}")
    asked = parser.parse_args()
    asked.target.mkdir(parents=True, exist_ok=True)
    networks = zoo.zoo()
    write(asked.target, "zoo", zoo.draw(networks), zoo.table(networks))
    with tempfile.TemporaryDirectory() as folder:
        found = degradation.runs(asked.store or degradation.search(Path(folder)))
    write(asked.target, "degradation", degradation.draw(found), degradation.rows(found))


if __name__ == "__main__":
    main()
