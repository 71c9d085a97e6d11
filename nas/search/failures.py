"""Failures in a row that look alike: a sign that the study, not its networks, is broken."""

import re

from nas.records import Cause, TrialState
from nas.store.rows import Outcome

EQUAL_FAILURES = 5
"""Failures in a row with one cause that end a study."""


class Failures:
    """Failures in a row with the same cause; errors also with the same last line, whatever its numbers.

    Numbers are process ids, seconds, epochs, and parts of paths: they differ where the failure does not.
    """

    def __init__(self, limit: int = EQUAL_FAILURES) -> None:
        self.limit = limit
        self._alike: list[int] = []
        self._what: tuple[Cause | None, str] = (None, "")
        self._line = ""
        self._final = ""

    def add(self, outcome: Outcome) -> None:
        """Count an outcome; anything but the same failure begins anew."""
        line = (outcome.message.strip().splitlines() or [""])[-1]
        what = (outcome.cause, _NUMBER.sub("#", line) if outcome.cause is Cause.ERROR else "")
        if outcome.state is not TrialState.FAILED or what != self._what:
            self._alike.clear()
        if outcome.state is TrialState.FAILED:
            self._what, self._line = what, line
            self._alike.append(outcome.number)

    def condemn(self, detail: str) -> None:
        """One failure says it all: every other trial would fail like this one."""
        self._final = detail

    @property
    def detail(self) -> str:
        """What failed, once it is sure to go on; else empty."""
        if self._final or len(self._alike) < self.limit:
            return self._final
        trials = ", ".join(map(str, self._alike))
        return f"{len(self._alike)} trials in a row ({trials}) failed alike: {self._what[0]}: {self._line}"


_NUMBER = re.compile(r"0x[0-9a-f]+|\d+")
