"""The page of failures: why attempts ended without a result, grouped by cause, over all studies or one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nas.records import Cause
from nas.service.values import bounded
from nas.store import Store
from nas.store.reading.failing import Failed

READ = 200
"""Messages of a study and cause that the commonest is taken from: the latest."""
HEAD = 300
"""Characters of a message in a list; a trial's own page has all."""
MOST = 500
"""Examples of a group at most."""


@dataclass(frozen=True)
class FailureExample:
    """One attempt that ended so."""

    study: str
    number: int
    attempt: int
    message: str
    """In one line."""
    worker: str
    ended_s: float | None


@dataclass(frozen=True)
class FailureGroup:
    """All attempts that ended with one cause."""

    cause: str
    count: int
    """Attempts."""
    lost: int
    """Of them, those whose trial failed with it; the trials of the others were tried again."""
    studies: list[str]
    message: str
    """In one line, the one that the latest said most often."""
    examples: list[FailureExample]
    """The latest first."""


@dataclass(frozen=True)
class Failures:
    """What went wrong."""

    groups: list[FailureGroup]
    """The cause that lost most trials first."""
    infeasible: dict[str, dict[str, int]] = field(default_factory=dict)
    """Study -> reason -> points that were refused before anything was spent on them."""


def failures(store: Store, *, study: str | None = None, limit: int = 50) -> Failures:
    """The failures of one study or of all, with up to `limit` examples of each cause."""
    bounded(limit, "limit", high=MOST)
    if study is not None:
        names = {store.study(study).id: study}
    else:
        names = {row.id: row.name for row in store.studies()}
    counted = {study_id: store.failure_counts(study_id) for study_id in names}
    causes = {cause: None for counts in counted.values() for cause in counts}
    groups = [_group(store, names, counted, cause, limit) for cause in causes]
    groups.sort(key=lambda group: (-group.lost, -group.count, group.cause))
    refused = {name: store.refusals(study_id) for study_id, name in names.items()}
    return Failures(groups, {name: reasons for name, reasons in refused.items() if reasons})


def _group(
    store: Store,
    names: dict[int, str],
    counted: Mapping[int, Mapping[Cause, tuple[int, int]]],
    cause: Cause,
    limit: int,
) -> FailureGroup:
    here = [study_id for study_id, counts in counted.items() if cause in counts]
    found = [one for study_id in here for one in store.failed(study_id, cause, max(READ, limit))]
    found.sort(key=lambda one: -(one.ended_s or 0.0))
    said = Counter(headline(one.message) for one in found)
    return FailureGroup(
        cause=cause.value,
        count=sum(counted[study_id][cause][0] for study_id in here),
        lost=sum(counted[study_id][cause][1] for study_id in here),
        studies=[names[study_id] for study_id in here],
        message=said.most_common(1)[0][0] if said else "",
        examples=list(_examples(found[:limit], names)),
    )


def _examples(found: list[Failed], names: dict[int, str]) -> Iterator[FailureExample]:
    for one in found:
        said = headline(one.message)
        yield FailureExample(names[one.study_id], one.number, one.attempt, said, one.worker, one.ended_s)


def headline(message: str) -> str:
    """A message in one line: of a traceback the last, which has the error, else the first."""
    lines = [line for line in message.splitlines() if line.strip()]
    if not lines:
        return ""
    traced = lines[0].startswith("Traceback ") or any(line.startswith("  File ") for line in lines)
    return (lines[-1] if traced else lines[0]).strip()[:HEAD]
