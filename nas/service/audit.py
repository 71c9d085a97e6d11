"""What was asked of the service, by whom, and what came of it. Rows outlive their studies."""

from nas.service.values import bounded
from nas.store import Store
from nas.store.remarks import AuditRow

MOST = 1_000
"""Rows of a page at most."""


def record(
    store: Store, *, actor: str, action: str, study: str, detail: str, outcome: str, address: str
) -> None:
    """Note an action: `actor` is who asked (`local`, `token`), from `address`; `study` may be empty."""
    store.record_action(
        actor=actor, address=address, action=action, study=study, detail=detail, outcome=outcome
    )


def entries(store: Store, *, limit: int = 100, before: int | None = None) -> list[AuditRow]:
    """Up to `limit` actions, the latest first; `before`: only those with a smaller id, for the next page."""
    if before is not None:
        bounded(before, "before")
    return store.audit(bounded(limit, "limit", high=MOST), before)
