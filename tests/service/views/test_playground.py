"""The playground: a point in, everything known of it out."""

import json
import shlex
import statistics
import time
from pathlib import Path

import numpy as np
import pytest

from nas.errors import NasError, PointError, UnknownNameError
from nas.service.plain import plain
from nas.service.views.loaded import loaded, names
from nas.service.views.playground import price_point
from nas.space.load import load_space
from tests.conftest import Nas

BOUND_S = 0.05


def test_nothing_said_is_the_start_point() -> None:
    found = price_point("lenet")
    assert found.feasible
    assert found.point == {"maps": [6, 16], "kernel": 5, "activation": "tanh", "pool": "avg"}
    assert found.cost is not None
    assert found.cost["params"] == 61706
    assert found.input == {"channels": 1, "size": 32, "classes": 10}
    assert found.layers[0]["kind"] == "conv"
    assert found.svg.startswith('<svg class="nas-drawing"')
    json.dumps(plain(found))


def test_one_change_changes_cost_derived_values_and_drawing() -> None:
    before, after = (price_point("efficientnet-scaling", point={"alpha": 1.2, "beta": b}) for b in (1.1, 1.2))
    assert before.derived["width"] == pytest.approx(1.1)
    assert after.derived["width"] == pytest.approx(1.2)
    assert before.cost != after.cost
    assert before.svg != after.svg
    assert before.arch_id != after.arch_id


def test_the_price_is_that_of_the_space() -> None:
    space, rng = load_space("densenet", profile="digits"), np.random.default_rng(3)
    for _ in range(5):
        point = space.sample(rng)
        found = price_point("densenet", profile="digits", point=plain(point))
        assert found.cost == space.architecture(point).cost.to_json()
        assert found.arch_id == space.architecture(point).arch_id


def test_an_infeasible_point_is_an_answer_with_the_field_to_change() -> None:
    found = price_point("lenet", point={"maps": [32, 4]})
    assert not found.feasible
    assert found.reason.startswith("min([maps[s]")
    assert found.field == "maps"
    assert found.cost is not None  # the network exists, only the rule is broken
    nowhere = price_point("efficientnet-scaling", point={"alpha": 2.0, "beta": 1.4})
    assert not nowhere.feasible
    assert (nowhere.cost, nowhere.svg, nowhere.layers, nowhere.arch_id) == (None, "", [], None)
    assert nowhere.field == "beta"


def test_what_is_not_active_goes_and_comes_back() -> None:
    plain_net = price_point("resnet", point={"shortcut": "none", "order": "pre"})
    assert plain_net.feasible
    assert "order" not in plain_net.point
    back = price_point("resnet", point={**plain_net.point, "shortcut": "identity"})
    assert back.point["order"] == "post"


def test_a_vector_is_cut_and_continued() -> None:
    assert price_point("vgg", point={"convs": [1, 2]}).point["convs"] == [1, 2, 2, 2, 2]
    assert price_point("vgg", point={"convs": [1, 2, 3, 4, 1, 1, 1]}).point["convs"] == [1, 2, 3, 4, 1]


def test_a_reference_is_shown_as_published() -> None:
    found = price_point("resnet", reference="resnet50", unfold=["3", "3.1"])
    assert found.cost is not None
    assert found.cost["macs"] == found.published["macs"] == 4089184256
    assert found.point["block"] == "bottleneck"
    assert found.command == "nas cost resnet --reference resnet50"
    assert 'data-of="3.1"' in found.svg
    member = price_point("efficientnet-scaling", reference="efficientnet_b7")
    assert member.point == {}
    assert member.notes
    assert price_point("resnet", reference="resnet50", data="digits").published == {}


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"point": {"kernel": 4}}, PointError),
        ({"point": {"kernel": None}}, None),
        ({"point": {"kernel": [3]}}, PointError),
        ({"point": {"maps": 6}}, PointError),
        ({"point": {"maps": ["x", {}]}}, PointError),
        ({"point": {"nothing": 1}}, PointError),
        ({"point": {"kernel": 3}, "reference": "lenet5"}, NasError),
        ({"reference": "resnet50"}, UnknownNameError),
        ({"profile": "nothing"}, UnknownNameError),
        ({"data": "npz:/etc/passwd"}, UnknownNameError),
        ({"settings": {"nothing": 1}}, PointError),
        ({"settings": {"stages": "x"}}, NasError),
        ({"settings": {"stages": 10**9}}, NasError),
    ],
)
def test_mistakes_are_said(asked: dict[str, object], error: type[Exception] | None) -> None:
    if error is None:
        assert price_point("lenet", **asked).feasible  # type: ignore[arg-type]
        return
    with pytest.raises(error):
        price_point("lenet", **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("space", ["senet", "googlenet", "vgg"])
def test_its_command_says_the_same(space: str, nas_here: Nas) -> None:
    found = price_point(space, data="digits")
    done = nas_here(*shlex.split(found.command)[1:], "--json")
    assert json.loads(done.stdout)["arch_id"] == found.arch_id


@pytest.mark.parametrize("space", names())
def test_a_change_answers_at_once(space: str) -> None:
    point = price_point(space).point
    other = plain(loaded(space).any_point(np.random.default_rng(1)))
    took_s = []
    for name in other:
        point[name] = other[name]
        began = time.thread_time()  # not the clock: others use the machine
        price_point(space, point=point)
        took_s.append(time.thread_time() - began)
    assert statistics.median(took_s) <= BOUND_S, took_s


def test_a_command_draws_into_a_file(tmp_path: Path, nas_here: Nas) -> None:
    file = tmp_path / "lenet.svg"
    ask = ["cost", "lenet", "--reference", "lenet5", "--svg", str(file)]
    assert nas_here(*ask).returncode == 0
    assert "<style>" in file.read_text(encoding="utf-8")
    file.write_text("mine")
    refused = nas_here(*ask)
    assert refused.returncode == 2
    assert "it exists; add --force" in refused.stderr
    assert file.read_text() == "mine"
    assert nas_here(*ask, "--force", "--unfold", "1").returncode == 0
    assert 'data-of="1"' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--svg", "no/such/folder.svg"], "there is no folder no/such; make it with mkdir -p no/such"),
        (["--svg", "."], "it is a folder"),
        (["--force"], "--force is for drawings: add --svg FILE"),
        (["--unfold", "1"], "--unfold is for drawings"),
        (["--svg", "two.svg", "--references"], "a drawing is of one network"),
    ],
)
def test_a_drawing_that_cannot_be_is_refused(asked: list[str], said: str, nas_here: Nas) -> None:
    network = [] if "--references" in asked else ["--reference", "lenet5"]
    done = nas_here("cost", "lenet", *network, *asked)
    assert done.returncode == 2
    assert said in done.stderr
    assert not done.stdout


def test_trials_and_the_best_of_a_study_are_drawn(tmp_path: Path, nas_here: Nas) -> None:
    search = [
        "search",
        "lenet",
        "--study",
        "s",
        "--trials",
        "3",
        "--evaluator",
        "cost",
        "--objective",
        "macs",
    ]
    done = nas_here(*search, "--engine", "inline", "--data", "digits", "--no-compare")
    assert done.returncode == 0, done.stderr
    assert nas_here("trial", "s", "2", "--svg", "two.svg").returncode == 0
    assert ">Trial 2 of s<" in (tmp_path / "two.svg").read_text(encoding="utf-8")
    best = json.loads(nas_here("best", "s", "--json").stdout)[0]["number"]
    assert nas_here("show", "s", "--svg", "best.svg").returncode == 0
    assert f">Trial {best} of s<" in (tmp_path / "best.svg").read_text(encoding="utf-8")
    assert nas_here("show", "s", "--svg", "best.svg").returncode == 2
