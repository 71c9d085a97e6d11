"""`nas compare` and `nas verify-proxy` on small studies that were run here."""

import json
import subprocess
import sys

import pytest

from nas.cli import main
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.store import open_store
from tests.conftest import Nas

CURVED = ("--evaluator", "python:tests.cli.evaluators.curved", "--sampler", "random", "--trials", "40")
COST = ("--evaluator", "cost", "--objective", "macs", "--trials", "3")
SEARCHES = {"a": ("vgg", *CURVED), "b": ("alexnet", *CURVED), "c": ("vgg", *COST)}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with studies `a` and `b` of an error, `c` of macs, and `nothing` without a trial."""
    folder = tmp_path_factory.mktemp("compare")
    for name, words in SEARCHES.items():
        typed = ["nas", "search", *words, "--engine", "inline", "--no-compare", "--study", name]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setattr(sys, "argv", typed)
            with pytest.raises(SystemExit) as ended:
                main()
        assert not ended.value.code
    made = f"sqlite:///{folder}/nas-data/nas.db"
    with open_store(made) as store:
        start(store, specify(SearchOptions(space="vgg")), "nothing", 3)
    return made


@pytest.fixture
def typed(nas_here: Nas, url: str) -> Nas:
    """`nas` on that store."""
    return lambda *words: nas_here(*words, "--store", url)


def text(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_studies(typed: Nas) -> None:
    said = text(typed("compare", "a", "b", "--matched", "params"))
    assert said.startswith("error, less is better\n")
    assert "Are they different?" in said
    assert "At equal params: " in said
    assert "best 10 %" in said
    found = json.loads(text(typed("compare", "a", "b", "--json")))
    assert [(s["space"], s["data"], s["n"]) for s in found["studies"]] == [
        ("vgg", "digits", 40),
        ("alexnet", "digits", 40),
    ]
    (test,) = found["tests"]
    assert test["ci_low"] <= test["effect"] <= test["ci_high"]
    assert found["matched"] is None


def test_a_study_without_results_beside_another(typed: Nas) -> None:
    least = {
        name: min(r["params"] for r in json.loads(text(typed("trials", name, "--json")))) for name in "ab"
    }
    for names in ("ab", "ba"):
        said = text(typed("compare", *names, "--where", f"params<{max(least.values())}"))
        assert "best 90 %" in said
        assert [line.split()[3] for line in said.splitlines()[2:4]].count("0") == 1


def test_one_study(typed: Nas) -> None:
    said = text(typed("compare", "a"))
    assert said.startswith("a: 40 networks of vgg on digits\nerror, less is better\n")
    assert "as is to be expected" in said
    assert "decides: PED-ANOVA of 40 networks" in said or "What decides: " in said
    assert '--if "' in said
    found = json.loads(text(typed("compare", "a", "--where", "params>1", "--json")))
    assert found["if"] is None
    assert (found["analysis"]["n"], len(found["analysis"]["edf"]["x"])) == (
        40,
        len(found["analysis"]["edf"]["y"]),
    )


def test_what_if(typed: Nas) -> None:
    params = sorted(row["params"] for row in json.loads(text(typed("trials", "a", "--json"))))
    middle = (params[19] + params[20]) // 2
    said = text(typed("compare", "a", "--if", f"params>{middle}"))
    assert f"If params>{middle}: 20 of 40 networks are left, 50 % of the trials" in said
    assert f"Next: nas trials a --where 'params>{middle}'" in said
    few, least = text(typed("compare", "a", "--if", f"params<{params[2]}")), params[-3]
    assert "2 inside and 38 outside are too few networks; it takes 5 on each side" in few
    told = text(typed("compare", "a", "--if", f"params<{middle}", "--against", f"params>{least}"))
    assert f"20 inside and 2 with params>{least} are too few" in told
    found = json.loads(text(typed("compare", "a", "--if", f"params>{middle}", "--json")))["if"]
    assert [side["n"] for side in found["sides"]] == [20, 20, 40]


def test_what_foretells(typed: Nas) -> None:
    said = text(typed("verify-proxy", "a", "--epochs", "1", "--epochs", "2"))
    assert said.startswith("a: what foretells error of 40 complete networks\n")
    assert "error after 1 epoch " in said
    found = json.loads(text(typed("verify-proxy", "a", "--epochs", "2", "--json")))
    assert [score["name"] for score in found["scores"]] == ["error after 2 epochs", "params", "macs"]
    assert found["scores"][0]["ranks"]["spearman"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compare", "a", "c"), "different metrics: error in a, macs in c; name one that all of them know"),
        (("compare", "a", "nothing"), "study 'nothing' has no complete trial yet: see nas trials nothing"),
        (("compare", "nothing", "a"), "study 'nothing' has no complete trial yet"),
        (("compare", "a", "nope"), "no study called 'nope'"),
        (("compare", "a", "b", "--if", "params>1"), "--if 'params>1': is of one study; type nas compare a"),
        (("compare", "a", "--matched", "macs"), "name another beside a"),
        (("compare", "a", "--against", "params>1"), "say against what: --if CONDITION"),
        (("compare", "a", "--if", "params<1"), "none meets the condition"),
        (("compare", "a", "b", "--matched", "mcas"), "did you mean 'macs'"),
        (("compare", "a", "--where", "nope=1"), "--where: unknown name 'nope'"),
        (("verify-proxy", "a", "--proxy", "naswott"), "did you mean 'naswot'"),
        (("verify-proxy", "c"), "has 3 complete networks with macs"),
    ],
    ids=" ".join,
)
def test_mistakes(typed: Nas, words: tuple[str, ...], said: str) -> None:
    done = typed(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
