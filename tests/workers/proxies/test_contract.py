"""What holds for every proxy of the registry."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

import nas
from nas.errors import UnknownNameError
from nas.records import AttemptEnd, Cause
from nas.registry import Entry
from tests.conftest import ROOT
from tests.workers.proxies.conftest import Evaluate
from workers.data import dataset
from workers.evaluators import evaluator, usual_objective
from workers.evaluators.proxy import scored
from workers.proxies import PROXIES
from workers.run import run_attempt

NAMES = PROXIES.names()
FAMILIES = ("resnet", "mobilenet", "senet", "googlenet", "deformable", "vgg", "linear")
ROUTE = ["conv3", "none", "none", "none", "none", "conv1"]
"""A cell whose edges 0 and 5 lead nowhere: nothing of the image arrives."""


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_bits_and_nothing_is_left_behind(name: str, evaluation: Evaluate) -> None:
    before = torch.get_rng_state()
    first, again = (scored(PROXIES[name], evaluation("resnet")) for _ in range(2))
    assert first == again
    assert math.isfinite(first)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("params", "macs", "synflow")])
def test_another_seed_draws_other_weights(name: str, evaluation: Evaluate) -> None:
    assert scored(PROXIES[name], evaluation("resnet", seed=0)) != scored(
        PROXIES[name], evaluation("resnet", seed=1)
    )


@pytest.mark.parametrize("space", FAMILIES)
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_network_has_a_finite_score(name: str, space: str, evaluation: Evaluate) -> None:
    assert math.isfinite(scored(PROXIES[name], evaluation(space)))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("params", "macs")])
def test_a_cell_that_lets_nothing_through_scores_worst(name: str, evaluation: Evaluate) -> None:
    cut = scored(PROXIES[name], evaluation("cell", op=ROUTE))
    space = nas.load_space("cell", data=dataset("digits").info)
    rng = np.random.default_rng(5)
    for _ in range(8):
        assert scored(PROXIES[name], evaluation("cell", **space.sample(rng))) >= cut


@pytest.mark.parametrize("name", NAMES)
def test_as_an_evaluator_it_reports_its_score_and_seconds(name: str, evaluation: Evaluate) -> None:
    request = evaluation("resnet").request
    _, end = run_attempt(replace(request, evaluator=f"proxy:{name}"))
    assert isinstance(end, AttemptEnd)
    assert end.cause is None, end.message
    assert end.metrics[name] == scored(PROXIES[name], evaluation("resnet"))
    assert end.metrics["seconds"] > 0
    objective = usual_objective(f"proxy:{name}")
    assert (objective.metric, objective.minimize) == (name, False)


@pytest.mark.parametrize("typed", ["proxy:naswt", "naswot", "prxy:naswot"])
def test_an_unknown_name_lists_near_ones(typed: str) -> None:
    with pytest.raises(UnknownNameError, match="did you mean '(proxy:)?naswot'"):
        evaluator(typed)


def test_a_score_that_is_no_number_fails_its_trial_as_diverged(
    evaluation: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROXIES._entries, "macs", Entry("macs", "not a number", lambda _: math.nan))
    (end,) = run_attempt(replace(evaluation().request, evaluator="proxy:macs"))
    assert isinstance(end, AttemptEnd)
    assert (end.cause, end.message) == (Cause.DIVERGED, "metric macs is nan")


def test_looking_a_name_up_loads_nothing_heavy() -> None:
    """A driver on a cluster has no torch to load."""
    code = "import sys; from workers.evaluators import evaluator; evaluator('proxy:naswot')"
    code += "; print(sorted({'torch', 'PIL', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
