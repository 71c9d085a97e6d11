"""What people say about studies, and what they did with them through the service."""

from dataclasses import dataclass

NOTE_LIMIT = 20_000
"""Characters of a note at most."""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note on a study or on one of its trials."""

    id: int
    number: int | None
    """The trial's; None: on the study as a whole."""
    text: str
    author: str
    created_s: float


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An action that somebody asked the service for. It outlives its study."""

    id: int
    at_s: float
    actor: str
    address: str
    """Where the request came from."""
    action: str
    study: str
    """The name it had then; empty where no study was meant."""
    detail: str
    outcome: str
