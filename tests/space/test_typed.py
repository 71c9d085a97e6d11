"""What is shown can be typed back, and what is typed means what its domain says."""

from typing import Any

import numpy as np
import pytest

import nas
from nas.errors import NasError, PointError, SpaceError
from nas.service.plain import settings as shown
from nas.service.values import settings as parsed
from nas.space.domains import Choice
from nas.space.load import shipped_names
from nas.space.typed import typed, words
from tests.space.making import space

CONV = {"conv": {"out": "=w", "kernel": 1}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2,2,3", [2, 2, 3]),
        ("[conv3, none,1]", ["conv3", None, 1]),
        ("[[1,3],[6,3]]", [[1, 3], [6, 3]]),
        ("[1,3],[6,3]", [[1, 3], [6, 3]]),
        ("[3]", [3]),
        ("=max(1, 2)", "=max(1, 2)"),
        ("[" * 5000, "[" * 5000),
        ("a[1", "a[1"),
    ],
)
def test_lists_are_typed_with_commas(text: str, value: Any) -> None:
    assert typed(text) == value


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        3,
        0.1 + 0.2,
        1e-7,
        "conv3",
        [],
        [3],
        [2, 3],
        [[1, 3], [6]],
        [[[1]], []],
        [["a", "b, c"], [True]],
    ],
)
def test_words_are_read_back(value: Any) -> None:
    assert typed(words(value)) == value
    assert parsed([f"x={words(value)}"])["x"] == value


@pytest.mark.parametrize("name", shipped_names())
def test_a_printed_point_is_typed_back(name: str, rng: np.random.Generator) -> None:
    """Sample, print, type: the same point, in all spaces and profiles."""
    import shlex

    for profile in [None, *nas.load_space(name).model.profiles]:
        made = nas.load_space(name, profile=profile)
        for _ in range(5):
            point = made.sample(rng)
            again = nas.load_space(name, profile=profile, settings=parsed(shlex.split(shown(point))))
            assert {key: again.resolved.constants[key] for key in point} == point
            assert not again.outside()
            assert again.fixed({}).arch_id == made.architecture(point).arch_id
            assert nas.Space.from_document(again.document).document == again.document


@pytest.mark.parametrize(
    ("choice", "text", "value"),
    [
        (["projection", "identity", "none"], "none", "none"),
        (["projection", None], "null", None),
        (["true", "maybe"], "true", "true"),
        ([False, True], "no", False),
        ([False, True], "YES", True),
        ([False, True], "False", False),
        (["1", "2"], "1", "1"),
        ([1, 2], "1", 1),
        ([[1, 2], [3]], "1,2", (1, 2)),
    ],
)
def test_a_word_of_the_choice_wins(choice: list[Any], text: str, value: Any) -> None:
    made = space(
        CONV, constants={"w": 1}, parameters={"x": {"choice": choice}}, settings=parsed([f"x={text}"])
    )
    found = made.resolved.constants["x"]
    assert (found, type(found)) == (value, type(value))


def test_a_vector_is_read_word_by_word() -> None:
    parameters = {"op": {"choice": ["none", "conv3", "skip"], "length": 3}}
    for text in ("[conv3,none,skip]", "conv3,none,skip", '["conv3","none","skip"]'):
        made = space(parameters=parameters, settings=parsed([f"op={text}"]))
        assert made.resolved.constants["op"] == ("conv3", "none", "skip")
    with pytest.raises(
        PointError, match="op = conv3,5,skip: 5 cannot be there, it is one of none, conv3, skip"
    ):
        space(parameters=parameters, settings=parsed(["op=conv3,5,skip"]))


def test_a_choice_keeps_kinds_apart() -> None:
    assert Choice((0, 1)).read(True) is True  # which is then refused
    assert not Choice((0, 1)).suits(True)
    with pytest.raises(PointError, match="x = true: it is one of 0, 1"):
        space(parameters={"x": {"choice": [0, 1]}}, settings=parsed(["x=true"]))


def test_constants_that_are_true_or_false_take_yes_and_no() -> None:
    assert (
        space(constants={"small": False}, settings=parsed(["small=yes"])).resolved.constants["small"] is True
    )


VECTOR: dict[str, Any] = {
    "parameters": {"n": {"int": [1, 3]}, "w": {"int": [1, 9], "length": "n"}},
    "constants": {"m": 2},
}


def test_vectors_have_their_length() -> None:
    fixed: dict[str, Any] = {"parameters": {"w": {"int": [1, 9], "length": "m"}}, "constants": {"m": 3}}
    with pytest.raises(
        PointError, match=r"w = 1,1: it is a list of 3 \(m\) values; type e\.g\. --set 'w=1,1,1'"
    ):
        space(**fixed, settings={"w": [1, 1]})
    with pytest.raises(PointError, match=r"w = 7: it is a list of 3"):
        space(**fixed, settings={"w": 7})
    references = {"a": {"set": {"w": [1, 2]}}}
    with pytest.raises(SpaceError, match=r"test\.yaml: references\.a\.set\.w: w = 1,2: it is a list of 3"):
        space(**fixed, references=references).reference("a")
    with pytest.raises(SpaceError, match=r"references\.a\.set\.w: .*x cannot be there, it is a whole number"):
        space(**fixed, references={"a": {"set": {"w": [1, "x", 2]}}}).reference("a")
    assert space(**fixed, references={"a": {"set": {"w": [1, 99, 2]}}}).reference("a").cost.params


def test_a_length_that_is_searched_becomes_a_rule(rng: np.random.Generator) -> None:
    made = space(**VECTOR, settings={"w": [4, 5]})
    assert {made.sample(rng)["n"] for _ in range(20)} == {2}


def test_what_is_not_active_is_not_set() -> None:
    parameters = {"kind": {"choice": ["a", "b"]}, "w": {"int": [1, 9], "when": "kind == 'b'"}}
    with pytest.raises(PointError, match="w = 3: it is there only when kind == 'b'; leave it out"):
        space(parameters=parameters, settings={"kind": "a", "w": 3})
    assert space(parameters=parameters, settings={"w": 3}).parameters.keys() == {"kind"}


def test_the_input_can_be_set() -> None:
    made = space(CONV, constants={"w": 3}, settings=parsed(["input.size=12", "input.classes=5"]))
    assert made.input == (4, 12, 5)
    assert made.document["set"] == {"input.size": 12, "input.classes": 5}
    with pytest.raises(
        NasError, match="no name 'input.sise' to set: the input has .*did you mean 'input.size'"
    ):
        space(settings=parsed(["input.sise=12"]))
    with pytest.raises(SpaceError, match="input.size: 'big' is not a whole number"):
        space(settings=parsed(["input.size=big"]))
    tiny = nas.records.DataInfo("tiny", 1, 8, 10)
    with pytest.raises(PointError, match=r"input\.classes = 5: the data set tiny has 10"):
        space(data=tiny, settings=parsed(["input.classes=5"]))


def test_a_forgotten_equals_sign_is_told_where_it_is_missing() -> None:
    with pytest.raises(
        SpaceError, match=r"conv\.out: '2 \* w' is only a word here: did you forget the '='\?"
    ):
        space({"conv": {"out": "2 * w", "kernel": 1}}, constants={"w": 3})
    block = {"b": {"args": {"out": None}, "body": [{"conv": {"out": "=out", "kernel": 1}}]}}
    with pytest.raises(SpaceError, match=r"architecture\[0\]\.b\.out: 'w' is only a word here"):
        space({"b": {"out": "w"}}, constants={"w": 3}, define=block)
    with pytest.raises(SpaceError, match="must be a whole number, not 'many': an expression begins with ="):
        space({"b": {"out": "many"}}, define=block).architecture({})


def test_a_reference_says_which_name_it_lacks() -> None:
    made = space(CONV, parameters={"w": {"int": [1, 9]}}, references={"bare": {}})
    with pytest.raises(
        SpaceError, match=r"test\.yaml: references\.bare: it sets no w, which its network needs"
    ):
        made.reference("bare")


def test_a_domain_tells_all_of_itself() -> None:
    made = space(parameters={"lr": {"float": [0.001, 0.1], "log": True}, "w": {"int": [1, 64], "log": True}})
    assert str(made.parameters["lr"].domain) == "a number from 0.001 to 0.1, on a logarithmic scale"
    assert str(made.parameters["w"].domain).endswith("64, on a logarithmic scale")
