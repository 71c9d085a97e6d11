"""The commands in text and JSON, on one small study."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest

from nas.service.plain import si, span
from tests.conftest import Nas

QUICK = ("--evaluator", "python:tests.cli.evaluators.quick", "--engine", "inline")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4230479872, "4.23 G"),
        (25028904, "25.0 M"),
        (138357544, "138 M"),
        (512, "512"),
        (1500, "1.50 k"),
        (999999, "1.00 M"),
        (99950, "100 k"),
        (0, "0"),
        (None, "–"),
    ],
)
def test_si_units(number: int | None, text: str) -> None:
    assert si(number) == text


@pytest.mark.parametrize(("seconds", "text"), [(42, "0:42"), (185, "3:05"), (3723, "1:02:03"), (None, "–")])
def test_spans(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_a_search_from_beginning_to_end(nas: Nas, nas_here: Nas) -> None:
    done = nas("search", "vgg", *QUICK, "--trials", "5")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("study vgg-1: 5 trials of vgg on digits, sampler auto, 1 slot")
    assert sum(line.startswith("trial ") and "complete" in line for line in lines) == 5
    assert "5/5 done, best error" in done.stdout
    assert "Each trained anew with 3 fresh seeds" in done.stdout
    assert "nas resume vgg-1 --trials +5" in done.stdout

    shown = json.loads(nas_here("show", "vgg-1", "--json").stdout)
    assert shown["study"]["counts"]["complete"] == 5
    assert shown["study"]["ending"] == "finished"
    assert [row["name"] for row in shown["answer"]["comparison"]][1] == "baseline"
    assert len(set(shown["answer"]["comparison"][0]["seeds"])) == 3

    rows = json.loads(nas_here("trials", "vgg-1", "--json", "--by-value").stdout)
    values = [row["values"][0] for row in rows]
    assert values == sorted(values)
    best = json.loads(nas_here("best", "vgg-1", "--json").stdout)
    assert best[0]["number"] == rows[0]["number"] == shown["best"]["number"]
    trial = json.loads(nas_here("trial", "vgg-1", "3", "--json").stdout)
    assert trial["curve"][0][0] == 1
    assert trial["trial"]["params"] > 0
    listed = json.loads(nas_here("studies", "--json").stdout)
    assert [(row["name"], row["budget"]) for row in listed] == [("vgg-1", 5)]

    more = nas("resume", "vgg-1", "--trials", "+3", "--engine", "inline", "--json")
    assert more.returncode == 0, more.stderr
    assert json.loads(more.stdout)["study"]["counts"]["complete"] == 8
    assert "8/8 done" in more.stderr
    for words in ("studies", "show vgg-1", "trials vgg-1", "trial vgg-1 1", "best vgg-1"):
        text = nas_here(*words.split())
        assert text.returncode == 0, text.stderr
        assert text.stdout.strip()


def test_a_search_on_a_proxy(nas_here: Nas) -> None:
    done = nas_here(
        "search", "cell", "--evaluator", "proxy:synflow", "--engine", "inline", "--trials", "4", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert "best synflow" in done.stderr
    trials = json.loads(nas_here("trials", "cell-1", "--json").stdout)
    best, *_ = json.loads(nas_here("best", "cell-1", "--json").stdout)
    assert best["values"][0] == max(row["values"][0] for row in trials)


def test_the_scaled_family_and_the_paper(nas_here: Nas) -> None:
    done = nas_here(
        "search", "efficientnet-scaling", "--evaluator", "cost", "--objective", "macs", "--engine", "inline",
        "--trials", "4", "--no-compare", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)["answer"]
    paper = answer["beside"]["paper"]
    assert (paper["alpha"], paper["beta"], paper["gamma"]) == (1.2, 1.1, 1.15)
    assert paper["depth"] == 1.2
    values = answer["values"]
    assert values["alpha"] * values["beta"] ** 2 * values["gamma"] ** 2 == pytest.approx(2)
    assert [row["value"] for row in answer["family"]] == [0, 1, 2, 3]
    macs = [row["macs"] for row in answer["family"]]
    assert macs == sorted(macs)


def test_cost_as_json_has_every_cost(nas_here: Nas) -> None:
    found = json.loads(
        nas_here("cost", "efficientnet-scaling", "--reference", "efficientnet_b0", "--json").stdout
    )
    assert (found["params"], found["macs"]) == (5288548, 385814752)
    for name in ("arch_id", "activations", "train_bytes", "layers", "receptive_field", "paths"):
        assert found[name]


def test_cost_of_settings_and_layers(nas_here: Nas) -> None:
    settings = ("--set", "alpha=1.2", "--set", "beta=1.1")
    done = nas_here("cost", "efficientnet-scaling", *settings, "--layers", "--json")
    found = json.loads(done.stdout)
    assert sum(row["params"] for row in found["rows"]) == found["params"]
    assert sum(row["macs"] for row in found["rows"]) == found["macs"]


def test_space_commands_as_json(nas_here: Nas) -> None:
    listed = json.loads(nas_here("space", "list", "--json").stdout)
    assert {"efficientnet-scaling", "resnext-cardinality", "vgg"} <= {row["space"] for row in listed}
    assert all(row["about"] for row in listed)
    shown = json.loads(nas_here("space", "show", "efficientnet-scaling", "--json").stdout)
    assert set(shown["parameters"]) == {"alpha", "beta"}
    assert "efficientnet_b7" in shown["references"]
    sampled = json.loads(nas_here("space", "sample", "vgg", "-n", "3", "--json").stdout)
    assert len(sampled) == 3
    assert sampled == json.loads(nas_here("space", "sample", "vgg", "-n", "3", "--json").stdout)
    checked = json.loads(nas_here("space", "check", "vgg", "--json").stdout)
    assert checked["problems"] == []


def test_the_store_is_checked_and_upgraded(nas_here: Nas, tmp_path: Path) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "3", "--no-compare").returncode == 0
    checked = json.loads(nas_here("store", "check", "--json").stdout)
    assert (checked["studies"], checked["trials"], checked["problems"]) == (1, 3, [])
    assert "no problems found" in nas_here("store", "check").stdout
    upgraded = json.loads(nas_here("store", "upgrade", "--json").stdout)
    assert upgraded["before"] == upgraded["after"] == checked["revision"]
    assert "nothing to do" in nas_here("store", "upgrade").stdout
    with sqlite3.connect(tmp_path / "nas-data" / "nas.db") as connection:
        connection.execute("UPDATE nas_studies SET num_complete = 2")
    wrong = nas_here("store", "check")
    assert wrong.returncode == 1
    assert "PROBLEM: study vgg-1: 2 trials complete are counted, 3 are there" in wrong.stdout


def test_what_a_study_is_asked_is_answered_with_what_is_left(nas_here: Nas) -> None:
    assert nas_here("search", "vgg", *QUICK, "--trials", "3", "--no-compare").returncode == 0
    asked = json.loads(nas_here("pause", "vgg-1", "--json").stdout)
    assert asked == {"study": "vgg-1", "wanted": "run", "ending": "finished", "drivers": 0, "running": 0}
    said = nas_here("stop", "vgg-1").stdout
    assert said.startswith("vgg-1: it is finished already, nothing to stop; 3 complete\n")


def test_doctor(nas: Nas) -> None:
    done = nas("doctor", "--json")
    checks = {check["what"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 0
    assert "digits" in checks["data sets"]["found"]
    assert "vgg" in checks["spaces"]["found"]


def test_a_small_space_ends_with_an_answer_all_the_same(nas_here: Nas) -> None:
    few = ("--set", "batch_norm=false", "--set", "stages=2", "--no-compare")
    done = nas_here("search", "vgg", *QUICK, "--trials", "30", *few)
    assert done.returncode == 0, done.stderr
    assert (
        "exhausted: all 9 points of the space that obey its rules have been tried (duplicate " in done.stdout
    )
    assert "Best: trial" in done.stdout
    assert json.loads(nas_here("show", "vgg-1", "--json").stdout)["study"]["counts"]["complete"] == 9


def test_a_study_is_shown_where_its_evaluator_is_not(
    nas_here: Nas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere.py").write_text("def quick(evaluation):\n    yield 1, {'error': 0.5}\n")
    monkeypatch.syspath_prepend(tmp_path)
    words = ("--evaluator", "python:elsewhere.quick", "--engine", "inline", "--no-compare")
    assert nas_here("search", "efficientnet-scaling", *words, "--study", "s", "--trials", "2").returncode == 0
    assert "No comparison yet" in nas_here("show", "s").stdout
    (tmp_path / "elsewhere.py").unlink()
    monkeypatch.delitem(sys.modules, "elsewhere")
    done = nas_here("show", "s")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Best: trial" in done.stdout
    assert "No comparison yet" not in done.stdout
