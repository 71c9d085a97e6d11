"""The end of a search on a screen."""

from typing import Any

from nas.cli.render import figures, next_steps, settings, shown, si, table
from nas.service.answer import Answer
from nas.service.run import repeats
from nas.service.values import GROWS
from nas.store.rows import StudyRow, TrialRow


def print_answer(study: StudyRow, best: TrialRow, answer: Answer | None) -> None:
    """Best trial, its names beside published ones, comparison, family, next commands."""
    metric = study.spec.objectives[0].metric
    others = {name: value for name, value in best.metrics.items() if name in GROWS and name != metric}
    print(f"\nBest: trial {best.number}, {metric} {shown(best.values[0])}", end="")
    print(f" ({figures(others)})" if others else "", end="")
    print(f", {si(best.params)} params, {si(best.macs)} macs")
    if answer is not None and answer.best == best.number:
        _print_names(answer)
        _print_comparison(answer)
        _print_family(answer)
    else:
        print(settings(best.point))
    if answer is not None and not answer.comparison and _has_baseline(study):
        print(f"\nNo comparison yet: nas resume {study.name} trains best and baseline with fresh seeds.")
    print()
    next_steps(
        f"nas trials {study.name} --by-value",
        f"nas trial {study.name} {best.number}",
        f"nas resume {study.name} --trials +{study.budget}",
    )


def _has_baseline(study: StudyRow) -> bool:
    """Whether there is something to compare with, and fresh seeds to compare by."""
    said = study.spec.space["space"].get("answer") or {}
    return bool(said.get("baseline")) and not repeats(study.spec.evaluator)


def _print_names(answer: Answer) -> None:
    rows = [
        (name, value, *(other.get(name) for other in answer.beside.values()))
        for name, value in answer.values.items()
    ]
    table(("", f"trial {answer.best}", *answer.beside), rows)


def _print_comparison(answer: Answer) -> None:
    if not answer.comparison:
        return
    seeds = len(answer.comparison[0].values)
    print(f"\nEach trained anew with {seeds} fresh seeds ({answer.metric}, mean ± standard deviation):")
    table(
        ("network", answer.metric, "params", "macs"),
        [
            (row.name, f"{row.mean:.4f} ± {row.sd:.4f}", si(row.params), si(row.macs))
            for row in answer.comparison
        ],
    )
    if len(answer.comparison) == 2:
        print(_verdict(*answer.comparison))


def _verdict(best: Any, base: Any) -> str:
    apart, noise = abs(best.mean - base.mean), (best.sd**2 + base.sd**2) ** 0.5
    doubt = ", so these seeds do not tell them apart" if apart <= noise else ""
    times = f"{best.name} has {best.params / base.params:.2f} times the baseline's parameters"
    return f"The means are {apart:.4f} apart with a spread of {noise:.4f}{doubt}; {times}."


def _print_family(answer: Answer) -> None:
    if not answer.family:
        return
    print(f"\nThe family scaled from trial {answer.best}:")
    table(
        (answer.vary, "input", "params", "macs", ""),
        [(row.value, row.size, si(row.params), si(row.macs), row.refused or " ") for row in answer.family],
    )
