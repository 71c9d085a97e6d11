"""What the store keeps of looks at a test set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """The one look of a network, an ensemble or a baseline at the test set of a study's data."""

    __test__ = False  # for pytest: no test by itself

    what: str
    """`trial 3`, `ensemble 3 1 7`, `knn`: unique in its study."""
    number: int | None = None
    """Of a trial."""
    at_s: float = 0.0
    """When it was recorded."""
    images: int
    wrong: int
    """Images whose class it did not tell."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """JSON data."""
