"""The published schema accepts what the loader accepts, and says no to common slips."""

import copy

import jsonschema
import pytest

from nas.space.json_schema import json_schema
from nas.space.load import shipped_folder, shipped_names
from nas.space.yaml_reader import Source

SCHEMA = json_schema()


def shipped(name: str) -> dict[str, object]:
    file = shipped_folder() / f"{name}.yaml"
    data = Source(file.name, file.read_text()).data
    assert isinstance(data, dict)
    return data


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_space_is_valid(name: str) -> None:
    jsonschema.validate(shipped(name), SCHEMA)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["architecture"], "conv"),
        (["architecture", 0], 3),
        (["architecture", 0], {"conv": {"out": 3}}),
        (["architecture", 0], {"conv": {"out": 3, "kernel": 3, "kernal": 3}}),
        (["architecture", 0], {"conv": {"out": "3", "kernel": 3}}),
        (["architecture", 0], {"sum": []}),
        (["parameters", "G", "choices"], [1]),
        (["about"], 3),
        (["unknown"], 3),
    ],
)
def test_slips_are_seen(path: list[str | int], value: object) -> None:
    data = copy.deepcopy(shipped("resnext-cardinality"))
    place: object = data
    for key in path[:-1]:
        place = place[key]  # type: ignore[index]
    place[path[-1]] = value  # type: ignore[index]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)
