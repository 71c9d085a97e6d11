"""`nas bench`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.asked import Objectives, Recipe, Seed, Stopper, search_options
from nas.cli.options import Data, Json, Profile, Settings, SpaceName

if TYPE_CHECKING:
    from nas.service.bench import Bench

Searches = Annotated[
    list[str] | None,
    typer.Option(
        "--sampler",
        metavar="NAME[+PROXY[:POOL]]",
        help="Once each, such as auto, or auto+naswot with a proxy that advises; default random, tpe, auto.",
    ),
]


def bench(
    space: SpaceName,
    evaluator: Annotated[
        str, typer.Option("--evaluator", metavar="table:PATH", help="The table of results.")
    ],
    sampler: Searches = None,
    seeds: Annotated[int, typer.Option("--seeds", help="Studies a sampler.")] = 10,
    trials: Annotated[int, typer.Option("--trials", help="Budget of a study.")] = 100,
    workers: Annotated[int, typer.Option("--workers", help="Virtual ones.")] = 1,
    stopper: Stopper = "none",
    objective: Objectives = None,
    regret: Annotated[
        str | None, typer.Option("--regret", metavar="METRIC", help="Of which metric; default the objective.")
    ] = None,
    data: Data = None,
    profile: Profile = None,
    settings: Settings = None,
    recipe: Recipe = None,
    seed: Seed = 0,
    jobs: Annotated[int, typer.Option("--jobs", help="Processes that run studies side by side.")] = 1,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.html", help="Draw the curves with their intervals.")
    ] = None,
    json: Json = False,
) -> None:
    """Compare searches on a table: nas bench cell --data cifar10 --evaluator table:cells.csv."""
    from nas.cli.render import print_json
    from nas.service.bench import SEARCHES, BenchOptions, bench as compare
    from nas.service.regret_figure import check_target, draw

    options = search_options(
        space=space,
        data=data,
        profile=profile,
        settings=settings,
        recipe=recipe,
        evaluator=evaluator,
        objective=objective,
        stopper=stopper,
        seed=seed,
    )
    asked = BenchOptions(
        search=options,
        searches=tuple(sampler or SEARCHES),
        seeds=seeds,
        trials=trials,
        workers=workers,
        regret=regret,
        jobs=jobs,
    )
    check_target(plot)
    found = compare(asked, on_study=lambda name, number: print(f"{name}, seed {number}", file=sys.stderr))
    if plot is not None:
        draw(found, plot)
    if json:
        print_json(found)
    else:
        _print(found, plot)


def _print(found: "Bench", plot: Path | None) -> None:
    from nas.cli.render import table
    from nas.service.bench import standing_rows
    from nas.service.plain import shown, span

    columns = ("search", "trials", "mean regret", "from", "to", "median", "from", "to")
    table(columns, standing_rows(found), f"{found.metric}: the table's best is {shown(found.best)}")
    for standing in found.standings:
        print(f"{standing.search}: {span(standing.virtual_s)} of virtual time a study")
    if plot is not None:
        print(f"curves: {plot}")
