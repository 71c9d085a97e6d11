"""What people type."""

from typing import Any

import pytest

from nas.errors import NasError
from nas.records import Objective
from nas.service.values import limits, objective, objectives, settings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2),
        ("-0.5", -0.5),
        ("1e-3", 0.001),
        ("[1, [2, 3]]", [1, [2, 3]]),
        ("true", True),
        ("None", None),
        ("wide", "wide"),
        ("=phi * 2", "=phi * 2"),
        ("", ""),
    ],
)
def test_settings_are_typed_like_yaml(text: str, value: Any) -> None:
    found = settings([f"x={text}"])["x"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["x", "=3", " =3"])
def test_settings_need_a_name(text: str) -> None:
    with pytest.raises(NasError, match="name=value"):
        settings([text])


@pytest.mark.parametrize(
    ("text", "minimize"), [("error", True), ("accuracy", False), ("accuracy:min", True), ("x:max", False)]
)
def test_objectives_know_which_way_is_up(text: str, minimize: bool) -> None:
    assert objective(text) == Objective(text.split(":")[0], minimize)


def test_an_evaluator_knows_which_way_is_up_for_its_own_metric() -> None:
    usual = Objective("naswot", minimize=False)
    assert objective(None, usual) == objective("naswot", usual) == usual
    assert objective("naswot:min", usual) == Objective("naswot", minimize=True)
    assert objective("seconds", usual) == Objective("seconds", minimize=True)
    assert objective(None) == Objective("error")


def test_one_to_four_objectives() -> None:
    assert objectives(None) == (Objective("error"),)
    assert objectives("error, score:max,macs,params:max") == (
        Objective("error"),
        Objective("score", minimize=False),
        Objective("macs"),
        Objective("params", minimize=False),
    )
    for text, said in (
        ("error,error:max", "names error twice"),
        ("a,b,c,d,e", "names 5 metrics: a study has one to 4"),
        ("error,", "objective '': write METRIC"),
    ):
        with pytest.raises(NasError, match=said):
            objectives(text)


def test_limits_take_prefixes() -> None:
    assert limits(["macs=600M", "params=25", "activations=1.5k"]) == {
        "macs": 6e8,
        "params": 25,
        "activations": 1500,
    }
    for wrong in ("macs", "macs=", "macs=many", "macs=M", "macs=1Q", "macs=inf", "macs=1e300T", "=5"):
        with pytest.raises(
            NasError, match="is not of the form NAME=NUMBER.* a cost or a metric.* k, M, G or T"
        ):
            limits([wrong])
    with pytest.raises(NasError, match="macs has a bound already"):
        limits(["macs=1M", "macs=2M"])


def test_examples_fit_their_options() -> None:
    for option, example in (("--set", "--set phi=2"), ("--recipe", "--recipe lr=0.1")):
        with pytest.raises(NasError, match=example):
            settings(["epochs"], option)
    with pytest.raises(NasError, match="an objective.*--reference error=1,macs=1G"):
        limits(["macs"], "--reference")


def test_what_is_not_finite_stays_a_word() -> None:
    assert settings(["a=nan", "b=Infinity", "c=1e999"]) == {"a": "nan", "b": "Infinity", "c": "1e999"}
