"""What may be said of a search: the options of `nas search` and `nas bench`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nas.cli.options import together

if TYPE_CHECKING:
    from nas.service.specify import SearchOptions

StudyName = Annotated[str | None, typer.Option("--study", help="Its name; an equal one is joined.")]
Trials = Annotated[int | None, typer.Option("--trials", help="Budget; default 24.")]
Recipe = Annotated[
    list[str] | None, typer.Option("--recipe", metavar="NAME=VALUE", help="Set a value of the recipe.")
]
Evaluator = Annotated[
    str,
    typer.Option(
        "--evaluator",
        metavar="NAME",
        help="train, cost, latency, proxy:NAME, table:PATH, column:METRIC:PATH, python:MODULE.FUNCTION.",
    ),
]
Objectives = Annotated[
    list[str] | None,
    typer.Option(
        "--objective", help="One to four metrics, or METRIC:max, with commas; default error: error,macs"
    ),
]
Most = Annotated[
    list[str] | None,
    typer.Option("--max", metavar="NAME=VALUE", help="A limit of a cost or metric: macs=600M"),
]
Least = Annotated[
    list[str] | None, typer.Option("--min", metavar="NAME=VALUE", help="The same from below: accuracy=0.9")
]
Iso = Annotated[
    str | None,
    typer.Option("--iso", metavar="COST=VALUE", help="All networks of one cost, by their width: macs=400M"),
]
Sampler = Annotated[
    str,
    typer.Option(
        "--sampler",
        help="auto, tpe, random, quasirandom, grid, gp, evolution, cmaes, nsga2, nsga3: what to try next.",
    ),
]
ScreenBy = Annotated[
    str | None,
    typer.Option(
        "--screen", metavar="PROXY[:POOL]", help="A proxy advises which of POOL candidates to train: naswot:8"
    ),
]
Stopper = Annotated[str, typer.Option("--stopper", help="none, median, asha, hyperband, curve.")]
Repeat = Annotated[int, typer.Option("--repeat", help="Trials of each network, with seeds of their own.")]
StartFrom = Annotated[
    str | None,
    typer.Option(
        "--start-from", metavar="references", help="Trials that come first: the published networks."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Of the study.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout-per-trial", metavar="SECONDS", help="A trial that takes longer fails."),
]
Artifacts = Annotated[str | None, typer.Option("--artifacts", metavar="URL", help="Where checkpoints go.")]


def search_options(
    *, settings: list[str] | None, recipe: list[str] | None, objective: list[str] | None, **others: Any
) -> "SearchOptions":
    """What is asked for, with `NAME=VALUE` texts read."""
    from nas.service.specify import SearchOptions
    from nas.service.values import settings as parse

    return SearchOptions(
        settings=parse(settings or ()),
        recipe=parse(recipe or (), "--recipe"),
        objective=together(objective),
        **others,
    )
