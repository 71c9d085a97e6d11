"""The shipped evaluators on a point of a shipped space."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nas.records import AttemptEnd, Objective, Request
from nas.space.load import load_space
from tests.workers.standins import request
from workers.data import dataset
from workers.evaluators import given_metrics, usual_objective
from workers.run import run_attempt


@pytest.fixture
def real(tmp_path: Path) -> Request:
    space = load_space("vgg", data=dataset("digits").info)
    point = space.sample(np.random.default_rng(0))
    return replace(request("cost:", point=point, artifacts=str(tmp_path)), space=space.document)


def test_cost_gives_the_exact_costs(real: Request) -> None:
    *_, end = run_attempt(replace(real, evaluator="cost"))
    assert isinstance(end, AttemptEnd)
    assert end.cause is None, end.message
    space = load_space("vgg", data=dataset("digits").info)
    assert end.metrics["params"] == space.architecture(real.point).cost.params


def test_train_trains_the_network_of_the_point(real: Request) -> None:
    *_, end = run_attempt(replace(real, evaluator="train", recipe={"epochs": 1, "threads": 1}))
    assert isinstance(end, AttemptEnd)
    assert end.cause is None, end.message
    assert 0 <= end.metrics["error"] < 0.9


@pytest.mark.parametrize("name", ["train", "cost", "latency", "proxy:naswot", "proxy:params"])
def test_what_an_evaluator_says_it_gives_it_gives(real: Request, name: str) -> None:
    *_, end = run_attempt(replace(real, evaluator=name, recipe={"epochs": 1, "threads": 1}))
    assert isinstance(end, AttemptEnd)
    assert set(given_metrics(name) or ()) == set(end.metrics)


def test_a_study_is_for_what_its_evaluator_gives() -> None:
    assert usual_objective("train") == Objective("error")
    assert usual_objective("latency") == Objective("latency_ms")
    assert usual_objective("cost").metric == "params"


def test_what_a_function_gives_is_not_known_before() -> None:
    assert given_metrics("python:tests.cli.evaluators.quick") is None


def test_a_network_for_other_data_is_refused(real: Request) -> None:
    space = load_space("vgg", data=replace(dataset("digits").info, classes=7))
    (end,) = run_attempt(replace(real, evaluator="train", space=space.document))
    assert isinstance(end, AttemptEnd)
    assert "digits has 1 channels and 10 classes, but the network takes 1 and tells 7 apart" in end.message
