"""Between our spaces and Optuna: domains as distributions, history as a study in memory."""

import copy
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, Trial, create_trial

from nas.records import Objective, TrialState
from nas.search.history import Past
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.schema import frozen_value
from nas.space.space import Space

optuna.logging.set_verbosity(optuna.logging.ERROR)

STATES = {
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
    TrialState.RUNNING: optuna.trial.TrialState.RUNNING,
}


def distribution(domain: Domain) -> BaseDistribution:
    """The Optuna distribution of a domain; choices are told apart by their position.

    Positions, because Optuna takes no lists as choices and cannot tell 1 from True. A logarithmic
    integer has no step in Optuna: `value` puts it on the grid.
    """
    if isinstance(domain, Choice):
        return CategoricalDistribution(tuple(range(len(domain.values))))
    if isinstance(domain, Int):
        return IntDistribution(domain.low, domain.high, domain.log, 1 if domain.log else domain.step)
    return FloatDistribution(domain.low, domain.high, domain.log, None if domain.log else domain.step)


def suggest(trial: Trial, label: str, domain: Domain) -> Any:
    """Ask Optuna for one value of a domain."""
    if isinstance(domain, Choice):
        return domain.values[trial.suggest_categorical(label, tuple(range(len(domain.values))))]
    if isinstance(domain, Int):
        step = 1 if domain.log else domain.step
        return snap(trial.suggest_int(label, domain.low, domain.high, step=step, log=domain.log), domain)
    step_f = None if domain.log else domain.step
    return snap(trial.suggest_float(label, domain.low, domain.high, step=step_f, log=domain.log), domain)


def walk(space: Space, trial: Trial) -> dict[str, Any]:
    """A point, value by value: what Optuna is asked for may depend on what it answered."""

    def choose(label: str, domain: Domain) -> Any:
        return suggest(trial, label, domain)

    return space.walk(choose)


def snap(value: Any, domain: Int | Float) -> Any:
    """The value of the domain's grid nearest to `value`: 1.15, never 1.1500000000000001."""
    if domain.step is None:
        return value
    assert domain.count is not None
    index = min(round((value - domain.low) / domain.step), domain.count - 1)
    return domain.value(index) if isinstance(domain, Float) else domain.low + domain.step * index


def internal(value: Any, domain: Domain) -> Any:
    """A label's value as its Optuna distribution names it."""
    if not isinstance(domain, Choice):
        return value
    wanted = frozen_value(value)  # JSON made lists of tuples
    alike = [v == wanted and isinstance(v, bool) == isinstance(wanted, bool) for v in domain.values]
    return alike.index(True)


class Kept(FrozenTrial):
    """A trial of the past: nobody changes what it holds, so that a copy may share it.

    Optuna's storage in memory copies every trial that it is given, which else takes most of an ask.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> "Kept":
        return copy.copy(self)


def frozen(past: Past, space: Space) -> FrozenTrial:
    """One trial of the history as Optuna keeps it.

    Every trial has the domains that are the same for all points, so that Optuna finds one search space.
    A walk may offer a smaller range of numbers, given the values before: what Optuna has drawn outside
    it, it draws again inside. Choices it could not draw again, so a walk never takes one away.
    """
    domains = {label: space.narrowing.domains[label.partition("[")[0]] for label in past.labels}
    trial = create_trial(
        state=STATES[past.state],
        params={label: internal(value, domains[label]) for label, value in past.labels.items()},
        distributions={label: distribution(domain) for label, domain in domains.items()},
        values=list(past.values) if past.state is TrialState.COMPLETE else None,
        intermediate_values={past.epochs: past.values[0]} if past.state is TrialState.PRUNED else None,
        system_attrs=dict(past.attributes),
        constraints=constraints(past),
    )
    trial.__class__ = Kept
    return trial


def constraints(past: Past) -> dict[str, float] | None:
    """What Optuna is told of limits: a sampler of its that finds any prefers trials without excess."""
    return {str(i): amount for i, amount in enumerate(past.excess)} or None


def memory_study(
    trials: Sequence[FrozenTrial], sampler: BaseSampler, objectives: Sequence[Objective]
) -> optuna.Study:
    """A study in memory that knows these trials."""
    least, most = optuna.study.StudyDirection.MINIMIZE, optuna.study.StudyDirection.MAXIMIZE
    directions = [least if objective.minimize else most for objective in objectives]
    study = optuna.create_study(sampler=sampler, directions=directions)
    study.add_trials(trials)
    return study
