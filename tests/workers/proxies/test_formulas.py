"""Scores against their formulas, computed another way, and their rank on a real table."""

import math
import sys
from pathlib import Path

import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

import nas
from nas.records import Request
from tests.benchmarks.proxies import IMAGES, TABLE, cells, score
from tests.workers.proxies.conftest import Evaluate
from workers.evaluators.proxy import scored
from workers.proxies import PROXIES
from workers.proxies.jacob_cov import of_jacobian
from workers.proxies.naswot import agreements
from workers.proxies.subject import Subject
from workers.proxies.zen import features
from workers.run import Attempt
from workers.train.randomness import Purpose, seed_of

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
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(0, Purpose.WEIGHTS))
        model = Subject(attempt).network()
    (layer,) = [m for m in model.modules() if isinstance(m, nn.Linear)]
    expected = math.log(float(layer.weight.detach().double().abs().sum()))
    assert scored(PROXIES["synflow"], attempt) == pytest.approx(expected, rel=1e-9)


def flow(model: nn.Module, shape: tuple[int, ...], weights: float) -> float:
    """R with all weights times `weights`, by a plain pass: a norm that has seen nothing is nearly 1."""
    with torch.no_grad():
        for layer in (m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)):
            layer.weight.abs_().mul_(weights)
        found = float(model(torch.ones(shape, dtype=torch.float64)).sum())
        for layer in (m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)):
            layer.weight.div_(weights)
    return found


@pytest.mark.parametrize("space", ["cell", "resnet", "vgg", "densenet"])
def test_synflow_is_the_growth_of_the_flow_with_the_weights(space: str, evaluation: Evaluate) -> None:
    """Σ w dR/dw is how fast R grows when all weights do: two passes without a gradient, and unscaled."""
    attempt = evaluation(space)
    torch.manual_seed(seed_of(0, Purpose.WEIGHTS))
    model = Subject(attempt).network().double().eval()
    given, step = attempt.architecture.input, 1e-4
    above, below = (flow(model, (1, *given.shape[:1], given.size, given.size), 1 + h) for h in (step, -step))
    expected = math.log((above - below) / (2 * step))
    assert scored(PROXIES["synflow"], attempt) == pytest.approx(expected, abs=1e-3)


def test_synflow_of_a_network_too_deep_for_doubles(tmp_path: Path) -> None:
    """Each layer multiplies the flow by about the same: 400 of them go beyond 1e308."""
    scores = {depth: synflow_of_plain_network(tmp_path, depth) for depth in (100, 200, 400)}
    assert scores[400] > math.log(sys.float_info.max)
    per_layer = (scores[200] - scores[100]) / 100
    assert (scores[400] - scores[200]) / 200 == pytest.approx(per_layer, rel=0.05)


def synflow_of_plain_network(folder: Path, depth: int) -> float:
    (folder / "plain.yaml").write_text(
        f"""
space: plain
about: Convolutions in a row.
input: {{channels: 1, size: 8, classes: 10}}
parameters: {{width: {{choice: [8, 16]}}}}
architecture:
  - repeat: {depth}
    body: [conv: {{out: =width, kernel: 3}}, norm, relu]
  - global_avg_pool
  - linear: {{out: =input.classes}}
"""
    )
    space = nas.load_space(str(folder / "plain.yaml"))
    request = Request("s", 1, 1, space.document, {"width": 16}, "proxy", "digits", {}, 0, "")
    return scored(PROXIES["synflow"], Attempt(request))


@pytest.mark.parametrize("space", ["cell", "senet", "googlenet", "vgg"])
def test_features_are_the_last_map(space: str, evaluation: Evaluate) -> None:
    """Squeeze-and-excitation flattens maps too, in its gates; what it flattens is no feature map."""
    attempt = evaluation(space)
    subject = Subject(attempt)
    model = subject.network()
    found = features(model, subject.noise(2))
    *_, last = [row.output for row in attempt.architecture.layers() if "x" in row.output]
    assert "x".join(map(str, found.shape[1:])) == last


def test_zen_puts_back_what_norms_take_out(evaluation: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions before norms with tenfold weights answer alike; each norm's deviation is tenfold."""
    attempt = evaluation("vgg", **{**evaluation("vgg").request.point, "batch_norm": True})
    plain = scored(PROXIES["zen"], attempt)
    normal = nn.init.normal_

    def tenfold(weight: torch.Tensor) -> torch.Tensor:
        return normal(weight, std=10.0)

    monkeypatch.setattr(nn.init, "normal_", tenfold)
    norms = sum(isinstance(m, nn.BatchNorm2d) for m in Subject(attempt).network().modules())
    assert norms >= 3
    assert scored(PROXIES["zen"], attempt) == pytest.approx(plain + norms * math.log(10), rel=1e-3)


@NEEDS_TABLE
@pytest.mark.slow
def test_naswot_ranks_cells_as_their_accuracies_do() -> None:
    points, accuracies = cells(12)
    found = score(["naswot"], points)["naswot"]
    assert spearmanr(found.scores, accuracies).statistic >= 0.6
    assert min(found.seconds) > 0
