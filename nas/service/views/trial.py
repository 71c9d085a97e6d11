"""The page of one trial: its network layer by layer, curve, attempts, place, notes, what is kept of it."""

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from nas.errors import NasError
from nas.records import Objective
from nas.service.final.looks import Result
from nas.service.final.testing import result_of
from nas.service.notes import notes
from nas.service.plain import plain, settings
from nas.service.studies import trial as look
from nas.service.views.inside import inside
from nas.service.views.kept import kept, log_tail
from nas.store import Store
from nas.store.remarks import NoteRow
from nas.store.rows import AttemptRow, StudyRow, TrialRow
from workers.kept import chunks
from workers.pictures import Shown
from workers.spaces import space_of

LOG_CHARS = 256 * 1024


class FileNotKeptError(NasError, LookupError):
    """No file of that name is kept for the trial."""


@dataclass(frozen=True)
class CurvePoint:
    """An epoch; metrics that are no numbers are None."""

    epoch: int
    metrics: dict[str, float | None]


@dataclass(frozen=True)
class TrialPage:
    """One trial."""

    study: str
    space: str
    trial: TrialRow
    objectives: list[Objective]
    curve: list[CurvePoint]
    attempts: list[AttemptRow]
    stopper: str | None
    """What ended it early, if something did."""
    derived: dict[str, Any]
    """What follows from the point, in the space's own names."""
    layers: list[dict[str, Any]]
    """One row a layer, in data order; see `nas.cost.table.LayerRow`."""
    input: dict[str, int]
    """channels, size, classes."""
    broken: str
    """Why its network cannot be shown, or empty."""
    rank: int | None
    """Its place among the complete trials that keep the limits, from 1."""
    tested: Result | None
    """What it did on the test set, if it has seen it."""
    previous: int | None
    next: int | None
    """Numbers of the trials beside it."""
    notes: list[NoteRow]
    files: list[str]
    """Names of what is kept of it, such as last.safetensors."""
    inside: list[Shown]
    """Pictures of what its network sees; empty while nobody has looked."""
    commands: dict[str, str]
    """What to do with it -> what to type."""


@dataclass(frozen=True)
class TrialLog:
    """What is kept of a trial's messages and output."""

    text: str
    truncated: bool
    """Whether its beginning is left out."""


@dataclass(frozen=True)
class KeptFile:
    """A file that is kept for a trial."""

    name: str
    size: int
    chunks: Iterator[bytes]


def trial_page(store: Store, name: str, number: int) -> TrialPage:
    """One trial; raises `NasError` for a number that the study does not have."""
    row, found = store.study(name), look(store, name, number)
    derived, layers, shape, broken = _network(row, found.trial)
    last = sum(row.counts.values())
    return TrialPage(
        study=name,
        space=row.spec.space_name,
        trial=found.trial,
        objectives=list(row.spec.objectives),
        curve=[CurvePoint(epoch, plain(metrics)) for epoch, metrics in found.curve],
        attempts=found.attempts,
        stopper=found.stopper,
        derived=derived,
        layers=layers,
        input=shape,
        broken=broken,
        rank=store.rank(row.id, found.trial),
        tested=result_of(store, row, number),
        previous=number - 1 if number > 1 else None,
        next=number + 1 if number < last else None,
        notes=notes(store, name, number),
        files=[file.name for file in kept(row.artifacts, number)],
        inside=inside(row.artifacts, number),
        commands=_commands(name, row, found.trial),
    )


def _network(
    row: StudyRow, trial: TrialRow
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, int], str]:
    """Derived values, layers and input of a trial's network, or why there are none."""
    try:
        space = space_of(row.spec.space)
        derived = plain(dict(space.derived(trial.point)))
        architecture = space.architecture(trial.point)
    except NasError as error:  # an enqueued point that is infeasible
        return {}, [], {}, str(error)
    layers = [plain(asdict(layer)) for layer in architecture.layers()]
    return derived, layers, dict(architecture.input._asdict()), ""


def _commands(name: str, row: StudyRow, trial: TrialRow) -> dict[str, str]:
    study = shlex.quote(name)
    point = " ".join(f"--set {settings({key: value})}" for key, value in trial.point.items())
    space = shlex.quote(row.spec.space_name)
    return {
        "show": f"nas trial {study} {trial.number}",
        "look": f"nas look {study} {trial.number}",
        "train": f"nas train {study} {trial.number}",
        "export": f"nas export {study} {trial.number}",
        "test": f"nas evaluate {study} {trial.number}",
        "drawing": f"nas trial {study} {trial.number} --svg {name}-{trial.number}.svg",
        "price": f"nas cost {space} --data {shlex.quote(row.spec.data)} {point}".rstrip(),
    }


def trial_log(store: Store, name: str, number: int) -> TrialLog:
    """What each attempt said at its end, and what the latest printed, as far as that is kept."""
    row, found = store.study(name), look(store, name, number)
    parts = [_said(attempt) for attempt in found.attempts]
    output, cut = log_tail(row.artifacts, number, LOG_CHARS)
    if output:
        parts.append(f"--- output ---\n{output.rstrip()}\n")
    text = "\n".join(parts)
    return TrialLog(text[-LOG_CHARS:], cut or len(text) > LOG_CHARS)


def _said(attempt: AttemptRow) -> str:
    facts = [attempt.state.value, *([attempt.cause.value] if attempt.cause else [])]
    where = f" on {attempt.worker}" if attempt.worker else ""
    head = f"--- attempt {attempt.attempt}{where}: {', '.join(facts)} ---\n"
    return head + (f"{attempt.message.rstrip()}\n" if attempt.message else "")


def trial_file(store: Store, name: str, number: int, file: str) -> KeptFile:
    """A file that the trial's page lists; raises `FileNotKeptError` for any other name."""
    row, found = store.study(name), look(store, name, number)
    for one in kept(row.artifacts, found.trial.number):
        if one.name == file:
            return KeptFile(one.name, one.size, chunks(row.artifacts, one))
    raise FileNotKeptError(
        f"no file {file[:100]!r} is kept for trial {number} of {name}: see nas trial {name} {number}"
    )
