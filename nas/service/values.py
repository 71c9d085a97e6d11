"""Values as people type them: `key=value` settings, objectives."""

import json
import math
from collections.abc import Iterable
from typing import Any

from nas.errors import NasError
from nas.records import Objective

GROWS = ("accuracy", "top1", "top5", "score")
"""Metrics of which more is better unless said otherwise."""

CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


def settings(pairs: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """Mapping of `key=value` texts; values as in YAML's core: numbers, booleans, JSON lists, else text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise NasError(f"{option} {pair!r} is not of the form name=value: type e.g. {option} phi=2")
        found[key.strip()] = value(text.strip())
    return found


def value(text: str) -> Any:
    """One typed value: `2` a number, `[1, 2]` a list, `true` a boolean, anything else itself."""
    if text.lower() in CONSTANTS:
        return CONSTANTS[text.lower()]
    try:
        parsed = json.loads(text, parse_constant=str)
        return text if parsed in (math.inf, -math.inf) else parsed
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


PREFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def limits(pairs: Iterable[str], option: str = "--max") -> dict[str, float]:
    """Upper bounds by cost from `macs=600M` texts; k, M, G and T multiply."""
    found: dict[str, float] = {}
    for pair in pairs:
        cost, _, text = pair.partition("=")
        number = value(text[:-1] if text[-1:] in PREFIXES else text)
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise NasError(f"{option} {pair!r} is not of the form cost=number: type e.g. {option} macs=600M")
        found[cost.strip()] = number * PREFIXES.get(text[-1:], 1)
    return found


def objective(text: str) -> Objective:
    """An objective from `error`, `accuracy` or `metric:min|max`."""
    metric, _, direction = text.partition(":")
    if not metric or direction not in ("", "min", "max"):
        raise NasError(f"objective {text!r}: write METRIC, METRIC:min or METRIC:max, such as error")
    return Objective(metric, minimize=direction == "min" or (not direction and metric not in GROWS))
