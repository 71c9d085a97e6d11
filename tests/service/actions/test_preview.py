"""What is said of a search before it begins: exact prices, reasons, and which field a mistake is in."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from nas.errors import NasError
from nas.service.actions import SearchRequest, preview
from nas.service.actions.preview import field_of, look
from nas.service.engines import EngineOptions
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.service.views.loaded import text_of
from nas.space.load import load_space
from nas.store import Store
from tests.conftest import ROOT
from tests.service.actions.pasted import MINE


def test_what_would_be_searched(store: Store) -> None:
    found = preview(SearchRequest(space="efficientnet-scaling", most=("params=60k",), trials=9), store)
    assert (found.ok, found.error, found.field) == (True, "", None)
    assert (found.space, found.data, found.budget) == ("efficientnet-scaling", "digits", 9)
    assert found.spec["recipe"]["epochs"] >= 1
    assert found.spec["sampler"] == "auto"
    assert "params <= 60000" in found.limits
    assert found.acceptance is not None
    assert 0 < found.acceptance < 1
    assert found.refusals["params <= 60000"] == round((1 - found.acceptance) * found.draws)
    params = found.envelope["params"]
    assert params.low <= params.q1 <= params.median <= params.q3 <= params.high <= 60000
    assert found.train_s is None
    space = load_space("efficientnet-scaling", data=None, profile="digits")
    for example in found.examples:
        assert set(example.point) == set(space.parameters)
    assert found.command == "nas search efficientnet-scaling --max params=60k --trials 9"
    assert store.study_names() == []


def test_the_published_networks_come_first() -> None:
    found = look(SearchOptions(space="vgg", data="cifar10", start_from="references"), EngineOptions())
    assert found.first[0].endswith("from references come first")


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"space": "vg"}, "space", "unknown space 'vg'"),
    ({"data": "digit"}, "data", "did you mean 'digits'"),
    ({"profile": "x"}, "profile", "unknown profile"),
    ({"settings": {"nope": 1}}, "settings", "no name 'nope' to set"),
    ({"recipe": {"epochs": 0}}, "recipe", "must be at least 1"),
    ({"recipe": {"batch": 100000}}, "recipe", "must not exceed"),
    ({"evaluator": "trn"}, "evaluator", "did you mean 'train'"),
    ({"objective": "foo"}, "objective", "unknown metric 'foo'"),
    ({"objective": "a,b,c,d,e"}, "objective", "one to 4"),
    ({"most": ("macs=1",)}, "most", "no network of space vgg was found that keeps it"),
    ({"most": ("macs",)}, "most", "not of the form NAME=NUMBER"),
    ({"least": ("macs=x",)}, "least", "not of the form NAME=NUMBER"),
    ({"iso": "x"}, "iso", "not of the form NAME=NUMBER"),
    ({"sampler": "tp"}, "sampler", "did you mean 'tpe'"),
    ({"sampler": "evolution", "objective": "error,macs"}, "sampler", "learns from one objective"),
    ({"screen": "zz"}, "screen", "unknown proxy 'zz'"),
    ({"stopper": "x"}, "stopper", "unknown stopper 'x'"),
    ({"stopper": "median", "recipe": {"epochs": 1}}, "stopper", "at least two epochs"),
    ({"repeat": 50}, "repeat", "Repeat 50 with Trials 24"),
    ({"seed": -1}, "seed", "Seed -1"),
    ({"trials": 0}, "trials", "Trials 0"),
    ({"timeout_s": -1.0}, "timeout_s", "a number of seconds above 0"),
    ({"engine": "rai"}, "engine", "unknown engine 'rai'"),
    ({"workers": 0}, "workers", "Slots 0"),
    ({"engine": "inline", "workers": 2}, "workers", "the inline engine has one slot"),
    ({"cpus_per_trial": -1.0}, "cpus_per_trial", "a number above 0"),
    ({"gpus_per_trial": 1.5}, "gpus_per_trial", "above 1 it is a whole number"),
    ({"study": "../x"}, "study", "study name '../x'"),
]


@pytest.mark.parametrize(("asked", "field", "said"), MISTAKES, ids=[str(asked) for asked, *_ in MISTAKES])
def test_a_mistake_is_told_with_its_field(asked: dict[str, Any], field: str, said: str) -> None:
    found = preview(SearchRequest(**{"space": "vgg", **asked}))
    assert not found.ok
    assert said in found.error
    assert found.field == field
    assert found.command.startswith("nas search ")


def test_a_cluster_that_is_away_is_no_mistake_in_a_field() -> None:
    found = preview(SearchRequest(space="vgg"), address="127.0.0.1:1")
    assert (found.ok, found.field) == (False, None)
    assert "cannot reach the Ray cluster at 127.0.0.1:1" in found.error
    assert field_of(SearchRequest(), NasError("something else")) is None


def test_a_name_that_is_taken_is_told_before_anything_starts(store: Store) -> None:
    asked = SearchRequest(space="lenet", study="s", trials=5)
    start(store, specify(asked.options()), "s", 5)
    same, more = preview(asked, store), preview(replace(asked, trials=6, sampler="random"), store)
    other = preview(replace(asked, space="vgg"), store)
    assert (same.ok, same.joins) == (True, True)
    assert (more.ok, more.field) == (False, "study")
    assert (more.space, other.space, more.envelope) == ("lenet", "vgg", same.envelope)
    assert len(more.error) < 120
    assert more.differences == [
        'sampler: "auto" in the study, "random" asked for',
        "trials: 5 in the study, 6 asked for",
    ]
    assert other.differences == ["space: lenet in the study, vgg asked for"]


WRONG: list[tuple[str, str]] = [
    (MINE.replace("step: 4", "stop: 4"), "YAML:6: parameters.width"),
    (MINE.replace("[4, 32]", "[4, 32"), "YAML:6: not YAML"),
    (MINE.replace("[blocks]", "[../../etc/passwd]"), "YAML:4: use"),
    (MINE.replace("[blocks]", "[/etc/passwd]"), "YAML:4: use"),
    ("just words", "a space is a mapping"),
    ("x: " + "[" * 100 + "]" * 100, "more than 60 levels"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=range(len(WRONG)))
def test_a_mistake_in_a_pasted_space_is_told_with_its_line(text: str, said: str) -> None:
    found = preview(SearchRequest(space_yaml=text))
    assert (found.ok, found.field) == (False, "space_yaml")
    assert said in found.error


def test_a_pasted_space_is_searched_as_any_other() -> None:
    found = preview(SearchRequest(space_yaml=MINE, evaluator="cost", objective="macs"))
    assert (found.ok, found.error, found.space, found.points) == (True, "", "mine", 24)
    assert found.command == "nas search SPACE.yaml --evaluator cost --objective macs"
    assert "leave one of them out" in preview(SearchRequest(space="vgg", space_yaml=MINE)).error


def test_rules_that_nothing_obeys_are_told() -> None:
    text = f"{MINE}constraints: [width >= 100]\n"
    found = preview(SearchRequest(space_yaml=text, evaluator="cost", objective="macs"))
    assert (found.ok, found.field) == (False, "space_yaml")
    said = "YAML:1: none of 240 random networks obeys all rules of mine: 'width >= 100' refuses 240 of them"
    assert said in found.error


def test_a_pasted_space_with_the_name_of_another_is_refused_unless_it_is_that_one() -> None:
    shipped = text_of("lenet")
    assert preview(SearchRequest(space_yaml=f"# as it is shipped\n{shipped}")).ok
    found = preview(SearchRequest(space_yaml=MINE.replace("mine", "lenet")))
    assert (found.ok, found.field) == (False, "space_yaml")
    assert "YAML:1: space: 'lenet' is the name of a shipped space" in found.error
    assert "such as `space: my-lenet`" in found.error


QUICK = """
import json, sys
from nas.service.actions import *
from nas.service.actions.preview import warm_up
from nas.store import open_store
store = open_store(sys.argv[1])
warm_up()
for space in ("efficientnet-scaling", "vgg"):
    assert preview(SearchRequest(space=space), store).ok
drivers = Drivers(sys.argv[1])
drivers.running()
heavy = [name for name in ("torch", "ray", "optuna", "sklearn", "scipy") if name in sys.modules]
print(json.dumps(heavy))
"""


def test_nothing_heavy_is_loaded(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUICK, url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
