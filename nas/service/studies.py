"""Studies: create, join, look at, and ask their drivers for something. No Optuna, torch or Ray."""

import re
import secrets
from dataclasses import dataclass, replace

from nas.errors import NasError, StudyExistsError, TrialNotFoundError
from nas.records import Ending, StudySpec, TrialState, Wanted
from nas.service.answer import Answer
from nas.service.extending import check_more
from nas.service.networks import Network, networks
from nas.service.pareto import Pareto, leaders, nothing_yet, standing
from nas.service.specify import TRIALS, differences
from nas.service.usage import Usage, usage
from nas.service.values import bounded
from nas.store import Store
from nas.store.engine import absolute_url
from nas.store.rows import AttemptRow, DriverRow, StudyRow, StudySummary, TrialRow

SHOWN = 8
"""Differences that an error lists."""


@dataclass(frozen=True)
class StudyView:
    """One study with what its page shows."""

    study: StudyRow
    best: TrialRow | None
    """None before the first, and with several objectives."""
    front: Pareto | None
    """With several objectives."""
    unmet: str
    """That no trial keeps the limits, if it is so, and that `best` is only the nearest."""
    network: Network | None
    """The repeats of the best network, where networks have several trials each."""
    refusals: dict[str, int]
    usage: Usage
    answer: Answer | None
    """What the search found; None before its end."""
    state: str
    """Where it stands, as the list of studies says it."""


@dataclass(frozen=True)
class TrialView:
    """One trial with its curve and its attempts."""

    trial: TrialRow
    curve: list[tuple[int, dict[str, float]]]
    attempts: list[AttemptRow]
    stopper: str | None = None
    """What ended it early, if something did."""


@dataclass(frozen=True)
class Wish:
    """What a study's drivers were asked, and who has to hear it."""

    study: StudyRow
    drivers: list[DriverRow]
    """Those alive: they do it within a second; none left, it is done."""
    over: bool = False
    """Whether the study had come to its end before: nothing was asked."""


def start(
    store: Store, spec: StudySpec, name: str | None, trials: int | None, artifacts: str | None = None
) -> tuple[StudyRow, bool]:
    """Create a study, or join the one of that name; and whether it was joined.

    Without a name the next free `SPACE-n` is taken; without `artifacts` the store's own root. Raises
    `StudyExistsError` if the study of that name has another specification, budget or artifact root.
    """
    root = absolute_url(artifacts) if artifacts else None
    while name is None:
        try:
            return _create(store, spec, _free_name(store, spec.space_name), trials, root), False
        except StudyExistsError:  # another process took that name in between
            continue
    if name not in store.study_names():
        try:
            return _create(store, spec, name, trials, root), False
        except StudyExistsError:
            pass
    return _join(store.study(name), spec, trials, root), True


def check_name(name: str, space: str) -> None:
    """Refuse a name that no study of a space can have."""
    if not re.fullmatch(r"\w[\w.-]{0,99}", name):
        allowed = f"up to 100 letters, digits, dots and dashes, such as {space}-1"
        raise NasError(f"study name {name[:100]!r}: {allowed}")


def _create(store: Store, spec: StudySpec, name: str, trials: int | None, root: str | None) -> StudyRow:
    check_name(name, spec.space_name)
    return store.create_study(name, spec, trials or TRIALS, _fresh_folder(root or store.artifacts, name))


def _fresh_folder(root: str, name: str) -> str:
    """Where a new study keeps its artifacts: a folder of the root that no other study ever has.

    Neither one that has the name once this one is deleted, nor one of another store with the same root.
    """
    return f"{root}/{name}-{secrets.token_hex(4)}"


def _free_name(store: Store, space: str) -> str:
    names = set(store.study_names())
    return next(name for n in range(1, len(names) + 2) if (name := f"{space}-{n}") not in names)


def unlike(row: StudyRow, spec: StudySpec, trials: int | None, root: str | None = None) -> list[str]:
    """What keeps a search from joining a study, one by one; nothing: it joins."""
    told = differences(row.spec, spec)
    if trials is not None and trials != row.budget:
        told.append(f"trials: {row.budget} in the study, {trials} asked for")
    if root is not None and root != (held := row.artifacts.rpartition("/")[0]):
        told.append(f"artifacts: {held} in the study, {root} asked for")
    return told


def taken(name: str, told: list[str]) -> StudyExistsError:
    """That a name is taken by a study which differs in what is told."""
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return StudyExistsError(
        f"study {name!r} exists with another specification: {'; '.join(told[:SHOWN])}{more}. "
        f"Type nas resume {name} to go on with it (--trials +N for more), or choose another --study",
        brief=f"the name {name!r} is taken by a study that differs: choose another name, or resume that one",
        details=(*told[:SHOWN], *([more.strip()] if more else [])),
    )


def _join(row: StudyRow, spec: StudySpec, trials: int | None, root: str | None) -> StudyRow:
    if told := unlike(row, spec, trials, root):
        raise taken(row.name, told)
    return row


def reopen(store: Store, name: str, more: int = 0) -> StudyRow:
    """Make a paused, drained, cancelled or crashed study run again, with `more` trials if asked.

    Raises:
        NasError: see `check_more`.
    """
    row = store.study(name)
    if more:
        check_more(row, more)
        store.extend(row.id, more)
    store.set_wanted(row.id, Wanted.RUN)
    store.set_ending(row.id, None)
    return store.study(name)


def want(store: Store, name: str, wanted: Wanted) -> Wish:
    """Ask a study's drivers for something: it holds until `nas resume`, or a search that joins.

    Drivers that died, here or silently elsewhere, have nothing to say any more: what they ran waits
    in the queue, and is cancelled there if that is wanted.
    """
    from nas.search.presence import bury

    row = store.study(name)
    if row.ending in (Ending.FINISHED, Ending.EXHAUSTED) and not any(d.live for d in store.drivers(row.id)):
        return Wish(row, [], over=True)
    store.set_wanted(row.id, wanted)
    bury(store, row.id)
    store.reap(row.id)
    if wanted is Wanted.CANCEL:
        store.cancel_trials(row.id)
    live = [driver for driver in store.drivers(row.id) if driver.live]
    if wanted is Wanted.CANCEL and not live and row.ending is not Ending.FINISHED:
        store.set_ending(row.id, Ending.CANCELLED)
    return Wish(store.study(name), live)


def summaries(store: Store) -> list[StudySummary]:
    """All studies, the newest first; the best value is of a trial that keeps the study's limits."""
    return [within_limits(store, row) for row in store.studies()]


def within_limits(store: Store, row: StudySummary) -> StudySummary:
    """The best value of a study with limits is of a trial that keeps them."""
    if not row.limited:
        return row
    found = store.best(row.id)
    return replace(row, best=found[0].values[0] if found else None)


def view(store: Store, name: str) -> StudyView:
    """One study."""
    row = store.study(name)
    now = standing(store, row)
    kept = store.study_attributes(row.id).get("answer")
    answer = Answer.from_json(kept) if kept else None
    driven = any(driver.live for driver in store.drivers(row.id))
    return StudyView(
        row,
        now.best,
        now.front,
        now.unmet,
        now.network,
        store.refusals(row.id),
        usage(store, row),
        answer,
        stands(driven, row.ending, store.is_starting(row.id)),
    )


def stands(driven: bool, ending: Ending | None, starting: bool) -> str:
    """Where a study stands, in one word: see `nas.service.listing.STANDINGS`."""
    if driven:
        return "running"
    if ending is not None:
        return ending.value
    return "starting" if starting else "stopped"


def trial(store: Store, name: str, number: int) -> TrialView:
    """One trial with its curve and attempts."""
    bounded(number, "trial")
    row = store.study(name)
    if number > (last := sum(row.counts.values())):
        there = f"trials 1 to {last}" if last else "none yet"
        raise TrialNotFoundError(
            f"no trial {number} in study {name!r}: it has {there}; list them with nas trials {name}"
        )
    found = store.trial(row.id, number)
    stopper = row.spec.stopper if found.state is TrialState.PRUNED else None
    curve = [(epoch, dict(metrics)) for epoch, metrics in store.curve(row.id, number)]
    return TrialView(found, curve, list(store.attempts(row.id, number)), stopper)


def best(store: Store, name: str, count: int = 1) -> list[TrialRow]:
    """The best complete trials of a study by its first objective; if none keeps its limits, the nearest."""
    bounded(count, "--count")
    found = leaders(store, store.study(name), count)
    if not found:
        raise nothing_yet(name)
    return found


def repeated(store: Store, name: str, count: int = 1) -> list[Network]:
    """The best networks of a study in which each has several trials; empty where each has one."""
    row = store.study(name)
    return networks(store, row, count) if row.spec.repeat > 1 else []
