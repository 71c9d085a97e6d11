"""`nas space …`: what families there are, and what is in them."""

from typing import Annotated

import typer

from nas.cli.options import Data, Json, Profile, Settings, SpaceName

app = typer.Typer(help="Families of networks: list, show, check, sample.", no_args_is_help=True)


@app.command("list")
def list_spaces(json: Json = False) -> None:
    """All spaces that come with the package."""
    from nas.cli.render import next_steps, print_json, table
    from nas.service.spaces import known

    rows = known()
    if json:
        print_json(rows)
        return
    table(("space", "about"), [(row.space, row.about) for row in rows])
    next_steps("nas space show SPACE", "nas search SPACE")


@app.command("show")
def show(
    space: SpaceName,
    profile: Profile = None,
    data: Data = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """A space's parameters, rules and published references; --json gives the whole specification."""
    from nas.cli.render import next_steps, print_json, settings as as_text, table
    from nas.service.spaces import show as look
    from nas.service.values import settings as parse

    found = look(space, profile=profile, data=data, settings=parse(settings or ()))
    if json:
        print_json(found.document)
        return
    print(f"{found.name}: {found.about}")
    if found.source:
        print(found.source)
    table(("parameter", "values", "when"), [(p.name, p.domain, p.when) for p in found.parameters])
    for rule in found.constraints:
        print(f"constraint: {rule}")
    if found.references:
        rows = [(r.name, as_text(r.set), as_text(r.published)) for r in found.references]
        table(("reference", "sets", "published"), rows)
    if found.profiles:
        print(f"profiles: {', '.join(found.profiles)}")
    next_steps(f"nas space sample {space}", f"nas search {space}")


@app.command("check")
def check(
    space: SpaceName,
    profile: Profile = None,
    data: Data = None,
    settings: Settings = None,
    samples: Annotated[int, typer.Option("--samples", min=1, help="Points to lower and price.")] = 50,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    json: Json = False,
) -> None:
    """Test a space: it loads, its references give their published numbers, points of it are feasible."""
    from nas.cli.render import print_json
    from nas.service.spaces import check as test
    from nas.service.values import settings as parse

    found = test(
        space, profile=profile, data=data, settings=parse(settings or ()), samples=samples, seed=seed
    )
    if json:
        print_json(found)
    else:
        print(f"{found.space}: {found.feasible} of {found.samples} points are feasible")
        for reason, count in found.refused.items():
            print(f"refused: {reason} ({count})")
        for line in found.references:
            print(line)
        for line in found.problems:
            print(f"PROBLEM: {line}")
        if not found.problems:
            print("no problems found")
    if found.problems:
        raise typer.Exit(1)


@app.command("sample")
def sample(
    space: SpaceName,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many points.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    profile: Profile = None,
    data: Data = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Random feasible points with their exact costs."""
    from nas.cli.render import print_json, settings as as_text, si, table
    from nas.service.spaces import sample as draw
    from nas.service.values import settings as parse

    rows = draw(space, count=count, seed=seed, profile=profile, data=data, settings=parse(settings or ()))
    if json:
        print_json(rows)
        return
    columns = ("point", "size", "params", "macs", "layers", "arch_id")
    table(
        columns,
        [
            (
                as_text(r.point),
                r.size,
                si(r.cost["params"]),
                si(r.cost["macs"]),
                r.cost["layers"],
                r.arch_id[:12],
            )
            for r in rows
        ],
    )
