"""What studies make of their draws and slots, without a page that waits for the walk over their attempts."""

import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from nas.errors import StoreError
from nas.service.usage import Usage, usage
from nas.store import Store
from nas.store.rows import StudyRow

logger = logging.getLogger(__name__)

KEPT = 1_000
"""Studies of a store whose usage is kept."""
SMALL = 2_000
"""Trials that are walked over while a page waits: some 10 ms."""
FRESH_S = 10.0
"""A larger study is walked over no more often than this, beside the pages."""


@dataclass
class _Known:
    revision: int = -1
    at_s: float = 0.0
    usage: Usage | None = None
    coming: Future[None] | None = None


_walker = ThreadPoolExecutor(1, "usage")
_lock = threading.Lock()
_stores: WeakKeyDictionary[Store, OrderedDict[int, _Known]] = WeakKeyDictionary()


def latest_usage(store: Store, row: StudyRow, *, live: bool, wait_s: float = 0.0) -> Usage | None:
    """A study's usage by now; of a large study that changes as it was some seconds ago, and None while it is
    walked over for the first time, which is waited for no longer than `wait_s` seconds.

    `live`: whether drivers are at work, so that it changes as time goes by.
    """
    known = _known(store, row.id)
    if known.revision == row.revision and not live:
        return known.usage
    if sum(row.counts.values()) <= SMALL:
        _walk(store, row, known)
        return known.usage
    with _lock:
        walking = known.coming is not None and not known.coming.done()
        if not walking and (known.usage is None or time.monotonic() - known.at_s >= FRESH_S):
            known.coming = _walker.submit(_walk, store, row, known)
        coming = known.coming
    if coming is not None and wait_s:
        wait([coming], wait_s)
    return known.usage


def _known(store: Store, study_id: int) -> _Known:
    with _lock:
        studies = _stores.setdefault(store, OrderedDict())
        found = studies.setdefault(study_id, _Known())
        studies.move_to_end(study_id)
        while len(studies) > KEPT:
            studies.popitem(last=False)
        return found


def _walk(store: Store, row: StudyRow, known: _Known) -> None:
    try:
        known.usage, known.revision = usage(store, row), row.revision
    except StoreError as error:  # of one that is away every page says so itself
        logger.info("usage of study %s: %s", row.name, error)
    known.at_s = time.monotonic()
