"""Reading what was seen on test sets."""

from sqlalchemy import Select, select

from nas.store.codec import from_json
from nas.store.tables import studies, tests
from nas.store.tested import TestRow
from nas.store.unit import Units


class TestedReads(Units):
    """The part of a `Store` that reads looks at test sets."""

    def tests(self, study_id: int) -> list[TestRow]:
        """All of a study, the oldest first."""
        return self._tests(select(tests).where(tests.c.study_id == study_id))

    def test(self, study_id: int, what: str) -> TestRow | None:
        """The one of that name."""
        here = (tests.c.study_id == study_id, tests.c.what == what)
        return next(iter(self._tests(select(tests).where(*here))), None)

    def tests_on(self, data: str, what: str) -> list[TestRow]:
        """Those of that name in all studies on one data set, the oldest first: of what no study decides."""
        joined = select(tests).join(studies, studies.c.id == tests.c.study_id)
        return self._tests(joined.where(studies.c.data == data, tests.c.what == what))

    def _tests(self, asked: Select[tuple[object, ...]]) -> list[TestRow]:
        with self._reading() as connection:
            rows = connection.execute(asked.order_by(tests.c.at_s, tests.c.what)).all()
        return [
            TestRow(
                what=row.what,
                number=row.number,
                at_s=row.at_s,
                images=row.images,
                wrong=row.wrong,
                record=from_json(row.record),
            )
            for row in rows
        ]
