"""The store: there, of this program's version, writable, near, with a clock like ours."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from nas.errors import NasError
from nas.service.doctor.check import Check, attempt, refused
from nas.store import Store, open_store
from nas.store.engine import lasting, parse_url, sqlite_path
from nas.store.schema import HEAD

SLOW_S = 0.5
"""A trial costs a few writes; its training waits for none of them, but the next trial does."""
SKEW_S = 5.0
WRITES = 5


def store_checks(url: str | None, clock: Callable[[], float] = time.time) -> Iterator[Check]:
    """Of one that is not there yet: only that. `clock` is this machine's."""
    try:
        path = sqlite_path(lasting(parse_url(url)))
    except NasError as error:
        yield refused("store", error)
        return
    try:
        store = open_store(url, create=False)
    except NasError as error:
        yield _absent(path, error)
        return
    with store:
        studies = attempt("store", lambda: _found(store))
        yield studies
        if studies.ok:
            yield attempt("writing to it", lambda: _latency(store))
            yield _clock(store, clock)


def readable(url: str | None) -> bool:
    """Whether the URL can be a store's at all."""
    try:
        lasting(parse_url(url))
    except NasError:
        return False
    return True


def _absent(path: Path | None, error: NasError) -> Check:
    """A store that is not there yet is in order if a search can make it."""
    absent = path is not None and not path.exists()
    if not absent and "nothing is stored there" not in str(error):
        return refused("store", error)
    if path is not None and absent and (why := _unmakable(path)):
        return Check("store", False, why, "choose another place with --store, or NAS_STORE")
    return Check("store", True, "none yet; the first search makes it")


def _unmakable(path: Path) -> str:
    """Why a file cannot be made there, tried in the nearest folder that there is; empty if it can."""
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            return ""
    except OSError as error:
        return f"none yet, and {path} cannot be made: {folder}: {error.strerror}"


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
