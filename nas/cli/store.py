"""`nas store …`: the database as a whole."""

import typer

from nas.cli.options import Json, StoreUrl

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
    from nas.service.stores import check as test

    found = test(store)
    if json:
        print_json(found)
    else:
        print(f"{found.url}: version {found.revision}, {found.studies} studies, {found.trials} trials")
        print(*problem_lines(found.problems), sep="\n")
    if found.problems:
        raise typer.Exit(1)
