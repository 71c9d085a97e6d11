"""Numbers as the data beside a picture have them, and as words in it."""

import math
from typing import Any

import numpy as np
from torch import Tensor

DIGITS = 5


def listed(values: Any) -> Any:
    """An array or tensor as nested lists, floats to five digits; those that are no numbers are None."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    array = np.asarray(values)
    return _short(array.tolist()) if array.dtype.kind == "f" else array.tolist()


def _short(values: Any) -> Any:
    if isinstance(values, list):
        return [_short(value) for value in values]
    return float(f"{values:.{DIGITS}g}") if math.isfinite(values) else None


def figure(value: float) -> str:
    """A number of three digits: `0.0312`, `12.1`, `340`."""
    return f"{value:.3g}" if value else "0"


def percent(share: float) -> str:
    """`97 %`, `0.4 %`."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def spread(count: int, most: int) -> list[int]:
    """At most so many of 0 … count - 1 at equal distances, first and last among them."""
    return sorted({round(at) for at in np.linspace(0, count - 1, min(count, most))})
