"""Writing what proxies think of candidates."""

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select

from nas.store.codec import text_in, to_json
from nas.store.rows import Screened
from nas.store.tables import screened
from nas.store.unit import Change, Units
from nas.store.writing.studies import add_refusals


class ScreeningWrites(Units):
    """The part of a `Store` that writes scores."""

    def screen(self, study_id: int, rows: Sequence[Screened], refused: Mapping[str, int]) -> None:
        """Keep scored candidates, and count the points refused when they were drawn; known ones stay as
        they are."""
        with self._changing(study_id) as change:
            for reason, num in refused.items():
                add_refusals(change, text_in(reason), num)
            known = _known(change, [row.key for row in rows])
            new = [_values(study_id, row) for row in rows if row.key not in known]
            if new:
                change.connection.execute(insert(screened), new)
                change.changed = True


def _known(change: Change, keys: Sequence[str]) -> set[str]:
    asked = select(screened.c.key).where(screened.c.study_id == change.study_id, screened.c.key.in_(keys))
    return set(change.connection.execute(asked).scalars())


def _values(study_id: int, row: Screened) -> dict[str, object]:
    return {
        "study_id": study_id,
        "key": row.key,
        "draw": row.draw,
        "arch_id": row.arch_id,
        "point": to_json(row.point),
        "score": row.score,
    }
