"""`open_store`, and `Store`: all parts of writing and reading under one name."""

from pathlib import Path
from types import TracebackType

from nas.errors import StoreError
from nas.store.engine import artifacts_root, make_engine, parse_url, place, shown, sqlite_path
from nas.store.reading.activity import ActivityReads
from nas.store.reading.columns import ColumnReads
from nas.store.reading.curves import CurveReads
from nas.store.reading.failing import FailureReads
from nas.store.reading.listing import ListReads
from nas.store.reading.pulses import PulseReads
from nas.store.reading.remarks import RemarkReads
from nas.store.reading.screening import ScreeningReads
from nas.store.reading.soundness import SoundnessReads
from nas.store.reading.studies import StudyReads
from nas.store.reading.tallies import TallyReads
from nas.store.reading.tested import TestedReads
from nas.store.reading.trials import TrialReads
from nas.store.schema import migrate, prepare
from nas.store.writing.adopting import AdoptingWrites
from nas.store.writing.claims import ClaimWrites
from nas.store.writing.deleting import DeletingWrites
from nas.store.writing.drivers import DriverWrites
from nas.store.writing.pulse import PulseWrites
from nas.store.writing.remarks import RemarkWrites
from nas.store.writing.results import ResultWrites
from nas.store.writing.screening import ScreeningWrites
from nas.store.writing.studies import StudyWrites
from nas.store.writing.tested import TestedWrites


class Store(
    StudyWrites,
    DriverWrites,
    ClaimWrites,
    AdoptingWrites,
    DeletingWrites,
    ResultWrites,
    ScreeningWrites,
    RemarkWrites,
    TestedWrites,
    ListReads,
    StudyReads,
    TrialReads,
    ColumnReads,
    CurveReads,
    ScreeningReads,
    SoundnessReads,
    TallyReads,
    RemarkReads,
    TestedReads,
    FailureReads,
    ActivityReads,
    PulseReads,
    PulseWrites,
):
    """The one owner of truth. Safe to use from several threads; not across a fork: open it anew.

    Every method is one transaction. Failures of the database are `StoreError`s with one message;
    after one nothing of that call is stored, and the call may be repeated.
    """

    @property
    def url(self) -> str:
        """Where it is, without the password."""
        return shown(self._url).strip("'\"")

    @property
    def artifacts(self) -> str:
        """fsspec URL of the default artifact root: NAS_ARTIFACTS, or `artifacts` beside the SQLite file."""
        return artifacts_root(self._url)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str | None = None, *, create: bool = True) -> Store:
    """The store at `url` (default: NAS_STORE, else `nas-data/nas.db` in this folder).

    An absent or empty one is created, or refused with `create=False` (for commands that only read).
    Raises `StoreError` if it cannot be opened or is of another version.
    """
    parsed = parse_url(url)
    path = sqlite_path(parsed)
    if not create:
        _refuse_absent(url, path)
    elif path is not None and not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"cannot make the folder {path.parent} for the store: {error.strerror}"
            raise StoreError(f"{reason}; choose another place with --store") from error
    engine = make_engine(parsed)
    try:
        prepare(parsed, engine, create=create)
    except BaseException:
        engine.dispose()
        raise
    return Store(parsed, engine, url)


def upgrade_store(url: str | None = None) -> tuple[str | None, str]:
    """Bring a store of an older version to this program's; returns the revisions before and after."""
    parsed = parse_url(url)
    _refuse_absent(url, sqlite_path(parsed))
    engine = make_engine(parsed)
    try:
        return migrate(parsed, engine)
    finally:
        engine.dispose()


def _refuse_absent(url: str | None, path: Path | None) -> None:
    if path is not None and not path.exists():
        raise StoreError(
            f"no store at {place(url)}: start a search, or say where it is with --store or NAS_STORE"
        )
