"""What a driver remembers of an attempt on a slot."""

from dataclasses import dataclass

from nas.records import EpochReport, Request

Key = tuple[int, int]
"""(number, attempt)."""


@dataclass
class Running:
    """An attempt on a slot."""

    request: Request
    driver_id: int
    started: float
    decided: EpochReport | None = None
    """The epoch at which its stopper gave it up: the trial ends there, whatever it does until it hears."""
    lost: bool = False
    """Its lease is gone: whatever comes of it counts no more."""
