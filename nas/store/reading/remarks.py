"""Reading notes, and what was done through the service."""

from sqlalchemy import select

from nas.store.remarks import AuditRow, NoteRow
from nas.store.tables import audit, notes
from nas.store.unit import Units


class RemarkReads(Units):
    """The part of a `Store` that reads notes and the audit."""

    def notes(self, study_id: int, number: int | None = None) -> list[NoteRow]:
        """The notes on a trial, or without a number those on the study as a whole; the oldest first."""
        c = notes.c
        asked = select(c.id, c.number, c.text, c.author, c.created_s).where(c.study_id == study_id)
        asked = asked.where(c.number.is_(None) if number is None else c.number == number)
        with self._reading() as connection:
            return [NoteRow(*row) for row in connection.execute(asked.order_by(c.id))]

    def audit(self, limit: int, before: int | None = None) -> list[AuditRow]:
        """Up to `limit` actions, the latest first; `before`: only those with a smaller id."""
        c = audit.c
        asked = select(c.id, c.at_s, c.actor, c.address, c.action, c.study, c.detail, c.outcome)
        if before is not None:
            asked = asked.where(c.id < before)
        with self._reading() as connection:
            return [AuditRow(*row) for row in connection.execute(asked.order_by(c.id.desc()).limit(limit))]
