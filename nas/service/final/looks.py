"""What one look at a test set told: as it is stored, and as it is shown.

Legend: N images, K classes.
"""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import NasError
from nas.service.final.intervals import Paired, Wrong, error_interval, paired
from nas.store.tested import TestRow

if TYPE_CHECKING:  # torch, for those who test
    from workers.final.outputs import Outputs

TOP = 5
"""The top-5 error is told where there are more classes, as in training."""

Labels = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Result:
    """A network, an ensemble or a baseline on the test part, in short."""

    what: str
    """`trial 3`, `ensemble 3 1 7`, `knn`, `linear`."""
    number: int | None
    """Of a trial."""
    at_s: float
    """When it was recorded."""
    images: int
    wrong: int
    error: float
    low: float
    high: float
    """The error's 95 % interval, of Clopper and Pearson."""
    valid_error: float | None
    """The same on the validation part, by which it was chosen."""


@dataclass(frozen=True)
class Tested(Result):
    """With all that was told."""

    top5_error: float | None
    loss: float | None
    """Mean cross entropy, in nats."""
    recall: list[float | None]
    """The share of each class that it tells; None for a class without test images."""
    confusion: list[list[int]]
    """[class, class it took it for, images] where there are any, right ones included."""
    about: dict[str, Any]
    """What more there is to say: `k` of the neighbours, `members` of an ensemble."""


def look(
    what: str,
    labels: Labels,
    predictions: Labels,
    classes: int,
    *,
    number: int | None = None,
    valid_error: float | None = None,
    scores: Mapping[str, float] | None = None,
    about: Mapping[str, Any] | None = None,
) -> TestRow:
    """What is stored of (N,) answers: all of them, so that later comparisons need no second look."""
    record = {
        "classes": classes,
        "labels": _packed(labels),
        "predictions": _packed(predictions),
        "valid_error": valid_error,
        **(scores or {}),
        "about": dict(about or {}),
    }
    wrong = int((labels != predictions).sum())
    return TestRow(what=what, number=number, images=len(labels), wrong=wrong, record=record)


def scores(found: "Outputs") -> dict[str, float]:
    """`loss`, and `top5_error` where there are more than five classes."""
    own = found.log_probabilities[np.arange(len(found.labels)), found.labels]
    told = {"loss": -float(own.mean(dtype=np.float64))}
    if found.log_probabilities.shape[1] <= TOP:
        return told
    higher = (found.log_probabilities > own[:, None]).sum(1)
    return {**told, "top5_error": float((higher >= TOP).mean())}


def told(found: "Outputs") -> Labels:
    """(N,) the class of the highest probability; of equal ones the first."""
    classes: Labels = found.log_probabilities.argmax(1)
    return classes


def error(found: "Outputs") -> float:
    """The share that is told wrongly."""
    return float((told(found) != found.labels).mean())


def result(row: TestRow) -> Result:
    """A stored look in short."""
    interval = error_interval(row.wrong, row.images)
    return Result(
        what=row.what,
        number=row.number,
        at_s=row.at_s,
        images=row.images,
        wrong=row.wrong,
        error=row.wrong / row.images,
        low=interval.low,
        high=interval.high,
        valid_error=row.record["valid_error"],
    )


def tested(row: TestRow) -> Tested:
    """A stored look with what follows from it."""
    record = row.record
    counts = np.zeros((record["classes"], record["classes"]), np.int64)
    np.add.at(counts, (_labels(row), _predictions(row)), 1)
    return Tested(
        **vars(result(row)),
        top5_error=record.get("top5_error"),
        loss=record.get("loss"),
        recall=[int(c[i]) / int(c.sum()) if c.sum() else None for i, c in enumerate(counts)],
        confusion=[[int(i), int(j), int(counts[i, j])] for i, j in np.argwhere(counts)],
        about=dict(record["about"]),
    )


def compared(first: TestRow, second: TestRow) -> Paired:
    """Two looks at the same images: error of the first minus error of the second."""
    refuse_others(first, second)
    return paired(wrong(first), wrong(second))


def same_images(first: TestRow, second: TestRow) -> bool:
    """Whether both saw the same test part, as far as its labels tell."""
    return bool(first.record["labels"] == second.record["labels"])


def refuse_others(first: TestRow, second: TestRow) -> None:
    """Raise `NasError` unless both saw the same test part."""
    if not same_images(first, second):
        raise NasError(
            f"{first.what} and {second.what} were tested on other images: the data set has changed since; "
            "bring back what it was, or train anew on what it is: nas train STUDY N"
        )


def disagreement(first: TestRow, second: TestRow) -> float:
    """The share of images that two take for different classes."""
    return float((_predictions(first) != _predictions(second)).mean())


def wrong(row: TestRow) -> Wrong:
    """(N,) which images were told wrongly."""
    found: Wrong = _labels(row) != _predictions(row)
    return found


def _labels(row: TestRow) -> Labels:
    return _unpacked(row.record["labels"])


def _predictions(row: TestRow) -> Labels:
    return _unpacked(row.record["predictions"])


def _packed(numbers: Labels) -> str:
    """Half a byte an image where there are ten classes."""
    return base64.b64encode(zlib.compress(numbers.astype("<i4").tobytes(), 9)).decode()


def _unpacked(text: str) -> Labels:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), "<i4")
