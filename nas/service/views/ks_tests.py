"""A test of two studies, by their names."""

from dataclasses import dataclass

from nas.search.analysis import Ks


@dataclass(frozen=True)
class KsTest:
    """The two-sided Kolmogorov-Smirnov test of two studies."""

    a: str
    b: str
    statistic: float
    """The largest distance between the two distributions."""
    p_value: float
    """How probable so large a distance is if both are the same."""
    effect: float
    """How probable it is that a result of `a` is larger than one of `b`, ties counting half."""
    ci_low: float
    """Of the effect, 95 % by bootstrap."""
    ci_high: float
    larger: str
    """The study with the larger values; empty where they are not told apart: the interval has 0.5 in it, or p
    is 0.05 or more."""
    better: str
    """The study with the better values, likewise."""
    odds: float
    """In which share of pairs a network of the better study is better, ties counting half; one of `a`, where
    they are not told apart."""
    odds_low: float
    """Of these odds, 95 %."""
    odds_high: float
    few: bool
    """Whether a study has too few networks to be told apart: then its intervals say nothing."""


def named(a: str, b: str, found: Ks, *, minimize: bool) -> KsTest:
    """A test of the results of studies `a` and `b`."""
    larger = {"a": a, "b": b, "": ""}[found.larger]
    smaller = {a: b, b: a, "": ""}[larger]
    better = smaller if minimize else larger
    odds = (found.effect, found.ci_low, found.ci_high)  # of `a` having the larger value
    if minimize != (better == b):
        odds = (1 - found.effect, 1 - found.ci_high, 1 - found.ci_low)
    odds = (min(max(odds[0], 0.0), 1.0), max(odds[1], 0.0), min(odds[2], 1.0))  # as rounding leaves them
    return KsTest(
        a=a,
        b=b,
        statistic=found.statistic,
        p_value=found.p_value,
        effect=found.effect,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        larger=larger,
        better=better,
        odds=odds[0],
        odds_low=odds[1],
        odds_high=odds[2],
        few=found.few,
    )
