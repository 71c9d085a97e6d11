"""Fronts on a screen and as CSV."""

import csv
import json
import sys
from typing import TYPE_CHECKING

from nas.cli.render import table
from nas.cost.cost import COSTS
from nas.service.plain import settings, shown, si

if TYPE_CHECKING:
    from nas.service.pareto import Pareto


def print_front(found: "Pareto") -> None:
    """A row a trial of the front, sorted by the first objective, and how much it dominates."""
    names = [objective.metric for objective in found.objectives]
    costs = [name for name in ("params", "macs") if name not in names]
    rows = [
        (
            trial.number,
            *(figure(name, value) for name, value in zip(names, trial.values, strict=True)),
            *(si(getattr(trial, name)) for name in costs),
            settings(trial.point),
        )
        for trial in found.front
    ]
    beyond = f", {found.beyond} beyond a limit" if found.beyond else ""
    title = f"Front: {len(rows)} of {found.complete} complete trials{beyond}"
    table(("trial", *names, *costs, "point"), rows, title, spare=costs)
    corner = ", ".join(f"{name} {figure(name, value)}" for name, value in found.reference.items())
    print(f"Hypervolume {shown(found.hypervolume)} against {corner}")
    if not found.hypervolume:
        print(
            "No trial of the front is better than this point in every objective, so nothing is dominated: "
            "name one that is worse than the front, such as --reference error=1,macs=1G"
        )


def figure(metric: str, value: float) -> str:
    """The value of an objective: costs with SI units, others to four digits."""
    return si(int(value)) if metric in COSTS else shown(float(value))


def print_csv(found: "Pareto") -> None:
    """Every digit: trial, objectives, params and macs, then the point's parameters as JSON."""
    names = [objective.metric for objective in found.objectives]
    costs = [name for name in ("params", "macs") if name not in names]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("trial", *names, *costs, "point"))
    for trial in found.front:
        prices = (getattr(trial, name) for name in costs)
        values = (int(v) if name in COSTS else v for name, v in zip(names, trial.values, strict=True))
        writer.writerow((trial.number, *values, *prices, json.dumps(dict(trial.point))))
