"""Numbers and lists in the sentences of a report."""

import re
from collections.abc import Sequence
from typing import Any

from nas.service.plain import counted, share, shown, si, value

__all__ = ["counted", "duration", "listed", "p_value", "share", "shown", "si", "tied", "value"]

UNIT = re.compile(r"(?<=\d) (?=%|(?:[kMGT]|s|min|h|days)\b)|(?<=\bp) (?=[=<])|(?<=[=<]) (?=\d)")


def listed(words: Sequence[Any], between: str = "and") -> str:
    """`a, b and c`."""
    *rest, last = [str(word) for word in words] or [""]
    return f"{', '.join(rest)} {between} {last}" if rest else last


def p_value(p: float) -> str:
    """`p = 0.012`, or that it is smaller than anyone need know."""
    if p < 1e-10:
        return "p < 1e-10"
    return f"p = {p:.1e}" if p < 0.001 else f"p = {p:.3f}"


def duration(seconds: float) -> str:
    """Seconds as people say them: 42 s, 12.5 min, 3.1 h, 4 days."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def tied(text: str) -> str:
    """With numbers that stay in one line with their units."""
    return UNIT.sub("\u00a0", text)
