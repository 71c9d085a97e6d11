"""Lines over parameters, costs and a metric: the best ones on top."""

import math

from nas.records import Limit, Objective
from nas.service.views.parallel import parallel
from nas.store import Store
from tests.service.views.making import Told, point, space, spec, study


def test_axes_and_rows(store: Store) -> None:
    study(store, [Told((0.5,), macs=10), Told((math.nan,)), Told((0.2,), macs=10**5)])
    found = parallel(store, "one")
    names = [axis.name for axis in found.axes]
    assert names[-3:] == ["params", "macs", "error"]
    assert (found.numbers, found.total) == ([1, 3], 2)
    for number, row in zip(found.numbers, found.rows, strict=True):
        labels = point(number - 1).labels
        assert len(row) == len(found.axes)
        for axis, value in zip(found.axes[:-3], row, strict=False):
            there = labels.get(axis.name)
            assert value == (float(there) if axis.kind == "number" and there is not None else value)
            assert (value is None) == (axis.name not in labels)
            if axis.kind == "choice" and value is not None:
                assert value in axis.choices
    filters = next(axis for axis in found.axes if axis.name == "filters[0]")
    domain = space().parameters["filters"].domain
    assert (filters.low, filters.high) == (domain.low, domain.high)  # type: ignore[union-attr]
    macs = found.axes[names.index("macs")]
    assert (macs.low, macs.high, macs.log) == (10.0, 1e5, True)


def test_the_best_are_among_few(store: Store) -> None:
    told = [Told((float(100 - i % 50),), metrics={"ms": float(i % 50)}) for i in range(100)]
    study(store, told, spec(Objective("score", minimize=False), limits=(Limit("ms", 40.0),)))
    found = parallel(store, "one", points=10)
    assert (len(found.rows), found.total, found.minimize) == (10, 100, False)
    assert [row[-1] for row in found.rows[-2:]] == [100.0, 100.0]
    assert len(set(found.numbers)) == 10


def test_evenly_over_all(store: Store) -> None:
    study(store, [Told((float(i),)) for i in range(100)])
    found = parallel(store, "one", points=10, favour=False)
    assert [row[-1] for row in found.rows] == [99, 88, 77, 66, 55, 44, 33, 22, 11, 0]


def test_another_metric(store: Store) -> None:
    study(store, [Told((0.5,), metrics={"loss": 3.0})])
    found = parallel(store, "one", metric="loss")
    assert (found.axes[-1].name, found.rows[0][-1]) == ("loss", 3.0)


def test_a_space_that_is_not_read_any_more(store: Store) -> None:
    study(store, [Told((0.5,))], spec(space={"space": {"space": "old"}}))
    found = parallel(store, "one")
    assert {axis.name for axis in found.axes} >= {"filters[0]", "macs"}


def test_an_empty_study(store: Store) -> None:
    study(store, [])
    found = parallel(store, "one")
    assert (found.rows, [axis.name for axis in found.axes]) == ([], ["params", "macs", "error"])
