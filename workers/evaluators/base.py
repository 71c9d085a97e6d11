"""The registries of evaluators: those with a name of their own, and kinds that take an argument."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from nas.errors import UnknownNameError
from nas.records import Evaluator, Objective
from nas.registry import Registry

if TYPE_CHECKING:
    from nas.space.space import Space


class Kind(Protocol):
    """Evaluators of one kind, told apart by what follows the colon: `KIND:ARGUMENT`."""

    def evaluator(self, argument: str) -> Evaluator:
        """The one that the argument names; raises `NasError`."""
        ...

    def objective(self, argument: str) -> Objective:
        """What a study on it is for, if nobody says otherwise."""
        ...

    def arguments(self) -> Sequence[str]:
        """Those that there are, or one word in capitals for what may be typed; an error lists them."""
        ...


@runtime_checkable
class Foreseeing(Protocol):
    """An evaluator that can say before a study begins what it needs, and whether it will do."""

    repeatable: bool
    """Whether a network's result is the same whatever the seed."""

    @property
    def name(self) -> str:
        """Its name by which every machine finds the same."""
        ...

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Recipe values that suit it; only those that a user sets come after them."""
        ...

    def check(self, space: "Space", objectives: Sequence[Objective], recipe: Mapping[str, Any]) -> None:
        """Raise a `NasError` if it cannot evaluate the points of the space."""
        ...


EVALUATORS: Registry[Evaluator] = Registry("evaluator", "workers.evaluators", group="nas.evaluators")
"""Evaluators by name."""

KINDS: Registry[Callable[[], Kind]] = Registry(
    "kind of evaluator", "workers.evaluators", group="nas.evaluators"
)
"""Kinds of evaluators that take an argument, by what stands before the colon."""


def evaluator(name: str) -> Evaluator:
    """The evaluator called `name`, or `KIND:ARGUMENT`; an unknown one lists near matches."""
    kind, colon, argument = name.partition(":")
    if colon and kind in KINDS:
        return KINDS[kind]().evaluator(argument)
    if name in EVALUATORS:
        return EVALUATORS[name]
    raise UnknownNameError("evaluator", name, known())


def gives(*metrics: str) -> Callable[[Evaluator], Evaluator]:
    """Decorator: all that an evaluator can report, so that a study for anything else is refused at once."""

    def say(function: Evaluator) -> Evaluator:
        setattr(function, _GIVES, metrics)
        return function

    return say


_GIVES = "_gives"


def given_metrics(name: str) -> tuple[str, ...] | None:
    """All metrics that an evaluator can report; None where that is not known before it runs."""
    found: tuple[str, ...] | None = getattr(evaluator(name), _GIVES, None)
    return found


def once(function: Evaluator) -> Evaluator:
    """Decorator: the evaluator tells one epoch, numbered 1, so that there is no curve to watch."""
    setattr(function, _EPOCHS, lambda space, objectives: (1,))
    return function


_EPOCHS = "epochs_told"


def epochs_told(name: str, space: "Space", objectives: Sequence[Objective]) -> Sequence[int] | None:
    """The epochs at which an evaluator tells the objectives, however many are asked for; None where that
    is not known before it runs."""
    ask: Callable[[Space, Sequence[Objective]], Sequence[int]] | None
    ask = getattr(evaluator(name), _EPOCHS, None)
    return None if ask is None else ask(space, objectives)


def usual_objective(name: str) -> Objective:
    """What a study with this evaluator is for, if nobody says otherwise."""
    kind, colon, argument = name.partition(":")
    if colon and kind in KINDS:
        return KINDS[kind]().objective(argument)
    given = given_metrics(name) or ("error",)
    return Objective("error" if "error" in given else given[0])


def foreseeing(name: str) -> Foreseeing | None:
    """The evaluator, if it is one that foresees."""
    found: object = evaluator(name)
    return found if isinstance(found, Foreseeing) else None


def known() -> list[str]:
    """All that may be typed: `train`, `proxy:naswot`, `python:MODULE.FUNCTION`, …"""
    kinds = [f"{entry.name}:{argument}" for entry in KINDS for argument in entry.value().arguments()]
    return [*EVALUATORS.names(), *kinds]
