"""`nas search --dry-run`: what would be searched, before anything begins."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nas.service.actions.preview import Preview
    from nas.service.engines import EngineOptions
    from nas.service.specify import SearchOptions


def print_preview(
    options: "SearchOptions", slots: "EngineOptions", *, compare: bool = True, json: bool = False
) -> None:
    """Show it; a mistake raises its `NasError`."""
    from nas.cli.render import print_json
    from nas.service.actions.preview import look

    found = look(options, slots, compare)
    if json:
        print_json(found)
        return
    _print(found)


def _print(found: "Preview") -> None:
    from nas.cli.render import next_steps, table
    from nas.service.plain import counted, settings, si

    spec = found.spec
    aims = ", ".join(f"{way[:3]} {metric}" for metric, way in spec["objectives"])
    print(f"{found.space} on {found.data}: {counted(found.budget, 'trial')}, {aims}; nothing has begun")
    print(f"sampler {spec['sampler']}, stopper {spec['stopper']}, evaluator {spec['evaluator']}", end="")
    print(f", seed {spec['seed']}")
    print(f"recipe: {settings(spec['recipe'])}")
    for limit in found.limits:
        print(f"limit: {limit}")
    for line in found.first:
        print(line)
    points = "" if found.points is None else f" of {found.points:,} points"
    print(f"{found.acceptance or 0:.0%} of {found.draws} random draws{points} are feasible")
    for reason, count in found.refusals.items():
        print(f"refused: {reason}: {count}")
    if found.envelope:
        rows = [
            (n, si(r.low), si(r.q1), si(r.median), si(r.q3), si(r.high)) for n, r in found.envelope.items()
        ]
        table(("cost", "least", "25 %", "median", "75 %", "most"), rows)
    next_steps(found.command)
