"""The pages of spaces: their rules in words, their sizes, their forms."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nas.errors import NasError, UnknownNameError
from nas.service.plain import plain
from nas.service.views.loaded import loaded, names
from nas.service.views.points import completed
from nas.service.views.space import envelope, samples, space_page
from nas.service.views.spaces import spaces_page
from nas.service.views.wording import cardinality, constraint_in_words
from nas.space.load import load_space

ROOT = Path(__file__).resolve().parents[3]


def test_every_shipped_space_has_a_line() -> None:
    lines = {line.space: line for line in spaces_page()}
    assert set(lines) == set(names())
    cell = lines["cell"]
    assert (cell.year, cell.parameters, cell.references, cell.profiles) == (2020, 1, 3, ["digits"])
    assert cell.points == "5^6 = 15,625 points"
    assert cell.source == (
        "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search, Dong & Yang"
    )
    json.dumps(plain(spaces_page()))


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ("cell", "5^6 = 15,625 points"),
        ("resnet", "81,920 points"),
        ("efficientnet-scaling", "21 × 9 = 189 points, of which 84 keep the rules on parameters"),
        ("lenet", "15^2 × 2 × 2 × 2 = 1,800 points, of which 960 keep the rules on parameters"),
        ("regnet", "17 × 14 × 129 × 121 × 6 × 2 = 44,579,304 points; some break a rule"),
    ],
)
def test_cardinality_in_words(space: str, said: str) -> None:
    assert cardinality(load_space(space)) == said


def test_cardinality_where_nobody_can_count(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    text = "space: own\nabout: A test.\narchitecture: [flatten, linear: {out: =input.classes}]\nparameters:\n"
    file.write_text(text + "  p: {float: [0, 1]}\n  q: {choice: [1, 2]}\n")
    assert cardinality(load_space(file)) == "a continuum: p is a real number"
    file.write_text(text + "  p: {choice: [1]}\nconstraints: [params <= 10]\n")
    assert cardinality(load_space(file)) == "1 point; rules on costs refuse more"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("params <= 10e6", "the number of parameters must be at most 10,000,000"),
        (
            "macs < refs.resnet50.macs",
            "the number of multiply-adds must be below the number of multiply-adds of resnet50",
        ),
        ("1 <= width <= 64", "width must be between 1 and 64"),
        ("a > b and b != 0.5", "a must be above b and b must be other than 0.5"),
        ("(a > b or c) and d", "(a > b or c) and d"),
        ("true in gated", "true in gated"),
        ("not a", "not a"),
        ("x = = 1", "x = = 1"),
    ],
)
def test_constraints_in_words(rule: str, said: str) -> None:
    assert constraint_in_words(rule) == said


def test_rules_of_a_space_in_words() -> None:
    rules = {rule.name or rule.formula: rule for rule in space_page("efficientnet-scaling").rules}
    assert rules["alpha"].words == "a number from 1 to 2 in steps of 0.05"
    assert rules["alpha"].formula == "{float: [1, 2], step: 0.05}"
    assert rules["gamma"].kind == "equation"
    assert rules["gamma"].formula == "alpha * beta**2 * gamma**2 = 2"
    assert rules["gamma"].words.startswith("is the number from 1 to 2 that solves the equation")
    assert rules["depth"].words == "follows from alpha and phi"
    assert rules["input.size"].words == "follows from resolution"
    order = {rule.name: rule for rule in space_page("resnet").rules}["order"]
    assert order.words == "one of post, pre; only where shortcut is other than 'none'"


@pytest.mark.parametrize("space", names())
@pytest.mark.parametrize("data", [None, "digits"])
def test_the_defaults_of_a_form_are_a_feasible_point(space: str, data: str | None) -> None:
    page = space_page(space, data=data)
    json.dumps(plain(page))
    assert [field.name for field in page.form] == list(loaded(space, data=data).parameters)
    point = {field.name: field.default for field in page.form}
    loaded_space = loaded(space, data=data)
    assert loaded_space.architecture(completed(loaded_space, point)).cost.params > 0
    assert all(field.length == len(field.default) for field in page.form if field.kind == "vector")


def test_fields_of_a_form() -> None:
    fields = {field.name: field for field in space_page("resnet").form}
    depths, order, widen = fields["depths"], fields["order"], fields["widen"]
    assert (depths.kind, depths.element, depths.low, depths.high, depths.step) == ("vector", "int", 1, 8, 1)
    assert (depths.length, depths.default) == (4, [2, 2, 2, 2])
    assert (order.kind, order.choices, order.when) == ("choice", ["post", "pre"], "shortcut != 'none'")
    assert (widen.choices, widen.low) == ([1, 2], None)


def test_a_page_as_profile_and_data_set_make_it() -> None:
    page = space_page("resnet", data="digits")
    assert page.profile == "digits"
    assert page.view.input["channels"] == 1
    assert "digits" in page.datasets
    assert not any(":" in name for name in page.datasets)
    assert page.yaml.startswith("# More layers made plain networks worse")


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "/etc/passwd.yaml", "search_spaces/vgg.yaml", "./vgg.yaml", "", "VGG", "vgg\0"],
)
def test_a_path_is_no_space(path: str) -> None:
    with pytest.raises(UnknownNameError):
        space_page(path)
    with pytest.raises(UnknownNameError):
        envelope(path)


@pytest.mark.parametrize("data", ["npz:/etc/passwd", "imagefolder:/", "hf:x/y", "nothing"])
def test_a_path_is_no_data_set(data: str) -> None:
    with pytest.raises(UnknownNameError):
        space_page("vgg", data=data)


def test_a_space_is_loaded_once() -> None:
    assert loaded("vgg", settings={"batch_norm": True}) is loaded("vgg", settings={"batch_norm": True})
    assert loaded("vgg", settings={"batch_norm": True}) is not loaded("vgg", settings={"batch_norm": False})
    with pytest.raises(NasError, match="settings"):
        loaded("vgg", settings={"batch_norm": {1}})


def test_the_envelope_holds_what_was_priced() -> None:
    found = envelope("lenet", count=50)
    assert found.drawn == 50
    assert found.acceptance == len(found.points) / 50
    assert found.params is not None
    assert found.params.low == min(found.ys)
    assert (
        found.params.low <= found.params.q25 <= found.params.median <= found.params.q75 <= found.params.high
    )
    space = load_space("lenet")
    first = space.architecture({**found.points[0], "maps": tuple(found.points[0]["maps"])})
    assert (first.cost.macs, first.cost.params) == (found.xs[0], found.ys[0])
    assert [(r.name, r.params) for r in found.references] == [("lenet5", 61706)]
    assert envelope("lenet", count=50) is found
    assert envelope("lenet", data="digits", count=5).references == []


def test_samples_are_feasible_and_the_same_for_a_seed() -> None:
    cards = samples("lenet", count=3, seed=7)
    assert [card.point for card in cards] == [card.point for card in samples("lenet", count=3, seed=7)]
    assert [card.point for card in cards] != [card.point for card in samples("lenet", count=3, seed=8)]
    assert all(card.svg.startswith('<svg class="nas-drawing"') and card.cost["params"] > 0 for card in cards)
    with pytest.raises(NasError, match="count 0"):
        samples("lenet", count=0)


def test_pages_of_spaces_are_light() -> None:
    heavy = ("torch", "ray", "optuna")
    code = (
        "import sys; from nas.service.views import playground, space, spaces;"
        "space.space_page('lenet', data='digits'); playground.price_point('lenet');"
        f"sys.exit(str([m for m in {heavy} if m in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr.strip() == ""
