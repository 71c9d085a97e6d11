"""A study is deleted: its artifacts, then all its rows."""

from dataclasses import dataclass

from nas.errors import NasError, StudyDrivenError
from nas.store import Store


@dataclass(frozen=True)
class Deleted:
    """What is gone."""

    study: str
    trials: int
    artifacts: str
    """Where they are or were."""
    removed: bool
    """Whether the artifacts are gone."""


def delete(store: Store, name: str, *, keep_artifacts: bool = False) -> Deleted:
    """Delete a study that nobody drives. Artifacts go first, so that it can be asked again where that fails.

    Raises:
        StudyDrivenError: a driver of it is alive.
        NasError: its artifacts cannot be removed.
    """
    from nas.search.presence import bury

    row = store.study(name)
    bury(store, row.id)
    if alive := [driver.host for driver in store.drivers(row.id) if driver.live]:
        raise driven(name, alive)
    if not keep_artifacts:
        _remove(name, row.artifacts)
    if alive := store.delete_study(row.id):
        raise driven(name, alive)
    return Deleted(name, sum(row.counts.values()), row.artifacts, not keep_artifacts)


def driven(name: str, hosts: list[str]) -> StudyDrivenError:
    """That a study is driven on these hosts."""
    where = ", ".join(sorted({host.partition("/")[0] for host in hosts}))
    return StudyDrivenError(
        f"study {name!r} is driven on {where}: type nas cancel {name}, and delete it when that has ended"
    )


def _remove(name: str, root: str) -> None:
    """The study's folder with all that is in it."""
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(root)
        if files.exists(path):
            files.rm(path, recursive=True)
    except (OSError, ValueError, ImportError) as error:
        raise NasError(
            f"cannot remove the artifacts of {name!r} at {root}: {error}; nothing of the study is deleted: "
            f"mend that, or type nas delete {name} --keep-artifacts"
        ) from error
