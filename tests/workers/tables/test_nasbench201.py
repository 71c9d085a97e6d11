"""The shared table of NAS-Bench-201, converted."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from nas.errors import TableError
from nas.records import Objective
from nas.space.load import load_space
from tests.conftest import ROOT
from workers.data import dataset
from workers.evaluators import foreseeing
from workers.tables.nasbench201 import LATENCY, NASWOT, RUNS, SECONDS, SHORT, TEST, convert
from workers.tables.reading import read_sheet
from workers.tables.table import Table

SHARED = ROOT.parent / "shared" / "data" / "nasbench201_cifar10.csv.gz"


def test_a_row_is_converted(tmp_path: Path) -> None:
    source, target = tmp_path / "s.csv", tmp_path / "t.csv.gz"
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ops", SHORT, *RUNS, TEST, SECONDS, LATENCY, NASWOT])
        writer.writerow(["012340", 50, 80, 90, "", 84, 1000, 0.0125, "-inf"])
    assert convert(source, target) == 1
    columns = read_sheet(target).columns
    assert [columns[f"op[{i}]"][0] for i in range(6)] == ["none", "skip", "conv1", "conv3", "pool", "none"]
    numbers = {name: float(cells[0]) for name, cells in columns.items() if not name.startswith("op")}
    assert numbers.pop("naswot") != numbers.get("naswot")  # no number
    told = {"error@12": 0.5, "error@200": 0.15, "test_error": 0.16, "seconds": 1000, "latency_ms": 12.5}
    assert numbers == pytest.approx(told)


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match="has no column 'ops': it is not the table of NAS-Bench-201"):
        convert(tmp_path / "s.csv", tmp_path / "t.csv")
    words = ["-m", "workers.tables.nasbench201", f"{tmp_path}/s.csv", f"{tmp_path}/t.csv"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not SHARED.exists(), reason="the shared table of NAS-Bench-201 is not here")
def test_the_shared_table_serves_the_space_of_cells(tmp_path: Path) -> None:
    target = tmp_path / "cells.csv"
    assert convert(SHARED, target) == 15_625
    space = load_space("cell", data=dataset("cifar10").info)
    found = foreseeing(f"table:{target}")
    assert found is not None
    assert found.recipe == {"epochs": 200}
    found.check(space, (Objective("error"),), found.recipe)
    table = Table(read_sheet(target), space)
    best = {"op": list(space.references["best"].set["op"])}
    (_, (_, last)) = table.steps(table.find(best, lambda: ""), (Objective("error"),), 200)
    assert last["error"] == table.best(Objective("error"), 200)
    assert last["test_error"] == pytest.approx(1 - 0.9437, abs=1e-4)
