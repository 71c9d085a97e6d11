"""Families: the published one exactly, a study's, members without a solution, costs solved by search."""

from pathlib import Path

import pytest

import nas
from nas.errors import NasError
from nas.service.engines import EngineOptions
from nas.service.families import Family, FamilyOptions, family, values
from nas.service.run import run
from nas.service.scaling import Base, member, of_space
from nas.service.scaling_to import STEP, solve
from nas.service.specify import SearchOptions, specify
from nas.service.studies import start
from nas.store import Store

SPACE = "efficientnet-scaling"
PUBLISHED = {
    "efficientnet_b0": (1.0, 1.0, 224, 5288548),
    "efficientnet_b1": (1.1, 1.0, 240, 7794184),
    "efficientnet_b2": (1.2, 1.1, 260, 9109994),
    "efficientnet_b3": (1.4, 1.2, 300, 12233232),
    "efficientnet_b4": (1.8, 1.4, 380, 19341616),
    "efficientnet_b5": (2.2, 1.6, 456, 30389784),
    "efficientnet_b6": (2.6, 1.8, 528, 43040704),
    "efficientnet_b7": (3.1, 2.0, 600, 66347960),
}
"""Depth, width, resolution and parameters, as their authors released them."""


@pytest.fixture(scope="module")
def paper() -> Base:
    return of_space(SPACE, reference="paper")


@pytest.fixture(scope="module")
def beside() -> Family:
    return family(FamilyOptions(asked=SPACE, reference="paper", phi="0..2", published=True))


def test_the_published_coefficients_give_the_published_family_exactly() -> None:
    asked = tuple(f"depth={d} width={w} resolution={r}" for d, w, r, _ in PUBLISHED.values())
    found = family(FamilyOptions(asked=SPACE, members=asked)).members
    assert [row.cost["params"] for row in found] == [params for *_, params in PUBLISHED.values()]
    references = [nas.load_space(SPACE).reference(name) for name in PUBLISHED]
    assert [row.cost["macs"] for row in found] == [made.cost.macs for made in references]
    assert [row.arch_id for row in found] == [made.arch_id for made in references]
    assert found[0].cost["macs"] == 385814752


def test_the_published_family_beside_the_computed_one(beside: Family) -> None:
    assert [row.name for row in beside.published] == list(PUBLISHED)
    for row in beside.published:
        depth, width, resolution, params = PUBLISHED[row.name]
        assert row.network.values == {"depth": depth, "width": width, "resolution": resolution}
        assert row.network.cost["params"] == params
        assert set(row.confirmed) == set(row.published) - {"top1"}
        assert row.nearest is not None
        assert abs(row.nearest.cost["macs"] / row.network.cost["macs"] - 1) < 0.06


def test_where_the_published_coefficients_lie_on_the_rule(beside: Family) -> None:
    """B2 is phi = 1 rounded; beyond it the three were rounded apart, so that no phi gives them."""
    at = {row.name: row.on_rule for row in beside.published}
    assert at["efficientnet_b0"] == {"depth": 0, "width": 0, "resolution": 0}
    assert at["efficientnet_b2"]["depth"] == at["efficientnet_b2"]["width"] == pytest.approx(1, abs=0.01)
    assert at["efficientnet_b7"]["width"] - at["efficientnet_b7"]["depth"] > 0.5


def test_phi_is_what_the_space_makes_of_it(paper: Base) -> None:
    rows = family(FamilyOptions(asked=SPACE, reference="paper")).members
    assert [row.phi for row in rows] == list(range(8))
    for row in rows:
        phi = row.phi or 0
        made = nas.load_space(SPACE).member({"alpha": 1.2, "beta": 1.1, "gamma": 1.15, "phi": phi})
        assert (row.arch_id, row.cost["macs"]) == (made.arch_id, made.cost.macs)
        expected = {"depth": 1.2**phi, "width": 1.1**phi, "resolution": round(224 * 1.15**phi)}
        assert row.values == pytest.approx(expected)
        assert row.size == expected["resolution"]
    assert paper.fixed == {"alpha": 1.2, "beta": 1.1, "gamma": 1.15}


@pytest.mark.parametrize("text", ["macs=4G", "macs=386M", "params=20M", "macs=100M"])
def test_a_cost_is_solved_to_the_nearest_step(paper: Base, text: str) -> None:
    """By going through every step in the neighbourhood."""
    cost, target = text.split("=")[0], {"G": 1e9, "M": 1e6}[text[-1]] * float(text.split("=")[1][:-1])
    found = solve(paper, text)
    assert found.phi is not None
    around = [member(paper, round(found.phi + i * STEP, 2)) for i in range(-6, 7)]
    assert around[6] == found
    assert abs(found.cost[cost] - target) == min(abs(row.cost[cost] - target) for row in around)


@pytest.mark.parametrize(("by", "text"), [("hidden", "params=100M"), ("width", "macs=4G")])
def test_a_cost_is_solved_where_a_constant_cannot_be_zero(by: str, text: str) -> None:
    """The one has whole numbers alone, of the other any make a network."""
    found = solve(of_space("vgg", reference="vgg16", by=by), text)
    cost, target = text.split("=")[0], {"G": 1e9, "M": 1e6}[text[-1]] * float(text.split("=")[1][:-1])
    assert abs(found.cost[cost] / target - 1) < 0.01


def test_one_input_for_all_members() -> None:
    found = family(FamilyOptions(asked=SPACE, reference="paper", phi="0,2", size=200))
    assert [row.size for row in found.members] == [200, 200]
    assert found.names == ["depth", "width"]


def test_any_number_can_be_varied() -> None:
    settings = {"version": 1, "resolution": 224}
    found = family(FamilyOptions(asked="mobilenet", by="alpha", settings=settings, phi="0.25,0.5,1"))
    references = [nas.load_space("mobilenet").reference(f"mobilenetv1_{n}") for n in ("025", "050", "100")]
    assert [row.arch_id for row in found.members] == [made.arch_id for made in references]


def test_a_member_that_cannot_be_says_why() -> None:
    settings = {"alpha": 1.9, "beta": 1.4}
    rows = family(FamilyOptions(asked=SPACE, settings=settings, phi="0..1")).members
    assert all("gamma has no solution" in row.refused for row in rows)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"asked": SPACE}, "leaves alpha, beta open: .*--set alpha=.* --reference paper"),
        ({"asked": "vgg", "reference": "vgg16"}, "vgg has no constant phi .*--by width,.*efficientnet"),
        ({"asked": SPACE, "reference": "efficientnet_b3"}, "changes no network here: depth, width, resol"),
        ({"asked": SPACE, "reference": "paper", "by": "stages"}, "no number of this name.*phi, base, stem"),
        ({"asked": SPACE, "reference": "paper", "phi": "0-7"}, "--phi 0-7: type whole numbers.*--phi 0..7"),
        ({"asked": SPACE, "reference": "paper", "phi": "0..400"}, "401 members; a family has 1 to 100"),
        ({"asked": SPACE, "reference": "paper", "phi": "0..99999999999"}, "100,000,000,000 members; a fam"),
        ({"asked": SPACE, "reference": "paper", "phi": f"0..{'9' * 40}"}, "type whole numbers"),
        ({"asked": SPACE, "reference": "paper", "phi": "0,nan"}, "--phi 0,nan: type whole numbers"),
        ({"asked": SPACE, "reference": "paper", "size": 0}, "--resolution 0: it is a whole number from 1"),
        ({"asked": SPACE, "reference": "paper", "phi": "1", "to": "macs=4G"}, "--to solves phi; say one"),
        ({"asked": SPACE, "reference": "paper", "to": "macs"}, "--to 'macs' is not of the form"),
        ({"asked": SPACE, "reference": "paper", "to": "error=1"}, "unknown cost 'error'.*macs"),
        ({"asked": SPACE, "reference": "paper", "to": "macs=1"}, "has 565,520 macs at phi = -16"),
        ({"asked": SPACE, "reference": "paper", "to": "macs=4G", "step": 0.0}, "--step 0: it is a number"),
        ({"asked": SPACE, "reference": "paper", "phi": "0,7..1"}, "--phi 0,7..1: .* type --phi 1..7"),
        ({"asked": SPACE, "reference": "paper", "phi": "0,,1"}, "--phi 0,,1: type whole numbers"),
        ({"asked": SPACE, "reference": "paper", "phi": "7..0"}, "--phi 7..0: .* type --phi 0..7"),
        ({"asked": SPACE, "members": ("depth=abc",)}, "--member depth=abc: 'abc' is no number"),
        ({"asked": SPACE, "members": ("depth",)}, "--member 'depth' is not of the form name=value"),
        ({"asked": "mobilenet", "reference": "mobilenet_v2", "by": "last", "phi": "0", "published": True},
         "--published: no reference of mobilenet"),
        ({"asked": "eficientnet-scaling"}, "is no space.*did you mean 'efficientnet-scaling'.*as a study"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_with_what_to_type(options: dict[str, object], said: str, store: Store) -> None:
    with pytest.raises(NasError, match=said):
        family(FamilyOptions(store=store.url, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["0..3", "0,1,2,3", " 0, 1,2,3", "0..2,3", "0..1,1..3"])
def test_values_of_the_constant(text: str) -> None:
    assert values(text) == [0, 1, 2, 3]


def test_a_study_is_scaled_from_its_best_trial(store: Store, tmp_path: Path) -> None:
    asked = SearchOptions(space=SPACE, evaluator="cost", objective="macs:max", sampler="random")
    start(store, specify(asked), "s", 4)
    run(store, "s", EngineOptions(engine="inline"), compare=False)
    row = store.study("s")
    best = store.best(row.id)[0]
    found = family(FamilyOptions(asked="s", store=store.url, phi="1"))
    assert (found.study, found.source) == ("s", f"the best, trial {best.number} of s")
    assert (found.members[0].arch_id, found.members[0].cost["macs"]) == (best.arch_id, best.macs)
    other = family(FamilyOptions(asked="s", store=store.url, phi="1", trial=1 + best.number % 4))
    assert other.members[0].arch_id == store.trial(row.id, 1 + best.number % 4).arch_id
    published = family(FamilyOptions(asked="s", store=store.url, phi="0", published=True))
    assert published.members[0].cost["params"] == 5288548
    with pytest.raises(NasError, match="a study has what it was searched with"):
        family(FamilyOptions(asked="s", store=store.url, data="digits"))


def test_a_study_without_a_result_says_what_to_do(store: Store) -> None:
    start(store, specify(SearchOptions(space=SPACE, evaluator="cost", objective="macs")), "s", 4)
    with pytest.raises(NasError, match=r"s has no complete trial|no complete trial"):
        family(FamilyOptions(asked="s", store=store.url))
