"""What an evaluator yields, checked and made plain: only built-in numbers leave an attempt."""

import operator
from collections.abc import Iterable, Mapping
from typing import Any

from nas.errors import NasError

WANTED = (
    "an evaluator yields (epoch, metrics) after each epoch, such as `yield 1, {'error': 0.25}`: "
    "a whole number from 1 that rises, and numbers by their names"
)


def iterable(steps: object) -> Iterable[object]:
    """What an evaluator returned, if it can be gone through; raises `NasError`."""
    if not isinstance(steps, Iterable):
        raise NasError(f"the evaluator returned {_kind(steps)}: {WANTED}")
    return steps


def converted(item: object, after: int) -> tuple[int, dict[str, float]]:
    """A yielded item as (int, {str: float}), its epoch later than `after`; raises `NasError`."""
    if not isinstance(item, tuple | list) or len(item) != 2:
        raise NasError(f"the evaluator yielded {_kind(item)}: {WANTED}")
    epoch, metrics = item
    if not isinstance(metrics, Mapping):
        raise NasError(f"the evaluator yielded {_kind(metrics)} for metrics: {WANTED}")
    return _epoch(epoch, after), {_name(name): _number(name, value) for name, value in metrics.items()}


def _epoch(value: Any, after: int) -> int:
    try:
        epoch = operator.index(value)
    except TypeError:
        raise NasError(f"the evaluator yielded {_kind(value)} for an epoch: {WANTED}") from None
    if epoch <= after:
        wrong = f"epoch {epoch} after epoch {after}" if after else f"epoch {epoch}"
        raise NasError(f"the evaluator yielded {wrong}: {WANTED}")
    return epoch


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise NasError(f"the evaluator yielded {_kind(name)} for the name of a metric: {WANTED}")
    return str(name)


def _number(name: str, value: Any) -> float:
    # float() reads texts, and takes arrays of one number: neither is meant.
    if isinstance(value, str | bytes | bytearray) or tuple(getattr(value, "shape", ())):
        raise NasError(f"the evaluator yielded {_kind(value)} for metric {name!r}: {WANTED}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise NasError(f"metric {name!r} cannot be a float ({error}): {WANTED}") from None


def _kind(value: object) -> str:
    """`a value of type Tensor`: a text of the value itself may be huge."""
    return "None" if value is None else f"a value of type {type(value).__name__}"
