"""Spaces and prices as the service gives them."""

import re
from pathlib import Path

import pytest

import nas
from nas.errors import InfeasibleError, NasError, PointError
from nas.service import spaces
from nas.service.checks import check
from nas.service.costs import price, side_by_side

BAD = """
space: bad
about: Its reference lies.
parameters: {width: {int: [1, 9]}}
architecture:
  - conv: {out: =width, kernel: 1}
  - global_avg_pool
  - linear: {out: =input.classes}
references:
  small: {set: {width: 1}, published: {params: 7}}
"""


def test_check_finds_a_lie(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    found = check(str(tmp_path / "bad.yaml"), settings={}, samples=5, seed=0)
    assert found.feasible == 5
    assert len(found.problems) == 1
    assert "published 7" in found.problems[0]


def test_check_finds_a_space_without_points(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD.replace("references", "constraints: ['width > 9']\nreferences"))
    found = check(str(tmp_path / "bad.yaml"), settings={}, samples=5, seed=0)
    assert found.refused == {"width > 9": 5}
    assert found.problems[0].startswith("none of 5 points is feasible: 5 times width > 9: width is ")
    with pytest.raises(InfeasibleError, match="width > 9"):
        spaces.sample(str(tmp_path / "bad.yaml"), count=1, seed=0, settings={})


@pytest.mark.parametrize("row", spaces.known(), ids=lambda row: row.space)
def test_shipped_spaces_are_sound(row: spaces.SpaceRow) -> None:
    assert check(row.space, settings={}, samples=3, seed=0).problems == []
    view = spaces.show(row.space, data="digits", settings={})
    assert view.about == row.about
    assert view.parameters


def test_prices() -> None:
    found = price("vgg", reference="vgg16")
    assert (found.cost["params"], found.cost["macs"]) == (138357544, 15470264320)
    assert len(found.layers) == len(found.to_json(layers=True)["rows"])
    assert sum(row.macs for row in found.layers) == found.cost["macs"]
    settled = price("efficientnet-scaling", settings={"depth": 1.0, "width": 1.0, "resolution": 224})
    assert settled.cost["params"] == 5288548


def test_prices_that_cannot_be() -> None:
    with pytest.raises(NasError, match="leaves alpha, beta open"):
        price("efficientnet-scaling")
    with pytest.raises(
        NasError, match=r"vgg leaves convs, batch_norm open: .* --set convs=1,1,1,1,1 --set batch"
    ):
        price("vgg")
    families = "of deformable and of resnet and of resnext-cardinality; type nas cost deformable --reference"
    with pytest.raises(NasError, match=f"unknown space 'resnet50': it is a published network {families}"):
        price("resnet50")
    with pytest.raises(PointError, match="alpha"):
        price("efficientnet-scaling", settings={"alpha": 9, "beta": 1.1})


WRONG = BAD.replace("{width: 1}, published: {params: 7}", "{width: 1}").replace(
    "- global_avg_pool", "- conv: {out: =wide, kernel: 1}\n  - global_avg_pool"
)


def test_check_finds_a_solved_cost_that_falls(tmp_path: Path) -> None:
    falls = 'derived: {wide: 64 // near, near: {solve: "macs = 5000", domain: [1, 32]}}\narchitecture'
    (tmp_path / "falls.yaml").write_text(WRONG.replace("architecture", falls))
    found = check(str(tmp_path / "falls.yaml"), settings={}, samples=20, seed=0)
    assert any("near: macs falls after near = " in problem for problem in found.problems)


def test_a_check_builds_and_counts() -> None:
    assert check("vgg", settings={"stages": 2, "convs": [1, 1]}, samples=9, seed=0).built == 2


def test_profiles_and_their_mistakes() -> None:
    found = spaces.profile("resnext-cardinality", settings={}, samples=99, seed=0, limits={"macs": 4e9})
    assert found.points == 7776
    assert found.within["macs <= 4e+09"] < found.feasible
    with pytest.raises(NasError, match="unknown cost 'mac'.*did you mean 'macs'"):
        spaces.profile("vgg", settings={}, samples=9, seed=0, limits={"mac": 4e9})


def test_check_finds_what_is_surely_not_meant(tmp_path: Path) -> None:
    slips = "training: {epoch: 3}\nparameters: {idle: {int: [1, 9]}, "
    (tmp_path / "slips.yaml").write_text(BAD.replace("parameters: {", slips))
    problems = check(str(tmp_path / "slips.yaml"), settings={}, samples=5, seed=0).problems
    assert any(problem.startswith("parameter idle changes nothing") for problem in problems)
    assert any("unknown recipe key 'epoch'" in problem for problem in problems)
    assert len(problems) == 3


def test_a_rule_is_true_or_false(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(BAD.replace("references", "constraints: [params]\nreferences"))
    problems = check(str(tmp_path / "rule.yaml"), settings={}, samples=5, seed=0).problems
    assert "not true or false: compare it with something" in problems[0]
    assert problems[0].startswith("point width=")


def test_a_price_says_which_rules_the_network_breaks(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(BAD.replace("references", "constraints: [params < 9]\nreferences"))
    assert price(str(tmp_path / "rule.yaml"), settings={"width": 2}).broken == ["params < 9: params is 3006"]


def test_a_space_is_shown_with_its_rules() -> None:
    rules = {row.name: row.rule for row in spaces.show("resnext-cardinality", settings={}).derived}
    assert rules["c"] == "9*G*c**2 + 8*G*C*c - 17*C**2 = 0, from 1 to 4096, rounded nearest"


SLIPS = """
profiles: {digits: {PROFILE}}
answer: {ANSWER}
"""
SOUND = "baseline: {set: {width: 2}}, show: [width], beside: [small], family: {vary: width, over: [2, 4]}"
GOOD = BAD.replace("params: 7", "gmacs: 0.0003")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("PROFILE", "set: {widht: 3}", "profile digits: .*no name 'widht' to set: .*did you mean 'width'"),
        ("PROFILE", "training: {epoch: 3}", "profile digits: training: unknown recipe key 'epoch'"),
        ("PROFILE", "set: {width: [1]}", "profile digits: .*width = .*it is a whole number from 1 to 9"),
        ("ANSWER", "show: [widht]", "answer.show: unknown name 'widht'.*did you mean 'width'"),
        ("ANSWER", "beside: [smal]", "answer.beside: unknown reference 'smal'.*did you mean 'small'"),
        ("ANSWER", "baseline: {set: {widht: 3}}", "answer.baseline: .*no name 'widht'"),
        ("ANSWER", "baseline: {set: {width: 30}}", "answer.baseline: width = 30: it is a whole number"),
        ("ANSWER", "baseline: {set: {width: [1, 2]}}", "answer.baseline: width = 1,2: it is a whole number"),
        ("gmacs: 0.0003", "parms: 3", "published.parms: unknown number; .*did you mean 'params'"),
        ("gmacs: 0.0003", "gmacs: 9.9", r"reference small: gmacs is 0\.0.*, published 9\.9"),
        ("gmacs: 0.0003", "macs_with_bias: 9", "reference small: macs_with_bias is .*, published 9"),
        ("gmacs: 0.0003", "params_with_heads: 9", "reference small: params_with_heads is .*, published 9"),
        ("set: {width: 1}", "set: {}", "references.small: it sets no width, which its network needs"),
    ],
)
def test_check_finds_slips_outside_the_points(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (GOOD + SLIPS).replace(old, new).replace("PROFILE", "set: {width: 3}").replace("ANSWER", SOUND)
    (tmp_path / "slips.yaml").write_text(text)
    problems = check(str(tmp_path / "slips.yaml"), settings={}, samples=5, seed=0).problems
    assert any(re.search(said, problem) for problem in problems), problems


def test_check_tells_every_point_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(GOOD.replace("{out: =width,", "{out: =width / 2,"))
    found = check(str(tmp_path / "odd.yaml"), settings={}, samples=9, seed=0)
    assert re.match(r"point width=\d: .*odd.yaml:6: .*must be a whole number", found.problems[0])
    assert 0 < found.feasible < 9


def test_a_reference_can_be_changed() -> None:
    small = {"hidden": 100, "input.size": 32, "input.classes": 10}
    changed = price("vgg", reference="vgg16", settings=small)
    assert changed.input == {"channels": 3, "size": 32, "classes": 10}
    assert changed.cost["layers"] == 16
    assert changed.published == {}
    assert changed.point == {"convs": [2, 2, 3, 3, 3], "batch_norm": False, **small}
    whole = price("vgg", reference="vgg16", data="cifar10").cost["params"]
    assert (
        whole
        == price("vgg", reference="vgg16", settings={"input.size": 32, "input.classes": 10}).cost["params"]
    )
    with pytest.raises(NasError, match=r"references.vgg16.set.convs: .*it is a list of 3 \(stages\) values"):
        price("vgg", reference="vgg16", profile="digits")


def test_a_reference_says_why_it_is_no_point() -> None:
    assert price("vgg", reference="vgg16").outside == []
    (said,) = price("resnet", reference="resnet101").outside
    assert said == "depths=3,4,23,3, but each is a whole number from 1 to 8 in the space"
    assert (
        "c, which follows in the space, was set"
        in price("resnext-cardinality", reference="resnext101_32x8d").outside
    )


def test_what_follows_is_shown() -> None:
    found = price("resnext-cardinality", reference="resnext50_32x4d")
    assert found.to_json()["derived"] == {"c": 4}
    assert "gamma" in spaces.sample("efficientnet-scaling", count=1, seed=0, settings={})[0].derived
    assert price("googlenet", reference="googlenet").to_json()["params_with_heads"] == 13_004_888


def test_references_stand_side_by_side() -> None:
    rows = side_by_side("vgg")
    assert [row.name for row in rows] == list(nas.load_space("vgg").references)
    assert [row.name for row in side_by_side("vgg", ["vgg19", "vgg11"])] == ["vgg19", "vgg11"]


def test_a_view_loses_nothing() -> None:
    view = spaces.show("vgg", settings={"stages": 3})
    assert view.parameters[0].domain.endswith("; 3 of them")
    assert (view.constants["hidden"], view.input["size"]) == (4096, 224)
    assert "arXiv:1409.1556" in view.source
    assert all(row.about for row in view.profiles)


def test_asked_for_samples_are_all_that_is_looked_at() -> None:
    assert spaces.profile("cell", settings={}, samples=10, seed=0).looked_at == 10
