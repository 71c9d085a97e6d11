"""The layer table: names, places where branches meet, stages."""

import pytest

import nas
from nas.cost.table import parts
from nas.space.load import shipped_names


@pytest.mark.parametrize("name", shipped_names())
def test_layers_have_names_of_their_own(name: str) -> None:
    space = nas.load_space(name)
    for reference in space.references:
        architecture = space.reference(reference)
        if architecture.cost.layers > 110:
            continue
        rows = architecture.layers()
        assert len({row.path for row in rows}) == len(rows)
        assert max(len(row.path) for row in rows) <= 30
        assert sum(row.params for row in rows) == architecture.cost.params
        assert sum(row.macs for row in rows) == architecture.cost.macs


def test_places_where_branches_meet_are_rows() -> None:
    rows = {row.path: row for row in nas.load_space("senet").reference("seresnet50").layers()}
    assert (rows["s1.i1.sum"].arguments, rows["s1.i1.sum"].memory_kib) == (
        "2 branches",
        256 * 56 * 56 * 4 / 1024,
    )
    assert rows["s1.i1.gate"].params == 0


def test_stages_add_up() -> None:
    rows = nas.load_space("resnet").reference("resnet50").layers()
    found = parts(rows)
    assert [part.name for part in found] == ["stem", "s1", "s2", "s3", "s4", "head"]
    assert [part.output for part in found][1:5] == ["256x56x56", "512x28x28", "1024x14x14", "2048x7x7"]
    for name in ("params", "macs", "ops", "memory_kib"):
        assert sum(getattr(part, name) for part in found) == sum(getattr(row, name) for row in rows)
