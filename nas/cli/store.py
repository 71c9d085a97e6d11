"""`nas store …`: the database as a whole."""

from typing import Annotated

import typer

from nas.cli.asked import Evaluator, Objectives, Recipe, Sampler, Seed, StudyName, Trials, search_options
from nas.cli.options import Data, Json, Profile, Settings, StoreUrl, Study

Storage = Annotated[
    str, typer.Argument(metavar="URL", help="Optuna's storage: sqlite:///optuna.db, postgresql://…")
]

app = typer.Typer(help="The store as a whole: nas store check.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(store: StoreUrl = None, json: Json = False) -> None:
    """Bring a store of an older version to this program's; copy it before."""
    from nas.cli.render import print_json
    from nas.service.stores import upgrade as migrate

    found = migrate(store)
    if json:
        print_json(found)
    elif found.before == found.after:
        print(f"nothing to do: the store is of version {found.after}")
    else:
        print(f"the store is now of version {found.after}; it was {found.before or 'empty'}")


@app.command("check")
def check(store: StoreUrl = None, json: Json = False) -> None:
    """Read every row of a store and say what is wrong."""
    from nas.cli.render import print_json, problem_lines
    from nas.service.plain import counted
    from nas.service.stores import check as test

    found = test(store)
    if json:
        print_json(found)
    else:
        studies, trials = counted(found.studies, "study", "studies"), counted(found.trials, "trial")
        print(f"{found.url}: version {found.revision}, {studies}, {trials}")
        print(*problem_lines(found.problems), sep="\n")
    if found.problems:
        raise typer.Exit(1)


@app.command("export-optuna")
def export_optuna(
    study: Study,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Optuna's storage: sqlite:///optuna.db.")],
    name: Annotated[str | None, typer.Option("--name", help="Of Optuna's study; default: the same.")] = None,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """A study for optuna-dashboard: its ended trials; again, to add those that have ended since."""
    from nas.cli.render import next_steps, print_json
    from nas.service.exchange import export_optuna as export
    from nas.service.plain import counted
    from nas.store import open_store

    with open_store(store, create=False) as opened:
        found = export(opened, study, to, name)
    if json:
        print_json(found)
        return
    left = "".join(f", {num} {state} left out" for state, num in found.left.items())
    print(f"{found.study}: {counted(found.added, 'trial')} added, {found.known:,} there before{left}")
    next_steps(f"optuna-dashboard {to}")


@app.command("import-optuna")
def import_optuna(
    url: Storage,
    source: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help="Optuna's study, if there are several.")
    ] = None,
    study: StudyName = None,
    space: Annotated[
        str | None, typer.Option("--space", help="For a new study: a space's name or file.")
    ] = None,
    data: Data = None,
    profile: Profile = None,
    settings: Settings = None,
    recipe: Recipe = None,
    evaluator: Evaluator = "train",
    objective: Objectives = None,
    sampler: Sampler = "auto",
    seed: Seed = 0,
    trials: Trials = None,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """The trials of an Optuna study, where they are points of a space; its budget grows by as many."""
    from nas.cli.render import next_steps, print_json
    from nas.service.environment import check_store
    from nas.service.exchange import import_optuna as take
    from nas.service.plain import counted
    from nas.store import open_store

    options = search_options(
        space=space or "",
        study=study,
        trials=trials,
        data=data,
        profile=profile,
        settings=settings,
        recipe=recipe,
        evaluator=evaluator,
        objective=objective,
        sampler=sampler,
        seed=seed,
    )
    check_store(store)
    with open_store(store) as opened:
        row, found = take(opened, url, options, source)
    if json:
        counts = {"added": found.added, "refused": found.refused}
        print_json({"study": row.name, "budget": row.budget, "source": found.study, **counts})
        return
    print(f"{row.name}: {counted(found.added, 'trial')} of Optuna's study {found.study} added")
    for reason, num in found.refused.items():
        print(f"  not added: {num:,} {reason}")
    next_steps(f"nas trials {row.name}", f"nas resume {row.name}")
