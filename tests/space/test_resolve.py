"""Which value wins: space, data set, profile, reference, settings."""

import pytest

from nas.errors import InfeasibleError, NasError, PointError, SpaceError, UnknownNameError
from nas.records import DataInfo
from tests.space.making import space

DATA = DataInfo("tiny", 1, 12, 5)
CONV = {"conv": {"out": "=w", "kernel": 1}}


def test_a_data_set_replaces_channels_and_classes_and_a_literal_size() -> None:
    plain = space(CONV, constants={"w": 3}, data=DATA)
    assert plain.input == (1, 12, 5)
    computed = space(CONV, constants={"w": 3}, input={"size": "=2 * w", "channels": 3}, data=DATA)
    assert computed.architecture({}).input == (1, 6, 5)
    profiled = space(CONV, constants={"w": 3}, data=DATA, profiles={"tiny": {"input": {"size": 10}}})
    assert profiled.input == (1, 10, 5)


def test_a_profile_named_after_the_data_set_applies_by_itself() -> None:
    profiles = {"tiny": {"set": {"w": 5}, "training": {"epochs": 2}}, "big": {"set": {"w": 9}}}
    made = space(CONV, constants={"w": 3}, profiles=profiles, training={"epochs": 9, "lr": 1}, data=DATA)
    assert made.architecture({}).layers()[0].output == "5x12x12"
    assert made.training == {"epochs": 2, "lr": 1}
    other = space(CONV, constants={"w": 3}, profiles=profiles, data=DATA, profile="big")
    assert other.architecture({}).layers()[0].output == "9x12x12"
    with pytest.raises(UnknownNameError, match="unknown profile 'bg'.*did you mean 'big'"):
        space(CONV, constants={"w": 3}, profiles=profiles, profile="bg")


def test_settings_win_and_take_a_parameter_out_of_the_search() -> None:
    made = space(CONV, parameters={"w": {"int": [1, 9]}}, settings={"w": 7})
    assert made.parameters == {}
    assert made.architecture({}).layers()[0].output == "7x8x8"
    with pytest.raises(PointError, match="w = 70: it is a whole number from 1 to 9"):
        space(CONV, parameters={"w": {"int": [1, 9]}}, settings={"w": 70})
    with pytest.raises(NasError, match="no name 'ww' to set: names are w; did you mean 'w'"):
        space(CONV, parameters={"w": {"int": [1, 9]}}, settings={"ww": 7})


def test_a_reference_has_its_published_input_and_no_profile() -> None:
    made = space(
        CONV,
        parameters={"w": {"int": [1, 9]}},
        references={"a": {"set": {"w": 100}}, "b": {"set": {"w": 2}, "input": {"size": 16}}},
        profiles={"tiny": {"set": {"w": 5}}},
        data=DATA,
    )
    assert made.reference("a").input == (4, 8, 10)
    assert made.reference("a").layers()[0].output == "100x8x8"
    assert made.reference("b").input == (4, 16, 10)
    with pytest.raises(UnknownNameError, match="unknown reference of test 'c'"):
        made.reference("c")


def test_a_derived_value_can_be_set() -> None:
    parts = {"parameters": {"d": {"int": [1, 4]}}, "derived": {"w": "2 * d"}}
    assert space(CONV, **parts).architecture({"d": 3}).layers()[0].output == "6x8x8"
    assert space(CONV, **parts, settings={"w": 5}).architecture({"d": 3}).layers()[0].output == "5x8x8"


def test_recipe_values_may_be_expressions() -> None:
    made = space(CONV, parameters={"w": {"int": [1, 9]}}, training={"lr": "=0.1 / w", "epochs": 3})
    assert made.recipe({"w": 4}) == {"lr": 0.025, "epochs": 3}


def test_recipe_values_that_cannot_be() -> None:
    parameters = {"w": {"int": [0, 9]}}
    with pytest.raises(InfeasibleError, match=r"training\.lr has no value: float division by zero"):
        space(parameters=parameters, training={"lr": "=0.1 / w"}).recipe({"w": 0})
    with pytest.raises(SpaceError, match=r"test\.yaml: training\.lr: unknown name 'ww'"):
        space(parameters=parameters).check_recipe({"lr": "=0.1 / ww", "epochs": 3})


def test_a_vector_is_set_as_a_list() -> None:
    parameters = {"w": {"int": [1, 9], "length": 2}}
    assert space(parameters=parameters, settings={"w": [3, 4]}).resolved.constants["w"] == (3, 4)
    with pytest.raises(PointError, match=r"w = 3: it is a list of 2 values; type e\.g\. --set 'w=3,3'"):
        space(parameters=parameters, settings={"w": 3})
