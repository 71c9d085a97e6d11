"""Units of work: a read, a write, and a change of a study, each one transaction.

Every change of a study starts by raising the revision on its row. That one statement locks the study
(against other processes until the commit), reads the clock and the counters, and gives the revision
that the changed rows carry. So revisions are in commit order, and a reader that asks for "all after
revision r" misses nothing. A unit that changes nothing is rolled back and raises no revision.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Row, bindparam, update

from nas.errors import StudyNotFoundError
from nas.records import BUDGETED, TrialState
from nas.store.engine import WRITES, now
from nas.store.failures import explained
from nas.store.tables import COUNTERS, studies

_START = (
    update(studies)
    .where(studies.c.id == bindparam("study"))
    .values(revision=studies.c.revision + 1, changed_s=now())
    .returning(
        studies.c.revision,
        studies.c.changed_s,
        studies.c.budget,
        studies.c.next_number,
        studies.c.metric,
        studies.c.attributes,
        *(studies.c[name] for name in COUNTERS.values()),
    )
)
_COUNT = (
    update(studies)
    .where(studies.c.id == bindparam("study"))
    .values(
        next_number=bindparam("next"),
        **{name: studies.c[name] + bindparam(f"more_{name}") for name in COUNTERS.values()},
    )
)


class Change:
    """A study that is being changed: its connection, its row, the clock, the counters to adjust."""

    def __init__(self, connection: Connection, study_id: int, row: Row[Any]) -> None:
        self.connection, self.study_id = connection, study_id
        self.revision: int = row.revision
        self.now_s: float = row.changed_s
        self.metric: str = row.metric
        self.attributes: str = row.attributes
        self.next_number: int = row.next_number
        self.budget_left: int = row.budget - sum(getattr(row, COUNTERS[state]) for state in BUDGETED)
        self.changed = False
        self._counted: Counter[TrialState] = Counter()

    def count(self, state: TrialState, more: int) -> None:
        """`more` trials are now in `state` (fewer if negative); the unit has changed its study."""
        self.changed = True
        self._counted[state] += more

    def finish(self) -> None:
        """Write the counters, if any trial moved."""
        if self._counted:
            more = {f"more_{name}": self._counted[state] for state, name in COUNTERS.items()}
            self.connection.execute(_COUNT, {"study": self.study_id, "next": self.next_number, **more})


class Units:
    """The base of all parts of a `Store`: an engine and the three kinds of transaction."""

    def __init__(self, url: URL, engine: Engine, given: str | None = None) -> None:
        self._url, self._engine, self._given = url, engine, given
        self._writer = engine.execution_options(**{WRITES: True})

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._url, "read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that raises no revision: leases, draw numbers, new studies."""
        with explained(self._url, "write"), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _changing(self, study_id: int) -> Iterator[Change]:
        """A transaction that changes a study; rolled back unless `Change.changed` is set."""
        with explained(self._url, "write"), self._writer.connect() as connection:
            row = connection.execute(_START, {"study": study_id}).one_or_none()
            if row is None:
                raise StudyNotFoundError(f"no study with id {study_id}: list them with `nas studies`")
            change = Change(connection, study_id, row)
            yield change
            if change.changed:
                change.finish()
                connection.commit()
