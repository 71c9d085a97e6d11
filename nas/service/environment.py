"""Everything that the environment says, tried out in one place: before a search begins, and by the doctor."""

from collections.abc import Callable, Iterator

from nas.errors import NasError
from nas.search.lease import lease_s
from nas.store.engine import lasting, parse_url

SETTINGS = (
    "NAS_LEASE_S",
    "NAS_STUCK_S",
    "NAS_CHECKPOINT_S",
    "NAS_KEEP_WEIGHTS",
    "NAS_ARTIFACTS_LIMIT",
    "NAS_DATA",
)
"""Those that are no place of their own; store, artifacts and cluster are looked at by themselves."""


def check_environment() -> None:
    """Raise the first mistake of the environment, before anything is created for it."""
    for mistake in mistakes():
        raise mistake


def check_store(url: str | None) -> None:
    """Raise `StoreError` if a study that a command begins there would be lost with its process."""
    lasting(parse_url(url))


def mistakes() -> Iterator[NasError]:
    """All that is wrong in `SETTINGS`."""
    for read in _readers():
        try:
            read()
        except NasError as error:
            yield error


def _readers() -> list[Callable[[], object]]:
    """What reads a setting of the environment, and raises `NasError` if it cannot."""
    from workers.data.paths import check_root
    from workers.keep import bytes_kept, trials_kept
    from workers.settings import checkpoint_s, stuck_s

    return [lease_s, stuck_s, checkpoint_s, trials_kept, bytes_kept, check_root]
