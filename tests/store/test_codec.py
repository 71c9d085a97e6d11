"""Values survive the way into columns and back."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from nas.errors import StoreError
from nas.store.codec import (
    TEXT_LIMIT,
    cost_in,
    decimal,
    from_json,
    text_in,
    to_json,
    values_in,
    values_out,
    whole,
)

keys = st.text(max_size=5) | st.sampled_from(["$float", "$map", "$"])
data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["$float", "nan"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)


@given(data)
def test_json_data_comes_back_as_it_was(value: object) -> None:
    text = to_json(value)
    assert repr(from_json(text)) == repr(value)
    assert text.isascii()
    json.loads(text, parse_constant=pytest.fail)  # standard JSON: no NaN, no Infinity


def test_numpy_and_tuples_become_plain() -> None:
    given = {
        "a": np.float32(0.5),
        "b": np.int64(3),
        "c": (1, 2),
        "d": np.float64("nan"),
        "e": np.array([1, 2]),
    }
    assert str(from_json(to_json(given))) == "{'a': 0.5, 'b': 3, 'c': [1, 2], 'd': nan, 'e': [1, 2]}"
    with pytest.raises(TypeError, match="not JSON data"):
        to_json({"f": object()})


@given(st.lists(st.floats(), max_size=4))
def test_values_come_back_as_they_were(values: list[float]) -> None:
    columns = values_in(values)
    assert all(column is None or not math.isnan(column) for column in columns.values())
    stored = [columns.get(f"value_{i}") for i in range(4)]
    assert repr(values_out(columns["num_values"], stored)) == repr(tuple(values))


def test_at_most_four_objectives() -> None:
    with pytest.raises(StoreError, match="5 objectives: a study has at most 4"):
        values_in([1.0] * 5)


@given(st.integers(min_value=0))
def test_paths_of_any_size(paths: int) -> None:
    assert whole(cost_in({"paths": paths})["paths"]) == paths


def test_paths_that_python_will_not_print() -> None:
    assert whole(decimal(2**50_000)) == 2**50_000


@given(st.text(st.characters(), max_size=50))
def test_text_is_what_any_database_takes(text: str) -> None:
    stored = text_in(text)
    assert "\0" not in stored
    stored.encode()
    if text.isprintable():
        assert stored == text


def test_long_text_keeps_head_and_tail() -> None:
    stored = text_in("head" + "x" * 10**6 + "tail")
    assert len(stored) <= TEXT_LIMIT
    assert (stored[:4], stored[-4:]) == ("head", "tail")
