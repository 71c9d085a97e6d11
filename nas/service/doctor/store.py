"""The store: there, of this program's version, writable, near, with a clock like ours."""

import statistics
import time
from collections.abc import Callable, Iterator

from nas.errors import NasError
from nas.service.doctor.check import Check, attempt, refused
from nas.store import Store, open_store
from nas.store.schema import HEAD

SLOW_S = 0.5
"""A trial costs a few writes; its training waits for none of them, but the next trial does."""
SKEW_S = 5.0
WRITES = 5


def store_checks(url: str | None, clock: Callable[[], float] = time.time) -> Iterator[Check]:
    """Of one that is not there yet: only that. `clock` is this machine's."""
    try:
        store = open_store(url, create=False)
    except NasError as error:
        yield _absent(error)
        return
    with store:
        studies = attempt("store", lambda: _found(store))
        yield studies
        if studies.ok:
            yield attempt("writing to it", lambda: _latency(store))
            yield _clock(store, clock)


def _absent(error: NasError) -> Check:
    if "no store at" in str(error) or "nothing is stored there" in str(error):
        return Check("store", True, "none yet; the first search makes it")
    return refused("store", error)


def _found(store: Store) -> str:
    number = len(store.study_names())
    return f"{store.url}, version {HEAD}, {number} stud{'y' if number == 1 else 'ies'}"


def _latency(store: Store) -> str:
    took_s = statistics.median(store.pulse() for _ in range(WRITES))
    if took_s > SLOW_S:
        raise NasError(f"a commit takes {1e3 * took_s:.0f} ms; put the database on a faster disk, or nearer")
    return f"a commit takes {1e3 * took_s:.1f} ms"


def _clock(store: Store, clock: Callable[[], float]) -> Check:
    """Leases go by the database's clock alone; logs, and people who read them, do not."""
    before_s = clock()
    theirs_s = store.now_s()
    off_s = theirs_s - (before_s + clock()) / 2
    ok = abs(off_s) <= SKEW_S
    advice = "" if ok else "set both clocks by NTP; leases do not mind, but times in logs will not agree"
    return Check("its clock", ok, f"{off_s:+.2f} s from this machine's", advice)
