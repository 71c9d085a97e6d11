"""Errors of the database as one clear message: what, the store, why, what to type."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError, TimeoutError

from nas.errors import StoreAwayError, StoreError
from nas.store.engine import shown, sqlite_path

_KNOWN = (
    # (pattern in the driver's message, what it means, what to do)
    (r"disk is full", "the disk is full", "nothing stored is lost: free space{at}, then `nas resume STUDY`"),
    (r"readonly database", "it is read-only", "make {file} and its folder writable, or choose another store"),
    (
        r"is locked",
        "another process keeps it locked",
        "end that process, or wait longer: ?timeout=SECONDS in the URL",
    ),
    (
        r"unable to open",
        "the file cannot be opened",
        "check that {file} is a file in a folder you may write to",
    ),
    (r"not a database", "the file is not a database", "choose another path; nas creates the file itself"),
    (r"malformed", "the file is damaged", "restore a copy of {file}, with its -wal file if there is one"),
    (r"disk i/o error", "the disk fails", "check the one of {file}; on a network drive use PostgreSQL"),
    (
        r"no space left",
        "the server's disk is full",
        "nothing stored is lost: free space there, then `nas resume STUDY`",
    ),
    (r"password authentication", "the password is wrong", "correct USER:PASSWORD in NAS_STORE or --store"),
    (r"no password supplied", "a password is needed", "write postgresql://USER:PASSWORD@HOST/DATABASE"),
    (
        r"permission denied",
        "this user may not do that",
        "GRANT it, or use another user in NAS_STORE or --store",
    ),
    (r"read-only transaction", "it is read-only", "use the primary server, not a replica"),
    (
        r"connection refused|no such file",
        "no server answers there",
        "start it, or correct HOST:PORT in NAS_STORE",
    ),
    (
        r"starting up|shutting down|not (yet )?accepting connections|recovery mode",
        "the server is about to start, or to end",
        "wait, or look into its log",
    ),
    (
        r"timeout expired|timed out|host is down|no route to host|network is unreachable",
        "it does not answer",
        "check HOST:PORT in NAS_STORE or --store, and the network between",
    ),
    (
        r"(translate|resolve) host|name resolution",
        "there is no such host",
        "correct HOST in NAS_STORE or --store",
    ),
    (
        r"no such table|relation .nas_\w+. does not",
        "its tables are missing",
        "choose another store, or restore a copy",
    ),
    (r"database .* does not exist", "the server has no such database", "create it: createdb DATABASE"),
    (
        r"bad value|invalid (connection option|integer|port|dsn)|integer value",
        "its URL has a wrong option",
        "correct it in NAS_STORE or --store",
    ),
)
_AWAY = re.compile(
    r"is locked|connection refused|starting up|shutting down|not (yet )?accepting connections|recovery mode"
    r"|terminating connection|server closed|connection (was |is |has been )?(closed|lost|reset|timed? ?out)"
    r"|connection abort|too many clients|connection slots are reserved|could not connect|timeout expired"
    r"|no route to host|network is unreachable|host is down|(resolve|translate) host|name resolution"
    r"|eof detected|queuepool limit",
    re.IGNORECASE,
)
"""In messages of what passes: of a lock, of a server that restarts or recovers (its name may be gone until it
is back), of a network that was cut."""


def explain(url: URL, error: SQLAlchemyError, doing: str) -> StoreError:
    """The `StoreError` for a failure while `doing` ("open", "read", "write") the store."""
    reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    kind = StoreAwayError if _is_away(error, reason) else StoreError
    line = reason.strip().splitlines()[0] if reason.strip() else type(error).__name__
    path = sqlite_path(url)
    if "disk I/O error" in reason and path and _free_bytes(path) < 2**20:
        reason = f"database or disk is full; {reason}"  # SQLite says so when its shared memory finds no room
    words = {"file": str(path) if path else "it", "at": f" on the disk of {path}" if path else ""}
    for pattern, meaning, advice in _KNOWN:
        if re.search(pattern, reason, re.IGNORECASE):
            return refusal(url, doing, f"{meaning} ({line})", advice.format(**words), kind)
    return refusal(url, doing, line, "check it with `nas doctor`", kind)


def _is_away(error: SQLAlchemyError, reason: str) -> bool:
    """Whether the same call may succeed a moment later."""
    cut = isinstance(error, DBAPIError) and error.connection_invalidated
    return cut or _AWAY.search(reason) is not None


def _free_bytes(path: Path) -> int:
    """Room on the disk of a file; endless if it cannot be told."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return 2**63


def refusal(url: URL, doing: str, why: str, advice: str, kind: type[StoreError] = StoreError) -> StoreError:
    """A message in the room's one form."""
    error = kind(f"cannot {doing} the store {shown(url)}: {why}; {advice}")
    error.brief = f"cannot {doing} the store: {why}; {advice}"
    return error


@contextmanager
def explained(url: URL, doing: str) -> Iterator[None]:
    """Turn the database's errors into `StoreError`; our own mistakes pass as they are."""
    try:
        yield
    except IntegrityError:
        raise
    except ProgrammingError as error:
        if not re.search(r"permission denied|does not exist|bad value|invalid connection", str(error.orig)):
            raise
        raise explain(url, error, doing) from error
    except (DBAPIError, TimeoutError) as error:
        raise explain(url, error, doing) from error
