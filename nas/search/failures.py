"""Failures in a row that look alike: a sign that the study, not its networks, is broken."""

from nas.records import Cause, TrialState
from nas.store.rows import Outcome

EQUAL_FAILURES = 5
"""Failures in a row with one cause that end a study."""


class Failures:
    """Failures in a row with the same cause and the same last line of their message."""

    def __init__(self, limit: int = EQUAL_FAILURES) -> None:
        self.limit = limit
        self._alike: list[int] = []
        self._what: tuple[Cause | None, str] = (None, "")

    def add(self, outcome: Outcome) -> None:
        """Count an outcome; anything but the same failure begins anew."""
        lines = outcome.message.strip().splitlines()
        what = (outcome.cause, lines[-1] if lines else "")
        if outcome.state is not TrialState.FAILED or what != self._what:
            self._alike.clear()
        if outcome.state is TrialState.FAILED:
            self._what = what
            self._alike.append(outcome.number)

    @property
    def detail(self) -> str:
        """What failed, once the limit is reached; else empty."""
        if len(self._alike) < self.limit:
            return ""
        cause, message = self._what
        trials = ", ".join(map(str, self._alike))
        return f"{len(self._alike)} trials in a row ({trials}) failed alike: {cause}: {message}"
