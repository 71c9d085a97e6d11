"""Spaces and prices as the service gives them."""

from pathlib import Path

import pytest

from nas.errors import InfeasibleError, NasError, PointError
from nas.service import spaces
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
    found = spaces.check(str(tmp_path / "bad.yaml"), settings={}, samples=5, seed=0)
    assert found.feasible == 5
    assert len(found.problems) == 1
    assert "published 7" in found.problems[0]


def test_check_finds_a_space_without_points(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD.replace("references", "constraints: ['width > 9']\nreferences"))
    found = spaces.check(str(tmp_path / "bad.yaml"), settings={}, samples=5, seed=0)
    assert found.refused == {"width > 9": 5}
    assert "none of 5 points is feasible" in found.problems[0]
    with pytest.raises(InfeasibleError, match="width > 9"):
        spaces.sample(str(tmp_path / "bad.yaml"), count=1, seed=0, settings={})


@pytest.mark.parametrize("row", spaces.known(), ids=lambda row: row.space)
def test_shipped_spaces_are_sound(row: spaces.SpaceRow) -> None:
    assert spaces.check(row.space, settings={}, samples=20, seed=0).problems == []
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
