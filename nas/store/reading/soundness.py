"""Whether a store is sound: what must hold in every study at any time, counted from the rows themselves."""

from collections.abc import Iterator

from sqlalchemy import Connection, Row, func, select, text

from nas.records import TrialState
from nas.store.tables import COUNTERS, attempts, drivers, epochs, metrics, params, studies, trials
from nas.store.unit import Units


class SoundnessReads(Units):
    """The part of a `Store` that checks it."""

    def problems(self) -> list[str]:
        """What is wrong, one sentence each; empty for a sound store. Reads every row once."""
        with self._reading() as connection:
            found = [*_damage(connection)]
            for row in connection.execute(select(studies).order_by(studies.c.id)).all():
                found += [f"study {row.name}: {problem}" for problem in _study(connection, row)]
            return found


def _damage(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds in its file; a PostgreSQL server watches over its own."""
    if connection.dialect.name != "sqlite":
        return
    for line in connection.execute(text("PRAGMA integrity_check")).scalars():
        if line != "ok":
            yield f"the file is damaged: {line}"
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"a row of {row[0]} belongs to a row of {row[2]} that is not there"


def _study(connection: Connection, study: Row[tuple[object, ...]]) -> Iterator[str]:
    of_study = trials.c.study_id == study.id
    counting = select(trials.c.state, func.count()).where(of_study).group_by(trials.c.state)
    counts = {row[0]: row[1] for row in connection.execute(counting)}
    for state, column in COUNTERS.items():
        said, there = getattr(study, column), counts.get(state.value, 0)
        if said != there:
            yield f"{said} trials {state.value} are counted, {there} are there"
    last = connection.execute(select(func.max(trials.c.number)).where(of_study)).scalar_one() or 0
    if (last, study.next_number - 1) != (sum(counts.values()),) * 2:
        yield f"its {sum(counts.values())} trials are not numbered 1 to {study.next_number - 1}"
    holder = trials.join(drivers, trials.c.driver_id == drivers.c.id, isouter=True)
    orphans = (
        select(trials.c.number)
        .select_from(holder)
        .where(of_study, trials.c.state == TrialState.RUNNING.value)
        .where(drivers.c.id.is_(None) | drivers.c.ended_s.is_not(None))
    )
    for number in connection.execute(orphans.order_by(trials.c.number)).scalars():
        yield f"trial {number} runs without a driver"
    yield from _attempts(connection, study.id)
    yield from _strays(connection, study.id, last)


def _strays(connection: Connection, study_id: int, last: int) -> Iterator[str]:
    """Narrow rows without a trial: PostgreSQL does not see to them."""
    for table in (epochs, metrics, params):
        highest = select(func.max(table.c.number)).where(table.c.study_id == study_id)
        if (number := connection.execute(highest).scalar_one() or 0) > last:
            yield f"rows of {table.name} belong to trial {number}, which is not there"


def _attempts(connection: Connection, study_id: int) -> Iterator[str]:
    """Trials whose number of attempts is not the number of their rows."""
    tries = (
        select(attempts.c.number, func.count().label("rows"))
        .where(attempts.c.study_id == study_id)
        .group_by(attempts.c.number)
        .subquery()
    )
    rows = func.coalesce(tries.c.rows, 0)
    differ = (
        select(trials.c.number, trials.c.attempt, rows)
        .select_from(trials.join(tries, trials.c.number == tries.c.number, isouter=True))
        .where(trials.c.study_id == study_id, trials.c.attempt != rows)
        .order_by(trials.c.number)
    )
    for number, attempt, there in connection.execute(differ):
        yield f"trial {number} had {attempt} attempts, {there} are there"
