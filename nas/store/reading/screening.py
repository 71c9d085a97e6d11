"""Reading what proxies think of candidates."""

from sqlalchemy import func, select

from nas.store.codec import from_json
from nas.store.rows import Screened
from nas.store.tables import screened
from nas.store.unit import Units


class ScreeningReads(Units):
    """The part of a `Store` that reads scores."""

    def screened(self, study_id: int, after: int = -1, limit: int | None = None) -> list[Screened]:
        """The scored candidates drawn after draw `after`, in draw order; with `limit` the latest of them."""
        asked = (
            select(screened)
            .where(screened.c.study_id == study_id, screened.c.draw > after)
            .order_by(screened.c.draw.desc(), screened.c.key)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(asked).all()
        return [
            Screened(row.key, row.draw, row.arch_id, from_json(row.point), row.score)
            for row in reversed(rows)
        ]

    def screened_total(self, study_id: int) -> int:
        """How many candidates of a study have a score."""
        with self._reading() as connection:
            asked = select(func.count()).where(screened.c.study_id == study_id)
            return int(connection.execute(asked).scalar_one())
