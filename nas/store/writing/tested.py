"""Writing what was seen on test sets."""

from dataclasses import replace

from sqlalchemy import insert, select

from nas.errors import StoreError
from nas.store.codec import to_json
from nas.store.tables import tests, trials
from nas.store.tested import TestRow
from nas.store.unit import Units


class TestedWrites(Units):
    """The part of a `Store` that records looks at test sets."""

    def record_test(self, study_id: int, row: TestRow) -> bool:
        """Keep a look at the test set, with the time; False if there was one of that name: that one stays.

        Raises `StoreError` if the study has no such trial.
        """
        here = (tests.c.study_id == study_id, tests.c.what == row.what)
        of_trial = (trials.c.study_id == study_id, trials.c.number == row.number)
        with self._changing(study_id) as change:
            connection = change.connection
            if connection.execute(select(tests.c.what).where(*here)).first() is not None:
                return False
            known = connection.execute(select(trials.c.number).where(*of_trial)).first()
            if row.number is not None and known is None:
                raise StoreError(f"no trial {row.number} in this study: list them with nas trials STUDY")
            timed = replace(row, at_s=change.now_s)
            values = {name: getattr(timed, name) for name in ("what", "number", "at_s", "images", "wrong")}
            connection.execute(
                insert(tests).values(study_id=study_id, record=to_json(timed.record), **values)
            )
            change.changed = True
            return True
