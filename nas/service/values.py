"""Values as people type them: `key=value` settings, objectives, limits."""

import math
import re
from collections.abc import Iterable
from typing import Any

from nas.errors import NasError
from nas.records import Objective
from nas.space.typed import typed

GROWS = ("accuracy", "top1", "top5", "score", "images_per_s", "throughput_images_per_s")
"""Metrics of which more is better unless said otherwise."""

MOST = 2**31 - 1
"""The largest whole number that an option takes: what a column of any database holds."""


def settings(pairs: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """Mapping of `key=value` texts; values as in YAML's core: numbers, booleans, lists, else text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            example = "lr=0.1" if option == "--recipe" else "phi=2"
            raise NasError(f"{option} {pair!r} is not of the form name=value: type e.g. {option} {example}")
        found[key.strip()] = typed(text.strip())
    return found


PREFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}

BOUNDED = {
    "--min": ("a cost or a metric", "accuracy=0.9"),
    "--iso": ("a cost", "macs=400M"),
    "--to": ("a cost", "macs=4G"),
    "--reference": ("an objective", "error=1,macs=1G"),
}
"""What an option bounds, and an example; the others are as `--max`."""


def limits(pairs: Iterable[str], option: str = "--max") -> dict[str, float]:
    """Bounds by cost or metric from `macs=600M` texts; k, M, G and T multiply."""
    found: dict[str, float] = {}
    for pair in pairs:
        cost, _, text = pair.partition("=")
        number = amount(text)
        if number is None or not cost.strip():
            what, example = BOUNDED.get(option, ("a cost or a metric", "macs=600M"))
            raise NasError(
                f"{option} {pair!r} is not of the form NAME=NUMBER: NAME is {what}, and NUMBER may end in "
                f"k, M, G or T: type e.g. {option} {example}"
            )
        if cost.strip() in found:
            raise NasError(f"{option} {pair!r}: {cost.strip()} has a bound already; say one")
        found[cost.strip()] = number
    return found


def amount(text: str) -> float | None:
    """The finite number that a text with or without a suffix is; None if it is none."""
    number = typed(text[:-1] if text[-1:] in PREFIXES else text)
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    try:
        return found if math.isfinite(found := number * PREFIXES.get(text[-1:], 1)) else None
    except OverflowError:
        return None


def objective(text: str | None, usual: Objective = Objective("error")) -> Objective:
    """An objective from `error`, `accuracy` or `metric:min|max`; None is the evaluator's usual one, which
    also knows which way is up for its own metric."""
    if text is None or text == usual.metric:
        return usual
    metric, _, direction = text.partition(":")
    if not metric or direction not in ("", "min", "max"):
        raise NasError(f"objective {text!r}: write METRIC, METRIC:min or METRIC:max, such as error")
    return Objective(metric, minimize=direction == "min" or (not direction and metric not in GROWS))


SEVERAL = 4
"""The most objectives of a study."""


def objectives(text: str | None, usual: Objective = Objective("error")) -> tuple[Objective, ...]:
    """One to four objectives from `error,macs` or `error,score:max`; each as `objective` reads it."""
    found = [objective(part.strip(), usual) for part in text.split(",")] if text is not None else [usual]
    if len(found) > SEVERAL:
        raise NasError(f"objective {text!r} names {len(found)} metrics: a study has one to {SEVERAL}")
    names = [each.metric for each in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise NasError(f"objective {text!r} names {twice[0]} twice: say each metric once, such as error,macs")
    return tuple(found)


def bounded(number: int, option: str, low: int = 1, high: int = MOST) -> int:
    """A whole number that an option takes; the error names the option and its bounds."""
    if not low <= number <= high:
        raise NasError(f"{option} {number}: it is a whole number from {low:,} to {high:,}")
    return number


def more(text: str | None) -> int:
    """How many more trials `+24` asks for; 0 for None."""
    if text is None:
        return 0
    if not re.fullmatch(r"\+[0-9]+", text) or len(text) > 11:
        raise NasError(f"--trials {text!r}: say how many more, such as --trials +24")
    return bounded(int(text), "--trials")


def seconds(number: float | None, option: str) -> float | None:
    """A length of time that an option takes; None for none."""
    if number is not None and not 0 < number < math.inf:
        raise NasError(f"{option} {number:g}: it is a number of seconds above 0")
    return number
