"""The end of a search on a screen."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nas.cli.front import figure, print_front
from nas.cli.render import next_steps, table
from nas.errors import NasError
from nas.records import Ending
from nas.service.answer import Answer, baseline_about
from nas.service.networks import Network
from nas.service.plain import figures, settings, shown, si
from nas.service.run import comparable
from nas.service.values import GROWS
from nas.store.rows import StudyRow, TrialRow

if TYPE_CHECKING:
    from nas.service.engines import EngineOptions
    from nas.service.run import Result
    from nas.service.studies import StudyView


@dataclass(frozen=True)
class Again:
    """How a study was run, and how it would be run again."""

    slots: "EngineOptions"
    compare: bool = True


def resuming(name: str, again: Again | None = None, more: int = 0) -> str:
    """What goes on with a study, on the slots that it ran on."""
    words = ["nas", "resume", name] + (["--trials", f"+{more}"] if more else [])
    if again is not None:
        slots = again.slots
        words += ["--engine", slots.engine] if slots.engine != "ray" else []
        for name in ("workers", "cpus_per_trial", "gpus_per_trial", "address"):
            if (value := getattr(slots, name)) is not None:
                words += [f"--{name.replace('_', '-')}", f"{value}"]
        words += [] if again.compare else ["--no-compare"]
    return shlex.join(words)


def _more(study: StudyRow, again: Again | None) -> list[str]:
    """How to have more trials, if there is anything left to try."""
    if study.ending is Ending.EXHAUSTED:
        print("Nothing is left to try: more trials would find no new network.")
        return []
    return [resuming(study.name, again, study.budget)]


def print_standing(study: StudyRow, now: "Result | StudyView", again: Again | None = None) -> None:
    """The front of a study with several objectives, else its best trial with the answer."""
    if now.unmet:
        print(f"\nNo answer: {now.unmet}")
    if now.front is not None and now.front.front:
        print()
        print_front(now.front)
        next_steps(f"nas pareto {study.name} --csv", *_more(study, again))
    elif now.best is not None:
        title = "Nearest" if now.unmet else "Best"
        print_answer(study, now.best, now.answer, title, now.network)
        if title == "Best" and now.answer and not now.answer.comparison and _has_baseline(study):
            anew = resuming(study.name, again and replace(again, compare=True))
            print(f"\nNo comparison yet: {anew} trains best and baseline with fresh seeds.")
        print()
        next_steps(
            f"nas trials {study.name} --by-value",
            f"nas trial {study.name} {now.best.number}",
            *_more(study, again),
        )


def print_answer(
    study: StudyRow,
    best: TrialRow,
    answer: Answer | None,
    title: str = "Best",
    network: Network | None = None,
) -> None:
    """Best trial, its names beside published ones, comparison, family."""
    metric = study.spec.objectives[0].metric
    others = {name: value for name, value in best.metrics.items() if name in GROWS and name != metric}
    print(f"\n{title}: trial {best.number}, {metric} {figure(metric, best.values[0])}", end="")
    if network is not None:
        numbers = ", ".join(map(str, network.numbers))
        print(f" ± {shown(network.sd)} (mean and deviation of trials {numbers})", end="")
    print(f" ({figures(others)})" if others else "", end="")
    sizes = {"params": best.params, "macs": best.macs}
    print("".join(f", {si(size)} {name}" for name, size in sizes.items() if name != metric))
    if answer is not None and answer.best == best.number:
        _print_names(answer)
        _print_comparison(answer, baseline_about(study.spec.space))
        _print_family(answer)
    else:
        print(settings(best.point))


def print_networks(networks: Sequence[Network]) -> None:
    """Networks with several trials each, by the mean of these."""
    columns = ("trials", "mean", "sd", "n", "params", "macs", "point")
    found = [(network, network.trial) for network in networks]
    table(
        columns,
        [(n.numbers, n.mean, n.sd, n.n, si(t.params), si(t.macs), settings(t.point)) for n, t in found],
    )


def _has_baseline(study: StudyRow) -> bool:
    """Whether there is something to compare with, and here fresh seeds to compare by."""
    said = study.spec.space["space"].get("answer") or {}
    try:
        return bool(said.get("baseline")) and comparable(study.spec)
    except NasError:  # its evaluator, or its table, is on another machine
        return False


def _print_names(answer: Answer) -> None:
    rows = [
        (name, value, *(other.get(name) for other in answer.beside.values()))
        for name, value in answer.values.items()
    ]
    table(("", f"trial {answer.best}", *answer.beside), rows)


def _print_comparison(answer: Answer, about: str) -> None:
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
        print(f"baseline: {about}" if about else "", end="\n" if about else "")
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
