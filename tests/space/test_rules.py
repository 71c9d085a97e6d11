"""Which rules need what, and that those on parameters are asked before any network is made."""

import pytest

from nas.errors import InfeasibleError, SpaceError
from nas.space.space import Space
from tests.space.making import space

CONV = {"conv": {"out": "=w", "kernel": 1}}


def sorted_rules(made: Space) -> list[list[str]]:
    rules = made.compiled.rules
    return [[rule.text for rule in part] for part in (rules.cheap, rules.plain, rules.priced)]


def test_rules_are_sorted_by_what_they_need() -> None:
    made = space(
        {"conv": {"out": "=w + solved", "kernel": 1}},
        constants={"budget": 9000, "least": 1},
        parameters={"w": {"int": [1, 9]}, "n": {"int": [1, 3]}},
        derived={
            "solved": {"solve": "macs = budget", "domain": [1, 50]},
            "wide": "w * n",
            "twice": "2 * solved",
        },
        constraints=[
            "wide <= 20",
            "twice > n",
            "n <= refs.one.layers",
            "least == 1",
            "w * params > 9",
            "n < w",
        ],
        references={"one": {"set": {"w": 1, "n": 1}}},
    )
    cheap, plain, priced = sorted_rules(made)
    assert cheap == ["wide <= 20", "n < w"]
    assert plain == ["twice > n", "n <= refs.one.layers", "least == 1"]
    assert priced == ["w * params > 9"]
    assert [rule.parameters for rule in made.compiled.rules.cheap] == [{"w", "n"}, {"w", "n"}]


def test_nothing_is_lowered_for_a_point_that_breaks_a_cheap_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    made = space(CONV, parameters={"w": {"int": [1, 9]}}, constraints=["params > 0", "w % 2 == 0"])
    monkeypatch.setattr(made.compiled, "lower", None)
    with pytest.raises(InfeasibleError, match=r"w % 2 == 0: w is 3"):
        made.architecture({"w": 3})


def test_an_input_that_follows_from_parameters_is_a_rule_of_its_own() -> None:
    made = space(
        CONV,
        input={"channels": 4, "size": "=side", "classes": 10},
        parameters={"w": {"int": [1, 9]}, "a": {"float": [1.0, 4.0], "step": 0.5}},
        derived={"r": {"solve": "a * r**2 = 2", "domain": [1, 2]}, "side": "round(8 * r)"},
    )
    (rule,) = made.compiled.rules.early
    assert (rule.text, rule.parameters) == ("input.size", {"a"})
    assert not made.compiled.rules.cheap
    with pytest.raises(InfeasibleError, match="r has no solution"):
        made.architecture({"w": 1, "a": 3.0})
    assert made.narrowing.domains["a"].count == 3


@pytest.mark.parametrize("rule", ["w", "[1, 2][w] > 0", "w + 'a' > 1", "min([i for i in range(w - 9)]) > 0"])
def test_a_rule_that_is_wrong_somewhere_says_so_there(rule: str) -> None:
    made = space(CONV, parameters={"w": {"int": [1, 9]}}, constraints=["w > 3", rule])
    with pytest.raises(InfeasibleError, match="w > 3"):
        made.architecture({"w": 3})
    with pytest.raises(SpaceError, match=r"constraints: ['\"]"):
        made.architecture({"w": 4})
    assert made.compiled.rules.cheap[1].refuses(made.compiled.names_type({"w": 4})) is False
    assert made.compiled.rules.cheap[1].keeps(made.compiled.names_type({"w": 4})) is False
