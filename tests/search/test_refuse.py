"""What is refused before it costs anything."""

import pytest

from nas.errors import InfeasibleError
from nas.search.refuse import Pricer, Refusals
from nas.search.samplers import Proposal
from tests.search.spaces import spec_of, tiny


def test_a_candidate_has_all_that_its_trial_needs() -> None:
    space = tiny()
    pricer = Pricer(space, spec_of(space))
    point = {"width": 16, "lr": 0.01}
    candidate = pricer.candidate(Proposal(5, point))
    architecture = space.architecture(point)
    assert candidate.arch_id == architecture.arch_id
    assert candidate.cost["params"] == architecture.cost.params
    assert (candidate.draw, candidate.labels) == (5, point)
    assert pricer.candidate(Proposal(6, point)).key == candidate.key


def test_a_searched_recipe_makes_another_trial_of_the_same_network() -> None:
    space = tiny()
    pricer = Pricer(space, spec_of(space))
    one, two = (pricer.candidate(Proposal(0, {"width": 16, "lr": lr})) for lr in (0.01, 0.02))
    assert one.arch_id == two.arch_id
    assert one.key != two.key


def test_infeasible_points_are_refused_every_time_with_the_rule() -> None:
    space = tiny(constraints=["width < 10"])
    pricer = Pricer(space, spec_of(space))
    for _ in range(2):
        with pytest.raises(InfeasibleError) as caught:
            pricer.candidate(Proposal(0, {"width": 16, "lr": 0.01}))
        assert caught.value.reason == "width < 10"


def test_a_network_gets_as_many_keys_and_seeds_as_trials() -> None:
    space = tiny()
    pricer = Pricer(space, spec_of(space, repeat=3))
    found = pricer.repeats(Proposal(5, {"width": 16, "lr": 0.01}))
    assert len({candidate.key for candidate in found}) == len({candidate.seed for candidate in found}) == 3
    assert {candidate.draw for candidate in found} == {5}
    once = Pricer(space, spec_of(space)).candidate(Proposal(5, {"width": 16, "lr": 0.01}))
    assert once == found[0]


def test_refusals_are_counted_and_forgiven() -> None:
    refusals = Refusals()
    for _ in range(11):
        refusals.refuse("duplicate")
    assert (refusals.stuck, refusals.exhausted) == (True, False)
    assert refusals.take() == {"duplicate": 11}
    assert refusals.take() == {}
    refusals.accept(7)
    refusals.accept(7)
    assert (refusals.stuck, refusals.acceptance) == (False, 1 / 12)


def test_known_networks_exhaust_a_space_sooner_than_broken_rules() -> None:
    refusals = Refusals()
    for reason in ["duplicate"] * 999 + ["params <= 10"] * 99_000:
        refusals.refuse(reason)
    assert not refusals.exhausted
    refusals.refuse("duplicate")
    assert refusals.exhausted
    said = "the last 100,000 points drawn gave no new network (params <= 10 99,000, duplicate 1,000)"
    assert refusals.why() == said
    refusals.begin(before=20)
    assert (refusals.stuck, refusals.exhausted) == (True, False)
    for _ in range(100_000):
        refusals.refuse("params <= 10")
    assert refusals.exhausted
