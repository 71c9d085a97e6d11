"""The answer of a search: the best point beside published ones, an honest comparison, its family.

A space says what to show in its `answer` block:

    answer:
      show: [alpha, beta, gamma]        # names, derived ones included
      beside: [paper]                   # references whose settings are shown next to the best
      baseline: {set: {phi: 0}}         # a network that no search was needed for
      family: {vary: phi, over: [0, 1, 2, 3]}

Published points and members of the family need not lie in the searched domains.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nas.errors import InfeasibleError, NasError, PointError, SpaceError, UnknownNameError
from nas.records import Slots
from nas.service.comparison import Compared, baseline, compare
from nas.service.members import network, values, variant
from nas.service.networks import best
from nas.space.names import InactiveError
from nas.space.space import Space
from nas.store.rows import TrialRow

if TYPE_CHECKING:  # Optuna is loaded by those who search
    from nas.search.events import Listener
    from nas.search.interrupts import Interrupts
    from nas.search.study import Study

DUTY = "answer"
"""What only one driver of a study does at a time."""


@dataclass(frozen=True)
class Member:
    """One network of the family; without costs if it cannot be, and why."""

    value: float
    size: int | None = None
    params: int | None = None
    macs: int | None = None
    refused: str = ""


@dataclass(frozen=True)
class Answer:
    """What a search found."""

    best: int
    """Number of the best trial."""
    metric: str
    values: dict[str, Any]
    """The names worth showing, at the best point."""
    beside: dict[str, dict[str, Any]]
    """The same names in published references."""
    comparison: list[Compared]
    vary: str = ""
    family: list[Member] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Answer":
        """What `to_json` wrote."""
        comparison = [Compared(**row) for row in data["comparison"]]
        return cls(**{**data, "comparison": comparison, "family": [Member(**row) for row in data["family"]]})


def answer(
    study: "Study", slots: Slots | None, *, listener: "Listener", interrupts: "Interrupts"
) -> Answer | None:
    """The study's answer, kept with it; without slots, or interrupted, it has no comparison.

    A comparison that was trained before for the same best trial is not trained again, and while
    another driver trains it this one does not. None if no trial is complete.
    """
    from nas.search.events import Note

    found = best(study.store, study.row)
    if not found:
        return None
    if (kept := _kept(study, found[0], whole=slots is not None)) is not None:
        return kept
    plain = describe(study.space, found[0], study.spec.objectives[0].metric)
    with study.joined():
        if not study.take_duty(DUTY):
            said = f"another driver trains the comparison; later see nas show {study.row.name}"
            listener.on_event(Note(said))
            return plain
        if (kept := _kept(study, found[0], whole=slots is not None)) is not None:
            return kept
        rows = compare(study, slots, found[0], listener=listener, interrupts=interrupts) if slots else []
        result = replace(plain, comparison=rows)
        study.remember("answer", result.to_json())
        return result


def _kept(study: "Study", best: TrialRow, *, whole: bool) -> Answer | None:
    """The answer that was found before for the same best trial; `whole`: only if it was compared."""
    data = study.store.study_attributes(study.row.id).get("answer")
    kept = Answer.from_json(data) if data else None
    return kept if kept and kept.best == best.number and (kept.comparison or not whole) else None


def describe(space: Space, best: TrialRow, metric: str) -> Answer:
    """The answer without training anything; what cannot be is left out, or says so in its row."""
    said = space.answer
    names = said.show or list(best.point)
    known = {**best.point, **space.derived(best.point)}
    family = said.family
    return Answer(
        best=best.number,
        metric=metric,
        values={name: known[name] for name in names if name in known},
        beside={name: _published(space, best.point, name, names) for name in said.beside},
        comparison=[],
        vary=family.vary if family else "",
        family=[_member(space, best.point, family.vary, value) for value in family.over] if family else [],
    )


def baseline_about(document: Mapping[str, Any]) -> str:
    """What the baseline of a study's space is, in the space's words; empty if it does not say."""
    said = (document["space"].get("answer") or {}).get("baseline") or {}
    return str(said.get("about") or "")


def rehearse(space: Space) -> None:
    """Raise `SpaceError` or `UnknownNameError` now for what would be unsound in the answer at the end."""
    said, point = space.answer, space.draw(np.random.default_rng(0))
    known = {*space.compiled.scope.names}
    for name in said.show:
        if name not in known:
            raise UnknownNameError("name", name, known, f"{space.where.place(('answer', 'show'))}: ")
    for name in said.beside:
        if name not in space.references:
            raise UnknownNameError(
                "reference", name, space.references, f"{space.where.place(('answer', 'beside'))}: "
            )
        with _at(space, "beside"):
            variant(space, point, space.references[name].set)
    with _at(space, "baseline"):
        if (base := baseline(space, point)) is not None:
            base.space.fixed(base.point)
    for value in said.family.over if said.family else ():
        with _at(space, "family"):
            network(space, point, {said.family.vary: value} if said.family else {})


@contextmanager
def _at(space: Space, part: str) -> Iterator[None]:
    """Errors name the part of the answer; what only this one point lacks is none."""
    try:
        with suppress(InfeasibleError, InactiveError):
            yield
    except (SpaceError, PointError) as error:
        raise space.where.error(("answer", part), str(error)) from None


def _published(space: Space, point: Mapping[str, Any], reference: str, names: list[str]) -> dict[str, Any]:
    """The names at a reference's settings, in the variant that was searched."""
    try:
        return values(*variant(space, point, space.references[reference].set), names)
    except NasError:
        return {}


def _member(space: Space, point: Mapping[str, Any], vary: str, value: float) -> Member:
    try:
        made = network(space, point, {vary: value})
        return Member(value, made.input.size, made.cost.params, made.cost.macs)
    except NasError as error:
        return Member(value, refused=str(error))
