"""Spaces and prices as the service gives them."""

from pathlib import Path

import pytest

from nas.errors import InfeasibleError, NasError, PointError
from nas.service import spaces
from nas.service.checks import check
from nas.service.costs import price

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
    assert check(row.space, settings={}, samples=6, seed=0).problems == []
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
    with pytest.raises(NasError, match="exclude each other"):
        price("vgg", reference="vgg16", settings={"batch_norm": True})
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
    found = spaces.profile("resnext-cardinality", settings={}, samples=9, seed=0, limits={"macs": 4e9})
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
    with pytest.raises(NasError, match="'params' is .*, not true or false: compare it with something"):
        check(str(tmp_path / "rule.yaml"), settings={}, samples=5, seed=0)


def test_a_price_says_which_rules_the_network_breaks(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(BAD.replace("references", "constraints: [params < 9]\nreferences"))
    assert price(str(tmp_path / "rule.yaml"), settings={"width": 2}).broken == ["params < 9: params is 3006"]


def test_a_space_is_shown_with_its_rules() -> None:
    rules = {row.name: row.rule for row in spaces.show("resnext-cardinality", settings={}).derived}
    assert rules["c"] == "9*G*c**2 + 8*G*C*c - 17*C**2 = 0, from 1 to 4096, rounded nearest"
