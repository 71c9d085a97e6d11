"""Values as people type them, and the words that stand for them: what is shown can be typed back."""

import json
import math
import re
from typing import Any

CONSTANTS = {"true": True, "false": False, "null": None, "none": None}
YES_NO = {"yes": True, "no": False, "true": True, "false": False}
MAX_BRACKETS = 200


def typed(text: str) -> Any:
    """One typed value: `2` a number, `1,2` or `[1, 2]` a list, `true` a boolean, anything else itself.

    What it is set for may read it in another way: see `Choice.read`.
    """
    if text.lower() in CONSTANTS:
        return CONSTANTS[text.lower()]
    try:
        parsed = json.loads(text, parse_constant=str)
        return text if parsed in (math.inf, -math.inf) else parsed
    except (ValueError, RecursionError):  # no JSON, nested too deeply, or a number of thousands of digits
        pass
    if text.startswith("=") or text.count("[") > MAX_BRACKETS:
        return text
    items = _split(text)
    if len(items) > 1:
        return [typed(item) for item in items]
    if text.startswith("[") and text.endswith("]"):
        return [typed(item) for item in _split(text[1:-1])]
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _split(text: str) -> list[str]:
    """The parts between commas that stand outside brackets and quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == '"'
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def words(value: Any) -> str:
    """`value` as it is typed: `true`, `null`, `0.25`, `2,2,3`, `[1,3],[6,3]`; numbers exactly."""
    if isinstance(value, list | tuple):
        inner = ",".join(f"[{_inside(v)}]" if isinstance(v, list | tuple) else _item(v) for v in value)
        return inner if len(value) > 1 else f"[{inner}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else repr(value) if isinstance(value, float) else str(value)


def _inside(value: Any) -> str:
    text = words(value)
    return text if len(value) > 1 else text[1:-1]


def _item(value: Any) -> str:
    """An element of a list: a word that would be taken apart stands in quotes."""
    plain = not isinstance(value, str) or not re.search(r"[\[\],\"]|^\s|\s$|^$", value)
    return words(value) if plain else json.dumps(value)


def like(present: Any, value: Any) -> Any:
    """`value` set in the place of a constant: yes and no where that is true or false."""
    if isinstance(present, bool) and isinstance(value, str):
        return YES_NO.get(value.lower(), value)
    return value


def thawed(value: Any) -> Any:
    """Tuples as lists, all the way down: plain JSON data."""
    return [thawed(item) for item in value] if isinstance(value, list | tuple) else value
