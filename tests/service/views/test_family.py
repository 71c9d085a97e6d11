"""The spaces of studies: read once, written as files, with what was published."""

from dataclasses import replace
from pathlib import Path

import pytest

import nas
from nas.service.views.family import members, parameter_labels, space_of, space_yaml
from nas.space.load import load_space
from nas.store import Store
from tests.service.views.making import spec, study


@pytest.mark.parametrize("name", ["cell", "resnext-cardinality", "efficientnet-scaling"])
def test_a_space_as_a_file(store: Store, tmp_path: Path, name: str) -> None:
    row = study(store, [], spec(space=load_space(name).document))
    file = tmp_path / "again.yaml"
    file.write_text(space_yaml(row))
    assert nas.load_space(str(file)).raw == row.spec.space["space"]


def test_labels(store: Store) -> None:
    row = study(store, [], spec(space=load_space("cell").document))
    assert parameter_labels(row) == [f"op[{place}]" for place in range(6)]


def test_what_was_published(store: Store) -> None:
    row = study(store, [], spec(space=load_space("cell").document, data="cifar10"))
    member = next(each for each in members(row) if each.name == "c334131")
    assert member.numbers["error"] == pytest.approx(1 - 0.9366)
    assert member.numbers["params"] == 802426
    assert {"error", "accuracy"} <= member.published
    elsewhere = study(store, [], replace(row.spec, data="digits"), name="elsewhere")
    assert all(not each.published for each in members(elsewhere))


def test_a_space_that_is_not_read_any_more(store: Store) -> None:
    row = study(store, [], spec(space={"space": {"space": "old"}}))
    assert (space_of(row), members(row), parameter_labels(row)) == (None, [], [])
    assert "space: old" in space_yaml(row)
