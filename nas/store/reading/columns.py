"""Single columns of many trials of a study, for charts: no records are made and hardly any JSON is read.

Whoever keeps columns asks again with `after`, a revision of the study that was read before the columns were:
then only the trials come that have changed since, by an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from nas.errors import StudyNotFoundError
from nas.records import Point
from nas.store.codec import from_json
from nas.store.reading.curves import attempt_row
from nas.store.reading.studies import summaries, summary
from nas.store.rows import AttemptRow, StudySummary
from nas.store.tables import attempts, epochs, metrics, studies, trials
from nas.store.unit import Units

CHUNK = 500
"""Numbers in one condition, what every SQLite takes; and rows that are read at once."""


class ColumnReads(Units):
    """The part of a `Store` that reads columns."""

    def trial_columns(self, study_id: int, names: Sequence[str], after: int | None = None) -> list[list[Any]]:
        """`number` and these columns as the table has them, a list each; with `after` only of trials
        that have changed after that revision."""
        asked = select(trials.c.number, *(trials.c[name] for name in names))
        asked = asked.where(trials.c.study_id == study_id)
        # By number the rows lie beside each other: four times as fast as by another index.
        whole = asked.order_by(trials.c.number)
        asked = whole if after is None else asked.where(trials.c.revision > after)
        with self._reading() as connection:
            return _columns(connection.execute(asked).partitions(CHUNK), len(names) + 1)

    def metric_column(
        self, study_id: int, name: str, numbers: Sequence[int] | None = None
    ) -> list[list[Any]]:
        """Numbers and values of trials that have told a metric, a list each; with `numbers` only of these."""
        c = metrics.c
        asked = select(c.number, c.value).where(c.study_id == study_id, c.metric == name)
        with self._reading() as connection:
            if numbers is None:
                return _columns(connection.execute(asked).partitions(CHUNK), 2)
            return _columns([_of(connection, asked, c.number, numbers)], 2)

    def study_summary(self, study_id: int) -> StudySummary:
        """One line of the list of studies. Raises `StudyNotFoundError`."""
        with self._reading() as connection:
            row = connection.execute(summaries().where(studies.c.id == study_id)).one_or_none()
        if row is None:
            raise StudyNotFoundError(f"no study with id {study_id}: list them with `nas studies`")
        return summary(row)

    def points(self, study_id: int, numbers: Sequence[int]) -> dict[int, Point]:
        """Number -> point of these trials."""
        asked = select(trials.c.number, trials.c.point).where(trials.c.study_id == study_id)
        with self._reading() as connection:
            rows = _of(connection, asked, trials.c.number, numbers)
        return {number: from_json(text) for number, text in rows}

    def epoch_values(
        self, study_id: int, numbers: Sequence[int], metric: str | None = None
    ) -> dict[int, dict[int, float | None]]:
        """Number -> epoch -> value of the first objective, or of `metric`, each from the latest attempt that
        has the epoch; None where it was not told, or is no number."""
        c = epochs.c
        asked = select(c.number, c.attempt, c.epoch, c.value if metric is None else c.metrics)
        with self._reading() as connection:
            rows = _of(connection, asked.where(c.study_id == study_id), c.number, numbers)
        found: dict[int, dict[int, Any]] = {}
        for number, _, epoch, told in sorted(rows, key=lambda row: row[:3]):
            found.setdefault(number, {})[epoch] = told
        latest = {number: dict(sorted(curve.items())) for number, curve in found.items()}
        if metric is None:
            return latest
        return {
            n: {e: from_json(told).get(metric) for e, told in curve.items()} for n, curve in latest.items()
        }

    def epoch_columns(self, study_id: int, metric: str | None = None) -> list[list[Any]]:
        """Number, epoch, and value of the first objective or of `metric`, of every epoch of a study, a list
        each; where attempts have an epoch both, the latest is behind."""
        c = epochs.c
        asked = select(c.number, c.epoch, c.value if metric is None else c.metrics)
        asked = asked.where(c.study_id == study_id).order_by(c.number, c.attempt, c.epoch)
        with self._reading() as connection:
            numbers, places, told = _columns(connection.execute(asked).partitions(CHUNK), 3)
        return [numbers, places, told if metric is None else [from_json(text).get(metric) for text in told]]

    def attempts_of(self, study_id: int, numbers: Sequence[int]) -> list[AttemptRow]:
        """All tries at these trials, by number and attempt."""
        asked = select(attempts).where(attempts.c.study_id == study_id)
        with self._reading() as connection:
            rows = _of(connection, asked, attempts.c.number, numbers)
        return sorted(map(attempt_row, rows), key=lambda row: (row.number, row.attempt))

    def attempts_within(self, study_id: int, since_s: float, until_s: float) -> int:
        """How many attempts ran at some time in a window."""
        c = attempts.c
        asked = select(func.count()).where(c.study_id == study_id, c.started_s <= until_s)
        asked = asked.where(c.ended_s.is_(None) | (c.ended_s >= since_s))
        with self._reading() as connection:
            return int(connection.execute(asked).scalar_one())

    def latest_ends(self, study_id: int, count: int) -> list[float]:
        """When the trials ended that did so last, seconds since 1970, among the `count` that changed last."""
        c = trials.c
        latest = select(c.ended_s).where(c.study_id == study_id)
        latest = latest.order_by(c.revision.desc(), c.number.desc()).limit(count)
        with self._reading() as connection:
            return sorted(end for end in connection.execute(latest).scalars() if end is not None)

    def attributes_of(self, study_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """Study -> its attributes, of several studies at once."""
        asked = select(studies.c.id, studies.c.attributes).where(studies.c.id.in_(study_ids))
        with self._reading() as connection:
            return {row.id: from_json(row.attributes) for row in connection.execute(asked)}


def _columns(parts: Iterable[Sequence[Any]], count: int) -> list[list[Any]]:
    """Columns of rows in parts: twice as fast as of all rows at once, which the collector of garbage
    would walk over again and again."""
    columns: list[list[Any]] = [[] for _ in range(count)]
    for rows in parts:
        for column, values in zip(columns, zip(*rows, strict=True), strict=False):
            column.extend(values)
    return columns


def _of(connection: Connection, asked: Select[Any], column: Any, numbers: Sequence[int]) -> list[Any]:
    """The rows of these numbers, a chunk a query."""
    chunks = asked.where(column.in_(bindparam("numbers", expanding=True)))
    return [
        row
        for start in range(0, len(numbers), CHUNK)
        for row in connection.execute(chunks, {"numbers": list(numbers[start : start + CHUNK])}).all()
    ]
