"""Grids, quasi-random points, and evolution by themselves."""

import numpy as np
import pytest

from nas.errors import SamplerError
from nas.records import AttemptEnd, TrialState
from nas.search.abilities import check_sampler
from nas.search.axes import quantile
from nas.search.history import Past
from nas.search.lattice import LEVELS, Lattice, levels
from nas.search.samplers import SAMPLERS, Ask
from nas.search.samplers.evolution import POPULATION
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.moves import neighbour, neighbours
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.playing import play, small_is_bad
from tests.search.spaces import conditional, tiny


def test_a_round_visits_every_point_once() -> None:
    for space in (conditional(), tiny({"width": {"int": [1, 30]}}), tiny()):
        lattice = Lattice(space)
        points = {repr(lattice.point(place)) for place in range(lattice.total)}
        assert len(points) == lattice.total
    assert Lattice(conditional()).total == conditional().counter.total
    assert Lattice(tiny()).total == 200 * LEVELS


def test_it_leaves_out_what_breaks_a_rule_on_parameters() -> None:
    space = tiny({"width": {"int": [1, 20]}, "b": {"int": [1, 20]}}, ["width * b == 24"])
    lattice = Lattice(space)
    assert {lattice.point(i)["width"] for i in range(lattice.total)} == {2, 3, 4, 6, 8, 12}
    assert lattice.total == 6


def test_half_a_round_has_been_everywhere() -> None:
    space = tiny({"width": {"int": [1, 30]}, "b": {"int": [1, 30]}})
    ask = Ask(space=space, history=[], seed=4, draw=0, count=90)
    points = [item.point for item in SAMPLERS["grid"]().propose(ask).items]
    for name in ("width", "b"):
        assert len({point[name] for point in points}) >= 27


def test_levels_of_numbers_without_steps() -> None:
    assert levels(Float(0.0, 1.0)) == Choice((0.0, 0.25, 0.5, 0.75, 1.0))
    found = levels(Float(1e-4, 1.0, log=True))
    assert isinstance(found, Choice)
    assert np.allclose(found.values, [1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    assert levels(Float(0.0, 1.0, step=0.5)) == Float(0.0, 1.0, step=0.5)


def test_a_spent_grid_exhausts_its_study(make_study: MakeStudy, store: Store) -> None:
    space = tiny({"width": {"int": [1, 9]}, "b": {"choice": [1, 2]}}, ["width != 4"])
    study = make_study(space, budget=100, sampler="grid")
    with study.joined():
        while requests := study.ask(3):
            ends = [AttemptEnd(r.number, r.attempt, {"error": 1.0}) for r in requests]
            study.tell([study.outcome(end, wall_s=0.1) for end in ends])
    assert study.proposer.refusals.exhausted
    widths = [row.point["width"] for row in store.trials(study.row.id)]
    assert sorted(widths) == [1, 2, 3, 5, 6, 7, 8, 9]


def test_an_uncountable_space_has_no_grid() -> None:
    lengths = {f"n{i}": {"int": [1, 30]} for i in range(4)}
    vectors = {f"v{i}": {"int": [1, 9], "length": "n0 + n1 + n2 + n3"} for i in range(2)}
    with pytest.raises(SamplerError, match="sampler 'grid' cannot count the points of tiny"):
        check_sampler("grid", tiny({"width": {"int": [1, 4]}, **lengths, **vectors}))


# Quasi-random points


@pytest.mark.parametrize(
    "domain",
    [
        Choice(("a", "b", "c")),
        Int(3, 21, 3),
        Int(1, 50, log=True),
        Float(0.0, 1.0, 0.1),
        Float(1.0, 3.0),
        Float(1e-3, 1.0, log=True),
    ],
    ids=str,
)
def test_quantiles_follow_the_law_of_draws(domain: Domain) -> None:
    rng = np.random.default_rng(0)
    found = [quantile(domain, (i + 0.5) / 2000) for i in range(2000)]
    assert all(
        domain.contains(value) for value in [*found, quantile(domain, 0.0), quantile(domain, 1 - 1e-16)]
    )
    drawn = [domain.sample(rng) for _ in range(2000)]
    if isinstance(domain, Choice):
        assert abs(found.count("a") - drawn.count("a")) < 120
    else:
        for share in (0.25, 0.5, 0.75):
            apart = abs(float(np.quantile(found, share)) - float(np.quantile(drawn, share)))
            assert apart <= 0.06 * (domain.high - domain.low)


def test_quasirandom_points_are_more_even_than_chance() -> None:
    space = tiny({"x": {"float": [0.0, 1.0]}, "y": {"float": [0.0, 1.0]}, "width": {"int": [1, 4]}})
    filled = {}
    for name in ("quasirandom", "random"):
        points = [p.labels for p in play(name, space, small_is_bad, 64, seed=2)]
        filled[name] = len({(int(p["x"] * 8), int(p["y"] * 8)) for p in points})
    assert filled["quasirandom"] >= 60 > filled["random"]


# Evolution


def test_children_are_one_or_two_moves_from_the_living() -> None:
    space = tiny({f"x{i}": {"int": [0, 9]} for i in range(6)} | {"width": {"int": [1, 9]}})
    rows = play("random", space, small_is_bad, 3 * POPULATION)
    ask = Ask(space=space, history=rows, seed=1, draw=99, count=16)
    living = rows[-POPULATION:]
    for item in SAMPLERS["evolution"]().propose(ask).items:
        for label, value in space.labels(item.point).items():
            near = [any(p.labels[k] == v for p in living) for k, v in item.point.items() if k != label]
            assert sum(near) >= 5, (label, value)


def test_the_old_are_dead_however_good() -> None:
    space = tiny({"width": {"int": [1, 99]}, "b": {"choice": list(range(50))}})
    old = [Past(n, TrialState.COMPLETE, {"width": 7, "b": 49}, (-9.0,)) for n in range(1, 9)]
    young = [Past(n, TrialState.COMPLETE, {"width": 50, "b": 1}, (0.0,)) for n in range(9, 9 + POPULATION)]
    ask = Ask(space=space, history=[*old, *young], seed=1, draw=99, count=16)
    points = [item.point for item in SAMPLERS["evolution"]().propose(ask).items]
    assert all(point["width"] == 50 or point["b"] == 1 for point in points)


def test_a_neighbour_is_one_of_the_neighbours() -> None:
    space, rng = conditional(), np.random.default_rng(0)
    for _ in range(20):
        point = space.draw(rng)
        shapes = [set(space.labels(other)) for other in neighbours(space, point, rng)]
        assert set(space.labels(neighbour(space, point, rng))) in shapes
    fixed = tiny({"width": {"int": [3, 3]}})
    assert neighbour(fixed, {"width": 3}, rng) == {"width": 3}
