"""Trials that come first: the published networks of a family, or points from a file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.errors import InfeasibleError, NasError
from nas.records import StudySpec
from nas.search.keys import trial_key
from nas.service.plain import counted
from nas.space.schema import frozen_value
from nas.space.space import Space
from nas.space.typed import words
from nas.store import Store
from nas.store.rows import Candidate, Claim, StudyRow

if TYPE_CHECKING:
    from nas.search.refuse import Pricer

REFERENCES = "references"


@dataclass
class Start:
    """What is to come first, and what is left out of it."""

    what: str
    """`references`, or the name of the file."""
    points: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By what they are called."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Why not, by name."""

    def told(self) -> Iterator[str]:
        """Lines for the user."""
        yield f"{len(self.points)} of {len(self.points) + len(self.left_out)} from {self.what} come first"
        reasons: dict[str, list[str]] = {}
        for name, why in self.left_out.items():
            reasons.setdefault(why, []).append(name)
        yield from (f"left out: {', '.join(names)}: {why}" for why, names in reasons.items())


def read(text: str | None, spec: StudySpec) -> Start | None:
    """What `--start-from` asks for, before anything is created.

    Raises:
        NasError: it is neither `references` nor a file of points of the space.
    """
    if text is None:
        return None
    space = Space.from_document(spec.space)
    if text == REFERENCES:
        if not space.references:
            raise NasError(f"--start-from {text}: space {space.name} has no published networks")
        return _references(space)
    return _file(text, space)


def enqueue(store: Store, row: StudyRow, start: Start) -> None:
    """Make waiting trials of the points that fit; what does not fit is left out, with the reason.

    A point of a file that breaks a rule becomes an infeasible trial, since somebody asked for it.
    """
    from nas.search.refuse import Pricer
    from nas.search.samplers import Proposal

    pricer = Pricer(Space.from_document(row.spec.space), row.spec)
    for name, point in list(start.points.items()):
        try:
            candidates = pricer.repeats(Proposal(-1, point))
        except InfeasibleError as error:
            _leave_out(start, name, str(error))
            if start.what != REFERENCES:
                refused(store, row, pricer, point, str(error))
            continue
        answers = store.enqueue(row.id, candidates)
        if not isinstance(first := answers[0], Claim):
            spent = f"the budget of {counted(row.budget, 'trial')} is spent"
            known = f"the same network as trial {first.number}"
            _leave_out(start, name, known if first.reason == "duplicate" else spent)


def _leave_out(start: Start, name: str, why: str) -> None:
    start.left_out[name] = why
    del start.points[name]


def refused(store: Store, row: StudyRow, pricer: "Pricer", point: Mapping[str, Any], why: str) -> int | None:
    """An infeasible trial: it has no network, so no costs, and does not count. Returns its number, or that of
    the trial that was refused for the same point before; None where the budget is spent."""
    labels = pricer.space.labels(point)
    spec, nowhere = row.spec, "infeasible " + json.dumps(labels, sort_keys=True, default=str)
    key = trial_key(arch_id=nowhere, recipe={}, evaluator=spec.evaluator, data=spec.data)
    candidate = Candidate(point=point, labels=labels, key=key, arch_id="", cost={}, draw=-1, seed=0)
    answer = store.enqueue(row.id, [candidate])[0]
    if isinstance(answer, Claim):
        store.refuse_queued(row.id, answer.number, why)
    return answer.number


def _references(space: Space) -> Start:
    """The references whose parameters make a point of the space as it is searched, in its own scale."""
    start = Start(REFERENCES)
    for name, reference in space.references.items():
        if said := _member(space, reference.set):
            start.left_out[name] = said
            continue
        values = {key: value for key, value in reference.set.items() if key in space.parameters}
        try:
            start.points[name] = space.validate({k: frozen_value(v) for k, v in values.items()})
        except NasError as error:
            start.left_out[name] = str(error)
    return start


def _member(space: Space, settings: Mapping[str, Any]) -> str:
    """What makes a reference a member of the family that is no point of this space; empty if nothing does."""
    for name, value in settings.items():
        if name in space.parameters:
            continue
        if name in space.resolved.derived:
            return f"it sets {name}, which follows from the parameters here"
        here = space.resolved.constants.get(name)
        if here != frozen_value(value):
            return f"{name} is {words(frozen_value(value))} in it and {words(here)} here"
    return ""


def _file(text: str, space: Space) -> Start:
    """Points as `nas space sample --json` prints them: objects with a `point`, or the points themselves."""
    path = Path(text)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        said = f"{error.strerror}; type --start-from references, or a JSON file of points"
        raise NasError(f"--start-from {text}: {said}") from None
    except ValueError as error:
        raise NasError(f"--start-from {text}: this is no JSON: {error}") from None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise NasError(f"--start-from {text}: a list of points is wanted, as nas space sample --json prints")
    start = Start(path.name)
    for number, item in enumerate(found, 1):
        point = item.get("point", item) if isinstance(item.get("point", item), dict) else item
        try:
            start.points[f"point {number}"] = space.validate({k: frozen_value(v) for k, v in point.items()})
        except NasError as error:
            raise NasError(f"--start-from {text}: point {number}: {error}") from None
    return start
