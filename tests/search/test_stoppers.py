"""What each stopper is for; what all have in common is in tests/contracts/test_stopper.py."""

from collections import Counter

import numpy as np
import pytest

from nas.search.rungs import falls_behind, first_rung, rung_met, value_at
from nas.search.stoppers import STOPPERS, Curve, Growing
from nas.search.stoppers.curve import CHANCE, chance
from nas.search.stoppers.hyperband import bracket

GOOD: list[Curve] = [{1: 0.5, 2: 0.3 + i / 100} for i in range(5)]


def test_the_median_rule_ends_what_stays_below_the_middle() -> None:
    stopper = STOPPERS["median"]()
    assert stopper.hopeless(Growing(9, {1: 0.9, 2: 0.8}, 3), GOOD)
    assert not stopper.hopeless(Growing(9, {1: 0.9}, 3), GOOD)
    assert not stopper.hopeless(Growing(9, {1: 0.9, 2: 0.8}, 3), GOOD[:4])
    assert not stopper.hopeless(Growing(9, {1: 0.9, 2: 0.1}, 3), GOOD)


# Rungs


@pytest.mark.parametrize(
    ("epochs", "first"), [(None, 1), (1, 1), (27, 1), (81, 1), (161, 1), (162, 2), (350, 4)]
)
def test_the_first_rung_is_small(epochs: int | None, first: int) -> None:
    assert first_rung(epochs) == first


def test_a_rung_is_met_once_at_the_first_epoch_from_it_on() -> None:
    met = [rung_met(dict.fromkeys(range(1, last + 1), 0.0), 1) for last in range(1, 11)]
    assert met == [1, None, 3, None, None, None, None, None, 9, None]
    assert [rung_met(dict.fromkeys(range(4, last + 1, 4), 0.0), 1) for last in (4, 8, 12)] == [3, None, 9]
    assert [rung_met(curve, 8) for curve in ({7: 0.0}, {7: 0.0, 9: 0.0}, {12: 0.0, 200: 0.0})] == [
        None,
        8,
        72,
    ]
    assert rung_met({12: 0.0}, 1) == 9


def test_a_value_at_a_rung_is_that_of_the_next_epoch_told() -> None:
    assert value_at({2: 0.2, 4: 0.4}, 3) == 0.4
    assert value_at({3: 0.3, 4: 0.4}, 3) == 0.3
    assert value_at({2: 0.2}, 3) is None


def test_one_in_three_goes_on_from_a_rung() -> None:
    """Rounded up; equal values pass together; two are no competition."""
    for met in range(1, 30):
        others: list[Curve] = [{1: float(i)} for i in range(met)]
        kept = [not falls_behind({1: float(i)}, [o for o in others if o[1] != i], 1) for i in range(met)]
        assert sum(kept) == (met if met < 3 else -(-met // 3))
        assert kept == sorted(kept, reverse=True)
    assert not falls_behind({1: 0.5}, [{1: 0.5}] * 20, 1)


def test_running_and_stopped_trials_count_at_a_rung() -> None:
    asha = STOPPERS["asha"]()
    others: list[Curve] = [{1: 0.5, 2: 0.4, 3: 0.1 * i, 4: 0.0} for i in range(1, 4)] + [{1: 0.9}]
    assert asha.hopeless(Growing(9, {1: 0.4, 2: 0.3, 3: 0.35}, 27), others)
    assert not asha.hopeless(Growing(9, {1: 0.9, 2: 0.9, 3: 0.15}, 27), others)
    assert not asha.hopeless(Growing(9, {1: 0.9, 2: 0.9}, 27), others)


# Brackets


def test_brackets_have_hyperbands_shares_whatever_the_numbers() -> None:
    """9 : 5 : 3 for three brackets (Hyperband's table for R = 9)."""
    for start in (1, 500, 12_345):
        counts = Counter(bracket(number, 27) for number in range(start, start + 1700))
        assert [counts[s] for s in range(3)] == pytest.approx([900, 500, 300], abs=5)


@pytest.mark.parametrize(
    ("epochs", "brackets"), [(None, 1), (2, 1), (3, 1), (4, 2), (9, 2), (10, 3), (350, 3)]
)
def test_a_bracket_has_a_rung_before_the_end(epochs: int | None, brackets: int) -> None:
    assert {bracket(number, epochs) for number in range(1, 200)} == set(range(brackets))


def test_later_brackets_are_not_watched_at_first() -> None:
    hyperband, others = STOPPERS["hyperband"](), [{1: 0.1, 2: 0.1, 3: 0.1}] * 9
    for number in range(1, 40):
        late = bracket(number, 27)
        assert hyperband.hopeless(Growing(number, {1: 0.9}, 27), others) is (late == 0)
        assert hyperband.hopeless(Growing(number, {1: 0.9, 2: 0.9, 3: 0.9}, 27), others) is (late <= 1)


# Learning curves foretold


def family(count: int, seed: int) -> list[dict[int, float]]:
    """Power laws (Hestness et al. 2017, arXiv:1712.00409) with noise: c + a e^-b."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        end, height, power = rng.uniform(0.05, 0.5), rng.uniform(0.3, 0.5), rng.uniform(0.5, 1.5)
        noise = rng.normal(0, 0.01, 28)
        found.append({e: float(end + height * e**-power + noise[e]) for e in range(1, 28)})
    return found


def test_what_is_foretold_is_calibrated() -> None:
    """Of trials given a chance below 5 %, hardly more than that beat the best; most bad ones get one."""
    wrong = ends = 0
    for seed in range(40):
        *ended, new = family(30, seed)
        rows = np.array([[c[9], min(c[e] for e in range(1, 10)), c[3], c[27]] for c in (*ended, new)])
        if chance(rows[:-1, :3], rows[:-1, 3], rows[-1, :3]) < CHANCE:
            ends += 1
            wrong += new[27] < min(c[27] for c in ended)
    assert ends > 25
    assert wrong <= 2


def test_little_is_foretold_from_few_trials_that_ended() -> None:
    stopper = STOPPERS["curve"]()
    ended: list[Curve] = [dict(curve) for curve in family(30, 1)]
    bad = dict.fromkeys(range(1, 10), 0.9)
    assert stopper.hopeless(Growing(31, bad, 27), ended)
    assert not stopper.hopeless(Growing(31, bad, 27), ended[:7])
    running = [{e: v for e, v in curve.items() if e < 27} for curve in ended]
    assert not stopper.hopeless(Growing(31, bad, 27), running)
    assert not stopper.hopeless(Growing(31, bad | {10: 0.9}, 27), ended)
