"""Scores against their formulas, computed another way, and their rank on a real table."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from tests.benchmarks.proxies import IMAGES, TABLE, cells, score
from tests.workers.proxies.conftest import Evaluate
from workers.evaluators.proxy import scored
from workers.proxies import PROXIES
from workers.proxies.jacob_cov import of_jacobian
from workers.proxies.naswot import agreements
from workers.proxies.subject import Subject

NEEDS_TABLE = pytest.mark.skipif(not (IMAGES.exists() and TABLE.exists()), reason="no shared data here")


def test_agreements_are_counted_unit_by_unit() -> None:
    x = torch.randn(6, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    codes = (x.flatten(1) > 0).numpy()
    expected = [[int((a == b).sum()) for b in codes] for a in codes]
    assert agreements(x).tolist() == expected


def test_independent_gradients_score_high_and_equal_ones_low() -> None:
    generator = torch.Generator().manual_seed(0)
    apart = of_jacobian(torch.randn(8, 4096, generator=generator))
    assert apart == pytest.approx(-8, abs=0.5)
    alike = of_jacobian(torch.randn(1, 4096, generator=generator).expand(8, -1))
    assert alike < -1e5


def test_grad_norm_is_the_norm_of_autograds_gradient(evaluation: Evaluate) -> None:
    attempt = evaluation("resnet")
    subject = Subject(attempt)
    from workers.train.randomness import Purpose, seed_of

    with torch.random.fork_rng():
        torch.manual_seed(seed_of(0, Purpose.WEIGHTS))
        model = subject.network()
    x, y = subject.batch()
    nn.functional.cross_entropy(model(x), y).backward()
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    expected = sum(float(layer.weight.grad.double().norm()) for layer in layers)
    assert scored(PROXIES["grad_norm"], attempt) == pytest.approx(expected, rel=1e-5)


def test_synflow_of_one_layer_is_the_sum_of_its_weights(evaluation: Evaluate) -> None:
    """For `linear`, the flow of an image of ones is the sum of |w|, which is Σ w dR/dw as well."""
    attempt = evaluation("linear")
    from workers.train.randomness import Purpose, seed_of

    with torch.random.fork_rng():
        torch.manual_seed(seed_of(0, Purpose.WEIGHTS))
        model = Subject(attempt).network()
    (layer,) = [m for m in model.modules() if isinstance(m, nn.Linear)]
    expected = math.log(float(layer.weight.detach().double().abs().sum()))
    assert scored(PROXIES["synflow"], attempt) == pytest.approx(expected, rel=1e-9)


@NEEDS_TABLE
@pytest.mark.slow
def test_naswot_ranks_cells_as_their_accuracies_do() -> None:
    points, accuracies = cells(200)
    found = score(["naswot"], points)["naswot"]
    assert spearmanr(found.scores, accuracies).statistic >= 0.6
    assert np.median(found.seconds) < 5
