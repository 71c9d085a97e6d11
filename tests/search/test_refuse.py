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


def test_refusals_are_counted_and_forgiven() -> None:
    refusals = Refusals(patience=20)
    for _ in range(11):
        refusals.refuse("duplicate")
    assert (refusals.stuck, refusals.exhausted) == (True, False)
    assert refusals.take() == {"duplicate": 11}
    assert refusals.take() == {}
    refusals.accept()
    assert not refusals.stuck
    for reason in ["a"] * 15 + ["b"] * 5:
        refusals.refuse(reason)
    assert refusals.exhausted
    assert refusals.reasons() == "a 15, b 5"
