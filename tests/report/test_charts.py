"""Scales, ticks and marks: numbers to pixels, and what is written beside them."""

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from nas.report.charts.bars import Bar, bars
from nas.report.charts.plot import NARROW, WIDE, apart, cut
from nas.report.charts.results import Steps, edf, focus
from nas.report.charts.scale import Scale, scale, written
from nas.report.charts.trades import front
from nas.service.views.front import Axis, Front

FINITE = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("values", "log", "labels"),
    [
        ([0.0, 1.0], False, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([0.05, 0.09], False, ["0.05", "0.06", "0.07", "0.08", "0.09"]),
        ([1e5, 4.2e6], True, ["100 k", "300 k", "1 M", "3 M"]),
        ([1e-4, 1.0], True, ["0.0001", "0.001", "0.01", "0.1", "1"]),
        ([0, 2000], False, ["0", "500", "1000", "1500", "2000"]),
        ([0.3, 0.30000000000000004], False, ["0.27", "0.28", "0.29", "0.30", "0.31", "0.32", "0.33"]),
    ],
)
def test_ticks(values: list[float], log: bool, labels: list[str]) -> None:
    found = scale(values)
    assert found.log is log
    assert [said for _, said in found.labels(6)] == labels


@given(st.lists(FINITE, max_size=20))
def test_any_values_have_a_scale_with_ticks_inside(values: list[float]) -> None:
    found = scale(values).at(10, 110)
    assert found.low < found.high
    places = [found(value) for value in values]
    assert all(10 <= place <= 110 for place in places)
    assert all(math.isfinite(place) for place in places)
    ticks = found.ticks(6)
    assert len(ticks) <= 14
    assert ticks == sorted(ticks)
    assert len(written(ticks)) == len(ticks)


def test_values_keep_their_order_on_both_scales() -> None:
    for log in (False, True):
        found = Scale(1, 1000, log, 0, 100)
        places = [found(value) for value in (1, 3, 10, 500, 1000, 5000)]
        assert places == sorted(places)
        assert (places[0], places[-1]) == (0, 100)
    assert Scale(1, 100, True, 0, 100)(10) == pytest.approx(50)


def test_what_went_wrong_does_not_press_the_rest_together() -> None:
    values = [0.1 + k / 1000 for k in range(100)] + [9.0]
    assert focus(values, minimize=True).high < 0.3
    assert focus(values[:-1], minimize=True).high > 0.199


@given(st.lists(st.floats(0, 100), max_size=7))
def test_labels_do_not_overlap(places: list[float]) -> None:
    moved = apart(places, 14, 0, 100)
    rising = sorted(moved)
    assert all(b - a >= 14 - 1e-9 for a, b in pairwise(rising))
    assert all(
        moved[i] <= moved[j] for i in range(len(places)) for j in range(len(places)) if places[i] < places[j]
    )


@pytest.mark.parametrize(("minimize", "ys"), [(True, [3.0, 2.0, 1.0]), (False, [1.0, 2.0, 3.0])])
def test_a_front_holds_until_the_next_network_that_is_worse_in_x(minimize: bool, ys: list[float]) -> None:
    xs, numbers = [1.0, 2.0, 3.0], [1, 2, 3]
    axes = (Axis("macs", minimize), Axis("error", True))
    drawn = front([("one", Front(*axes, numbers, xs, ys, 3, [0, 1, 2], numbers, xs, ys, [], []))], [], WIDE)
    (line,) = re.findall(r'<path class="c-line[^>]* d="([^"]+)"', drawn)
    across = [float(place) for place in re.findall(r"[MH]([\d.]+)", line)]
    assert across == sorted(across, reverse=not minimize)
    assert len(across) == 4


def test_long_names_are_cut_and_escaped() -> None:
    assert cut("a" * 200, 100).endswith("…")
    assert len(cut("a" * 200, 100)) < 20
    drawn = bars([Bar("<b>&", 1.0, "5")], WIDE, "x")
    assert "&lt;b&gt;&amp;" in drawn
    assert "<b>" not in drawn


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_distribution_is_drawn_at_its_values(size: object) -> None:
    drawn = edf([Steps("s", [0.0, 0.5, 1.0], [0.25, 0.5, 1.0], "k0")], "error", True, size)  # type: ignore[arg-type]
    (path,) = re.findall(r'class="c-line k0" d="([^"]+)"', drawn)
    heights = [float(each) for each in re.findall(r"V([\d.]+)", path)]
    low, high = 278.0, 30.0
    assert heights == pytest.approx([low + (high - low) * y for y in (0.25, 0.5, 1.0)], abs=0.1)
