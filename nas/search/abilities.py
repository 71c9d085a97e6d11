"""Whether a sampler can do what a study asks of it, told before anything runs."""

from collections.abc import Callable, Sequence

from nas.errors import SamplerError
from nas.records import Objective
from nas.search.lattice import Lattice
from nas.search.samplers import SAMPLERS, Abilities, abilities
from nas.space.space import Space


def check_sampler(
    name: str, space: Space, objectives: Sequence[Objective] = (), trials: int | None = None
) -> None:
    """Refuse a sampler that cannot search this space for these objectives, or with so many trials.

    Raises:
        UnknownNameError: no sampler of that name.
        SamplerError: it cannot; with those that can.
    """
    can = abilities(name)
    if len(objectives) > 1 and not can.several:
        listed = ", ".join(objective.metric for objective in objectives)
        raise _refusal(name, f"learns from one objective, not from {listed}", lambda a: a.several)
    if not can.conditional and (varying := conditional(space)):
        said = f"takes no parameters that come and go with others, and {space.name} has {', '.join(varying)}"
        raise _refusal(name, said, lambda a: a.conditional)
    if can.trials is not None and trials is not None and trials > can.trials:
        said = f"is too slow for {trials:,} trials: up to {can.trials:,} are allowed"
        raise _refusal(name, said, lambda a: a.trials is None)
    if can.counts:
        Lattice(space)


def conditional(space: Space) -> list[str]:
    """The parameters whose presence or length depends on other parameters."""
    table, known = space.compiled.table, space.parameters
    return [name for name in known if table.sources(table.reads.get(name, ()), known) & known.keys()]


def _refusal(name: str, said: str, able: Callable[[Abilities], bool]) -> SamplerError:
    others = [entry.name for entry in SAMPLERS if able(abilities(entry.name)) and entry.name != name]
    return SamplerError(f"sampler {name!r} {said}; use one of {', '.join(others)}")
