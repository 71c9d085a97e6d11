"""Records as JSON data, and values as people read them: what every face of the service shows alike."""

import dataclasses
import math
import shlex
from collections.abc import Mapping
from enum import Enum
from typing import Any

from nas.space.typed import words

BEYOND = 10**15
"""From here on a number is written as a power."""
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def si(number: float | None) -> str:
    """Three digits and an SI prefix: 4.23 G, 25.0 M, 512; 2^600 or 1.2e28 beyond; a dash for None."""
    if number is None:
        return "–"
    if abs(number) >= BEYOND:
        return whole(number)
    for size, prefix in UNITS:
        if abs(number) >= size * 0.9995:
            scaled = number / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f} {prefix}"
    return f"{number:g}"


def whole(number: float) -> str:
    """Every digit, or a power where there are too many to read: 15,625, 2^600, 1.2e28."""
    if abs(number) < BEYOND:
        return f"{number:,}"
    if isinstance(number, int) and number > 0 and number & (number - 1) == 0:
        return f"2^{number.bit_length() - 1}"
    if isinstance(number, int):
        digits = str(abs(number))  # a float ends at 1e308
        return f"{'-' if number < 0 else ''}{digits[0]}.{digits[1]}e{len(digits) - 1}"
    return f"{number:.1e}"


def span(seconds: float | None) -> str:
    """Seconds as 0:42, 3:05 or 1:02:03."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def shown(value: Any) -> str:
    """A value in a table: numbers to four significant digits, None as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return words(_short(value))
    return words(value)


def counted(count: int, one: str, many: str = "") -> str:
    """`1 trial`, `1,200 trials`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def share(fraction: float | None) -> str:
    """`0.937` as 94 %; small shares to two digits, tiny ones as `< 0.1 %`; a dash for None."""
    if fraction is None:
        return "–"
    percent = 100 * fraction
    if 0 < percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.2g} %" if 0 < percent < 10 else f"{percent:.0f} %"


def value(number: Any) -> str:
    """A metric to four significant digits, large ones with an SI prefix; a dash for None."""
    if isinstance(number, int | float) and not isinstance(number, bool) and abs(number) >= 10_000:
        return si(number)
    return shown(number)


def _short(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def settings(values: Mapping[str, Any]) -> str:
    """`alpha=1.15 convs=2,2,3`: exactly, and so that a shell and `--set` take it back."""
    return " ".join(f"{name}={_quoted(words(value))}" for name, value in values.items())


def _quoted(text: str) -> str:
    return f"'{text}'" if text.startswith("=") and shlex.quote(text) == text else shlex.quote(text)


def figures(values: Mapping[str, Any]) -> str:
    """`accuracy=0.9944 gamma=1.036`: to four digits, to be read."""
    return " ".join(f"{name}={shown(value)}" for name, value in values.items())


def plain(record: Any) -> Any:
    """A record as JSON data, in which numbers that are none are null."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: plain(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Enum):
        return record.value
    if isinstance(record, Mapping):
        return {str(plain(key)): plain(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [plain(value) for value in record]
    if hasattr(record, "tolist"):  # of numpy
        return plain(record.tolist())
    if isinstance(record, float) and not math.isfinite(record):
        return None
    return record
