"""Values as the pages write them: the filters of the templates."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from nas.service.plain import figures, plain, settings, share, shown, si, span, value, whole


def ago(at_s: float | None, now_s: float | None = None) -> str:
    """How long ago a moment was, in words: now, 42 s ago, 5 min ago, 3 h ago, 12 days ago."""
    if at_s is None:
        return "–"
    past_s = max(0.0, (time.time() if now_s is None else now_s) - at_s)
    if past_s < 5:
        return "now"
    for length_s, limit_s, unit in ((1, 60, "s"), (60, 3600, "min"), (3600, 48 * 3600, "h")):
        if past_s < limit_s:
            return f"{int(past_s // length_s)} {unit} ago"
    return f"{int(past_s // 86400)} days ago"


def iso(at_s: float | None) -> str:
    """A moment as an ISO 8601 date and time in UTC, to the second."""
    if at_s is None:
        return ""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def amount(number: float | None) -> tuple[str, str]:
    """A value with an SI prefix as (number, prefix): columns keep their prefixes under each other."""
    said, _, prefix = si(number).partition(" ")
    return said, prefix


FILTERS: Mapping[str, Callable[..., Any]] = {
    "ago": ago,
    "amount": amount,
    "figures": figures,
    "iso": iso,
    "plain": plain,
    "settings": settings,
    "share": share,
    "shown": shown,
    "si": si,
    "span": span,
    "value": value,
    "whole": whole,
}
