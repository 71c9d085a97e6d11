"""Python values to column values and back, losing nothing.

- JSON columns hold plain JSON text (ASCII, so that no NUL or lone surrogate reaches the database).
  JSON has no NaN or infinity: such a float is written `{"$float": "nan" | "inf" | "-inf"}`; a mapping that
  has a key `$float` or `$map` of its own is written `{"$map": [[key, value], ...]}`.
- Columns of floats hold infinities as they are (SQLite and PostgreSQL both know them) and NaN as NULL,
  which SQLite makes of it anyway; the rows say otherwise whether a value is there (`num_values`, or that
  the row exists), so NULL reads as NaN.
- Columns of text get NUL and lone surrogates as escapes, and are cut at `TEXT_LIMIT` in the middle.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from nas.errors import StoreError
from nas.store.rows import COSTS

TEXT_LIMIT = 20_000
BIGGEST = 2**63 - 1
RESULT_COLUMNS = ("num_values", "value_0", "value_1", "value_2", "value_3")


def to_json(value: Any) -> str:
    """JSON text of plain data; numpy scalars become numbers, tuples lists, other mappings' keys text."""
    try:
        text = _dump(value)
    except ValueError:  # a float that is not finite
        return _dump(_tagged(value))
    return _dump(_tagged(value)) if '"$' in text else text


def from_json(text: str | None) -> Any:
    """What `to_json` was given; an empty mapping for NULL."""
    if text is None or text == "{}":
        return {}
    if '"$' in text:
        return json.loads(text, object_hook=_untagged)
    return json.loads(text)


_dump = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=lambda value: plain(value)).encode


def plain(value: Any) -> Any:
    """What the encoder does not know, as plain data."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} of type {type(value).__name__} is not JSON data")


def _tagged(value: Any) -> Any:
    if not isinstance(value, str | int | float | Mapping | list | tuple | None):
        value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, Mapping):
        if "$float" in value or "$map" in value:
            return {"$map": [[k, _tagged(v)] for k, v in value.items()]}
        return {k: _tagged(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_tagged(v) for v in value]
    return value


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if isinstance(number := found.get("$float"), str):
            return float(number)
        if isinstance(pairs := found.get("$map"), list):
            return dict(pairs)
    return found


def float_in(value: float | None) -> float | None:
    """For a column of floats: NaN as NULL."""
    if value is None or math.isnan(value):
        return None
    return float(value)


def float_out(value: float | None) -> float:
    """From a column of floats where a value is known to be: NULL is NaN."""
    return math.nan if value is None else value


def values_in(values: Sequence[float]) -> dict[str, Any]:
    """The columns `num_values`, `value_0` ... `value_3` of a result."""
    if len(values) > 4:
        raise StoreError(f"{len(values)} objectives: a study has at most 4; drop some from the specification")
    columns: dict[str, Any] = dict.fromkeys(RESULT_COLUMNS)
    columns |= {f"value_{i}": float_in(v) for i, v in enumerate(values)}
    return {**columns, "num_values": len(values)}


def values_out(num_values: int, columns: Sequence[float | None]) -> tuple[float, ...]:
    """Inverse of `values_in`."""
    return tuple(map(float_out, columns[:num_values]))


def cost_in(cost: Mapping[str, int]) -> dict[str, Any]:
    """The cost columns; `paths` as text, since it is a Python integer of any size."""
    columns: dict[str, Any] = {name: cost.get(name) for name in COSTS}
    for name, value in columns.items():
        if name != "paths" and value is not None and not 0 <= value <= BIGGEST:
            raise StoreError(
                f"{name} of a network is {decimal(value)}: the store holds 0 to 2**63 - 1; "
                f'bound it in the space, such as constraints: ["{name} <= 1e12"]'
            )
    paths = columns["paths"]
    return {**columns, "paths": None if paths is None else decimal(paths)}


def decimal(value: int) -> str:
    """A whole number as text: hexadecimal beyond 4,000 digits, where Python refuses decimals."""
    return str(value) if abs(value) < 10**4000 else hex(value)


def whole(text: str) -> int:
    """Inverse of `decimal`."""
    return int(text, 16 if text.startswith("0x") else 10)


def text_in(text: str) -> str:
    """Text that any database takes, at most `TEXT_LIMIT` characters: head and tail of a longer one."""
    clean = text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
    if len(clean) <= TEXT_LIMIT:
        return clean
    half = TEXT_LIMIT // 2 - 20
    return f"{clean[:half]}\n... (cut here) ...\n{clean[-half:]}"
