"""Curves in columns."""

import math
from dataclasses import replace

import numpy as np

from nas.records import Cause, EpochReport
from nas.service.early import curves_of
from nas.service.results import results
from nas.store import Store
from tests.service.views.making import point, spec
from tests.store.makers import outcome


def test_a_curve_is_of_the_latest_attempt(store: Store) -> None:
    """Four networks, one of which was lost after two epochs and begun anew; one that told no number."""
    row = store.create_study("again", spec(), 10, "memory://views")
    driver = store.start_driver(row.id, "node-1", 1, 3600)
    store.claim(row.id, driver, [point(i) for i in range(4)])
    numbers = range(1, 5)
    told = [EpochReport(n, 1, e, {"error": 9.0 - n - e}, 1.0) for n in numbers for e in (1, 2, 3)]
    store.report(row.id, driver, told)
    store.requeue(row.id, driver, 1, 1, Cause.PREEMPTED, "gone")
    store.claim_queued(row.id, driver, 1)
    store.report(row.id, driver, [EpochReport(1, 2, 1, {"error": 0.5}, 1.0)])
    store.report(row.id, driver, [EpochReport(2, 1, 4, {"error": math.nan}, 1.0)])
    ends = [replace(outcome(number, number / 9), attempt=1 + (number == 1)) for number in numbers]
    store.tell(row.id, driver, ends)
    curves = curves_of(store, results(store, store.study("again")))
    assert (curves.early, curves.flat, curves.ends.tolist()) == ([1, 2, 3], False, [3, 4, 3, 3])
    assert curves.after(1).tolist() == [0.5, 6.0, 5.0, 4.0]
    assert np.array_equal(curves.after(3), [math.nan, 4, math.nan, math.nan], equal_nan=True)
