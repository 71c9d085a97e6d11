"""What a driver remembers of an attempt on a slot."""

from dataclasses import dataclass

from nas.records import Request, TrialState

Key = tuple[int, int]
"""(number, attempt)."""


@dataclass
class Running:
    """An attempt on a slot."""

    request: Request
    driver_id: int
    started: float
    stopped_as: TrialState | None = None
    lost: bool = False
    """Its lease is gone: whatever comes of it counts no more."""
