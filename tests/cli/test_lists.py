"""`nas studies, trials, delete` and Optuna's storage from the command line."""

import csv
import io
import json

from tests.conftest import Nas

COST = ("--evaluator", "cost", "--objective", "macs", "--sampler", "random")
SEARCH = ("search", "vgg", *COST, "--engine", "inline", "--no-compare", "--study", "s", "--trials", "5")


def test_lists_as_tables_json_and_csv_and_deleting(nas_here: Nas) -> None:
    assert nas_here(*SEARCH).returncode == 0
    asked = ("trials", "s", "--where", "macs<1G", "--sort", "params:desc", "--limit", "3")
    rows = json.loads(nas_here(*asked, "--json").stdout)
    assert [row["params"] for row in rows] == sorted((row["params"] for row in rows), reverse=True)
    cells = list(csv.DictReader(io.StringIO(nas_here(*asked, "--csv").stdout)))
    assert [int(cell["number"]) for cell in cells] == [row["number"] for row in rows]
    assert not {"metrics.params", "key", "revision"} & cells[0].keys()
    assert json.loads(cells[0]["point.convs"]) == rows[0]["point"]["convs"]
    assert "No trial of s is like that." in nas_here("trials", "s", "--where", "macs<1").stdout
    listed = ("studies", "--state", "finished", "--state", "paused")
    (line,) = csv.DictReader(io.StringIO(nas_here(*listed, "--csv").stdout))
    assert (line["name"], line["state"], line["complete"]) == ("s", "finished", "5")

    refused = nas_here("delete", "s")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "deletes s with 5 trials for good: type nas delete s --yes" in refused.stderr
    assert nas_here("delete", "s", "--yes").stdout == "s is deleted with 5 trials\n"
    assert json.loads(nas_here("studies", "--json").stdout) == []


def test_a_study_goes_to_optuna_and_comes_back(nas_here: Nas) -> None:
    assert nas_here(*SEARCH).returncode == 0
    assert (
        "s: 5 trials added, 0 there before" in nas_here("store", "export-optuna", "s", "--to", "o.db").stdout
    )
    own = nas_here("store", "import-optuna", "nas-data/nas.db", "--space", "vgg")
    assert (own.returncode, "is no Optuna storage but a store of this program" in own.stderr) == (2, True)
    back = ("store", "import-optuna", "o.db", "--study", "back")
    refused = nas_here(*back)
    assert refused.returncode == 2
    assert "no study called 'back' in the store: say what its space is, --space SPACE" in refused.stderr
    assert "back: 5 trials of Optuna's study s added" in nas_here(*back, "--space", "vgg", *COST).stdout
    again = json.loads(nas_here(*back, "--json").stdout)
    assert (again["added"], again["refused"]) == (0, {"duplicate": 5})
