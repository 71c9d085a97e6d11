"""A store as a whole: upgraded to this program's version, checked row by row."""

from dataclasses import dataclass

from nas.store import open_store, upgrade_store
from nas.store.schema import HEAD


@dataclass(frozen=True)
class Upgrade:
    """The revisions of a store's tables before and after; `before` is None where there were none."""

    before: str | None
    after: str


@dataclass(frozen=True)
class StoreCheck:
    """What testing a store found; `problems` is empty for a sound one."""

    url: str
    revision: str
    studies: int
    trials: int
    problems: list[str]


def upgrade(url: str | None) -> Upgrade:
    """Bring a store of an older version to this program's."""
    return Upgrade(*upgrade_store(url))


def check(url: str | None) -> StoreCheck:
    """Read every row once: file, counters, numbers, attempts, drivers."""
    with open_store(url, create=False) as store:
        rows = store.studies()
        trials = sum(sum(row.counts.values()) for row in rows)
        return StoreCheck(store.url, HEAD, len(rows), trials, store.problems())
