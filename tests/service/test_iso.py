"""All networks of a space at one cost."""

import numpy as np
import pytest

import nas
from nas.errors import InfeasibleError, NasError, SpaceError, UnknownNameError
from nas.service.iso import WITHIN, at_cost
from nas.service.specify import SearchOptions, specify
from nas.space.load import shipped_names
from nas.space.schema import Where
from nas.space.space import Space
from tests.search.spaces import tiny
from workers.data import dataset

DIGITS = dataset("digits").info
ABLE = [name for name in shipped_names() if nas.load_space(name).model.iso]


def middle(space: Space, cost: str) -> int:
    """What a middling network of the space costs."""
    rng, found = np.random.default_rng(1), list[int]()
    while len(found) < 15:
        try:
            found.append(getattr(space.architecture(space.draw(rng)).cost, cost))
        except InfeasibleError:
            continue
    return int(np.median(found))


def test_every_family_with_widths_offers_it() -> None:
    assert set(shipped_names()) - set(ABLE) == {"linear"}


@pytest.mark.parametrize("cost", ["macs", "params"])
@pytest.mark.parametrize("name", ABLE)
def test_points_cost_the_same_within_five_percent(name: str, cost: str) -> None:
    plain = nas.load_space(name, data=DIGITS)
    target = middle(plain, cost)
    space = at_cost(plain, f"{cost}={target}")
    assert next(iter(plain.model.iso)) not in space.parameters
    rng = np.random.default_rng(0)
    for _ in range(20):
        found = getattr(space.architecture(space.sample(rng)).cost, cost)
        assert abs(found / target - 1) <= WITHIN


@pytest.mark.parametrize("name", ABLE)
def test_published_networks_stay_what_they_are(name: str) -> None:
    plain = nas.load_space(name, data=DIGITS)
    space = at_cost(plain, f"macs={middle(plain, 'macs')}")
    for reference in list(plain.references)[:4]:
        assert space.reference(reference).arch_id == plain.reference(reference).arch_id


@pytest.mark.parametrize("name", ["vgg", "resnet", "googlenet"])
def test_a_value_out_of_reach_is_told_with_the_reach(name: str) -> None:
    space = nas.load_space(name, data=DIGITS)
    reach = rf"--iso macs=400T: networks of {name} on digits have [\d,]+ to [\d,]+ macs"
    with pytest.raises(NasError, match=reach):
        at_cost(space, "macs=400T")


def test_what_cannot_be_is_one_message() -> None:
    vgg = nas.load_space("vgg", data=DIGITS)
    with pytest.raises(NasError, match=r"space linear does not say .*; these do: alexnet, .*vgg, zfnet"):
        at_cost(nas.load_space("linear", data=DIGITS), "macs=1k")
    with pytest.raises(UnknownNameError, match="--iso mac=1M: unknown cost 'mac'.*did you mean 'macs'"):
        at_cost(vgg, "mac=1M")
    with pytest.raises(NasError, match="--iso 'macs' is not of the form"):
        at_cost(vgg, "macs")
    with pytest.raises(NasError, match=r"width follows from it, so leave out --set width=…"):
        at_cost(vgg.variant({"width": 8}), "macs=1M")


def test_a_search_is_for_the_solved_space() -> None:
    spec = specify(SearchOptions(space="vgg", evaluator="cost", objective="params", iso="macs=2M"))
    space = Space.from_document(spec.space)
    assert space.model.derived["width"].solve == "macs = 2000000"  # type: ignore[union-attr]
    assert space.answer.show == ["convs", "batch_norm", "width"]
    found = space.sample(np.random.default_rng(0))
    assert abs(space.architecture(found).cost.macs / 2e6 - 1) <= WITHIN


def test_a_parameter_is_searched_no_more() -> None:
    space = tiny(iso={"width": {"domain": [1, 500]}})
    solved = at_cost(space, "params=5k")
    assert list(solved.parameters) == ["lr"]
    assert solved.architecture({"lr": 0.01}).cost.params == pytest.approx(5000, rel=WITHIN)


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ({"width": {"domain": [0, 5]}}, "with 0 < low"),
        ({"width": {"domain": [1, 5], "step": 0}}, "step: above 0"),
        ({"width": {"domain": [1, 5]}, "lr": {"domain": [1, 5]}}, "at most 1"),
        ({"width": {"low": 1}}, "unknown key 'low'"),
    ],
)
def test_a_wrong_key_is_told(iso: object, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        Space({**tiny().raw, "iso": iso}, Where("tiny"))
