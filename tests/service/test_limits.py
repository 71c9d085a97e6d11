"""What a search is for and must keep to, told before anything runs where it cannot be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas.errors import NasError, SamplerError, UnknownNameError
from nas.records import Limit, Objective, StudySpec
from nas.service.engines import EngineOptions
from nas.service.limits import limited
from nas.service.listing import list_trials
from nas.service.run import run
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.space.space import Space
from nas.store import Store
from tests.search.spaces import tiny

VGG = SearchOptions(space="vgg")
INLINE = EngineOptions(engine="inline")


def test_several_objectives_and_limits_are_part_of_the_specification() -> None:
    asked = replace(VGG, objective="error,macs,latency_ms", most=("params=1M", "latency_ms=5"))
    spec = specify(replace(asked, least=("accuracy=0.9",)))
    assert spec.objectives == (Objective("error"), Objective("macs"), Objective("latency_ms"))
    assert spec.limits == (Limit("latency_ms", 5), Limit("accuracy", 0.9, upper=False))
    assert spec.space["space"]["constraints"] == ["params <= 1000000"]
    assert StudySpec.from_json(spec.to_json()) == spec
    assert specify(replace(VGG, objective="macs:max")).objectives == (Objective("macs", minimize=False),)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"objective": "eror,macs"},
            "--objective eror,macs: evaluator 'train': unknown metric 'eror'.*did you mean 'error'",
        ),
        ({"objective": "macs,error", "evaluator": "latency"}, "unknown metric 'error'.*latency_ms"),
        ({"objective": "accuracy", "evaluator": "cost"}, "'cost': unknown metric 'accuracy'"),
        ({"objective": "error", "evaluator": "proxy:naswot"}, "unknown metric 'error'.*naswot"),
        ({"most": ["mac=1M"]}, "--max mac=1M: .*unknown metric 'mac'.*did you mean 'macs'"),
        ({"most": ["latency=5"]}, "--max latency=5: .*unknown metric 'latency'.*did you mean 'latency_ms'"),
        ({"least": ["accuracy=90"]}, "accuracy is a share from 0 to 1"),
        ({"most": ["error=-0.1"]}, "error is a share from 0 to 1, so no network can keep it"),
        ({"most": ["accuracy=90"]}, "so every network keeps it; type --max accuracy=0.9"),
        ({"most": ["error=95"]}, "--max error=95: error is a share .* type --max error=0.95"),
        ({"least": ["error=-1"]}, "so every network keeps it"),
        ({"most": ["macs=1M"], "least": ["macs=2M"]}, "--min macs=2e.06 is above --max macs=1e.06"),
        ({"most": ["loss=1"], "least": ["loss=2"]}, "--min loss=2 is above --max loss=1"),
        (
            {"objective": "macs,error", "stopper": "median"},
            "compares curves of the first objective, and macs",
        ),
    ],
)
def test_what_cannot_be_is_told_first(change: dict[str, Any], said: str) -> None:
    with pytest.raises(NasError, match=said):
        specify(replace(VGG, **change))


def test_samplers_that_know_one_objective_are_refused_several() -> None:
    with pytest.raises(
        SamplerError, match=r"'evolution' learns from one objective, not from error, macs.*tpe"
    ):
        specify(replace(VGG, objective="error,macs", sampler="evolution"))
    assert specify(replace(VGG, objective="error,macs")).sampler == VGG.sampler


def test_a_function_of_the_users_may_give_any_metric() -> None:
    options = replace(VGG, evaluator="python:tests.cli.evaluators.quick", objective="dream,macs")
    assert specify(options).objectives[0] == Objective("dream")


@pytest.mark.parametrize("aims", [{"objective": "error,dream"}, {"most": ("dream=1",)}], ids=["aim", "limit"])
def test_what_it_does_not_give_ends_the_study_at_its_first_trial(store: Store, aims: dict[str, Any]) -> None:
    options = replace(VGG, evaluator="python:tests.cli.evaluators.quick", sampler="random", **aims)
    start(store, specify(options), "x", 9)
    with pytest.raises(NasError, match="the evaluator gave no metric 'dream': its metrics are error"):
        run(store, "x", INLINE)
    assert len(list_trials(store, "x")) == 1


# Limits of costs


def test_the_smallest_network_is_within_reach() -> None:
    assert limited(tiny(), [Limit("macs", 586)]).model.constraints == ["macs <= 586"]
    with pytest.raises(NasError, match="--max macs=585: no network of space tiny"):
        limited(tiny(), [Limit("macs", 585)])


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ([Limit("macs", 100)], "--max macs=100: no network.*keeps it;.*macs from 586 to 117,200"),
        ([Limit("macs", 1e9, upper=False)], "--min macs=1000000000: no network.*macs from 586 to 117,200"),
        (
            [Limit("macs", 2000), Limit("params", 1000, upper=False)],
            "--max macs=2000 and --min params=1000: no network.*keeps them together;.*macs from.*params from",
        ),
        ([Limit("paths", 5, upper=False), Limit("macs", 10**6)], "limit --min paths=5: no network.*it; of"),
    ],
)
def test_contradictions_name_their_limits(limits: list[Limit], said: str) -> None:
    with pytest.raises(NasError, match=said):
        limited(tiny(), limits)


def test_a_needle_is_found_by_going_downhill() -> None:
    """One point in 4e9 is small enough."""
    names = [f"w{i}" for i in range(6)]
    layers = [{"conv": {"out": f"={name}", "kernel": 1}} for name in names]
    space = tiny(
        {name: {"int": [1, 40]} for name in names},
        architecture=[*layers, "global_avg_pool", {"linear": {"out": "=input.classes"}}],
    )
    least = space.architecture(dict.fromkeys(names, 1)).cost.params
    assert limited(space, [Limit("params", least + 4)]).model.constraints == [f"params <= {least + 4}"]


def test_limits_of_costs_refuse_by_price(store: Store) -> None:
    options = replace(VGG, evaluator="cost", objective="macs", sampler="random", most=("macs=2M",))
    start(store, specify(options), "x", 8)
    run(store, "x", INLINE)
    assert max(trial.macs or 0 for trial in list_trials(store, "x")) <= 2_000_000
    assert store.refusals(store.study("x").id)["macs <= 2000000"] > 0


def test_a_space_without_any_network_is_not_blamed_on_limits(tmp_path: Path) -> None:
    space = tiny(constraints=["params <= 1"])
    assert limited(space, [Limit("macs", 1e6)]).model.constraints == ["params <= 1", "macs <= 1000000"]


def test_a_limited_space_survives_its_document() -> None:
    spec = specify(replace(VGG, most=("macs=1.5M",), settings={"batch_norm": False}))
    space = Space.from_document(spec.space)
    assert (space.model.constraints, space.settings) == (["macs <= 1500000"], {"batch_norm": False})


def test_unknown_samplers_are_still_told() -> None:
    with pytest.raises(UnknownNameError, match="unknown sampler 'tpee'"):
        specify(replace(VGG, sampler="tpee"))
