"""Trials that ended elsewhere: taken over whole, with their epochs and results."""

from collections.abc import Sequence

from sqlalchemy import update

from nas.errors import StoreError
from nas.store.rows import Adopted, Claim
from nas.store.tables import studies
from nas.store.unit import Change, Units
from nas.store.writing.claims import decide, enter
from nas.store.writing.drivers import holds_lease
from nas.store.writing.results import accept, append


class AdoptingWrites(Units):
    """The part of a `Store` that takes trials over."""

    def adopt(self, study_id: int, driver_id: int, rows: Sequence[Adopted]) -> list[int | None]:
        """Make ended trials of all that the study does not have yet; their numbers, None for a known key.

        The budget grows by as many, so that what is left of it stays.
        """
        if not rows:
            return []
        with self._changing(study_id) as change:
            if not holds_lease(change, driver_id):
                raise StoreError("the lease of what takes trials over ran out: run the same command again")
            grow(change, len(rows))
            answers = decide(change, [row.candidate for row in rows], None)
            new = [(a, row) for a, row in zip(answers, rows, strict=True) if isinstance(a, Claim)]
            grow(change, len(new) - len(rows))
            _end(change, driver_id, new)
            numbers = {id(row): claim.number for claim, row in new}
            return [numbers.get(id(row)) for row in rows]


def _end(change: Change, driver_id: int, new: Sequence[tuple[Claim, Adopted]]) -> None:
    """Each begins and ends now, as attempt 1."""
    enter(change, [Claim(claim.number, 1, claim.candidate) for claim, _ in new], driver_id)
    reports = [report for claim, row in new for report in row.reports(claim.number)]
    if reports:
        append(change, reports)
    if new:
        accept(change, driver_id, [row.outcome(claim.number) for claim, row in new])


def grow(change: Change, more: int) -> None:
    """Raise the budget; it cannot be spent by others meanwhile."""
    here = update(studies).where(studies.c.id == change.study_id)
    change.connection.execute(here.values(budget=studies.c.budget + more))
    change.budget_left += more
