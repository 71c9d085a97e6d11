"""`nas bench`."""

import sys
from typing import Annotated

import typer

from nas.cli.asked import Evaluator, Objectives, Recipe, ScreenBy, Seed, Stopper
from nas.cli.options import Data, Json, Profile, Settings, SpaceName

Samplers = Annotated[
    list[str] | None, typer.Option("--sampler", metavar="NAME", help="Once each; default random and tpe.")
]


def bench(
    space: SpaceName,
    evaluator: Evaluator,
    sampler: Samplers = None,
    screen: ScreenBy = None,
    seeds: Annotated[int, typer.Option("--seeds", help="Studies a sampler.")] = 10,
    trials: Annotated[int, typer.Option("--trials", help="Budget of a study.")] = 100,
    workers: Annotated[int, typer.Option("--workers", help="Virtual ones.")] = 1,
    stopper: Stopper = "none",
    objective: Objectives = None,
    data: Data = None,
    profile: Profile = None,
    settings: Settings = None,
    recipe: Recipe = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Compare samplers on a table: nas bench cell --data cifar10 --evaluator table:cells.csv."""
    from nas.cli.render import print_json, shown, span, table
    from nas.service.bench import BenchOptions, bench as compare, standing_rows
    from nas.service.specify import SearchOptions
    from nas.service.values import settings as parse

    options = SearchOptions(
        space=space,
        data=data,
        profile=profile,
        settings=parse(settings or ()),
        recipe=parse(recipe or (), "--recipe"),
        evaluator=evaluator,
        objective=objective,
        screen=screen,
        stopper=stopper,
        seed=seed,
    )
    asked = BenchOptions(
        search=options,
        samplers=tuple(dict.fromkeys(sampler or ("random", "tpe"))),
        seeds=seeds,
        trials=trials,
        workers=workers,
    )
    found = compare(asked, on_study=lambda name, number: print(f"{name}, seed {number}", file=sys.stderr))
    if json:
        print_json(found)
        return
    columns = ("sampler", "trials", "mean regret", "from", "to", "median", "from", "to")
    table(columns, standing_rows(found), f"{found.metric}: the table's best is {shown(found.best)}")
    for standing in found.standings:
        print(f"{standing.sampler}: {span(standing.virtual_s)} of virtual time a study")
