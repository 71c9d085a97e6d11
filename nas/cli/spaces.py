"""`nas space …`: what families there are, and what is in them."""

from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Data, Json, Profile, Settings, SpaceName

if TYPE_CHECKING:
    from nas.space.profile import SpaceProfile

app = typer.Typer(
    help="Families of networks: list, show, check, count, profile, sample, schema.", no_args_is_help=True
)


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
    if found.derived:
        table(("follows", "from"), [(d.name, d.rule) for d in found.derived])
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
    """Prove a space: it loads, references cost what was published, points cost what torch counts."""
    from nas.cli.render import print_json
    from nas.service.checks import check as test
    from nas.service.values import settings as parse

    found = test(
        space, profile=profile, data=data, settings=parse(settings or ()), samples=samples, seed=seed
    )
    if json:
        print_json(found)
    else:
        print(f"{found.space}: {found.feasible} of {found.samples} points are feasible")
        print(f"{found.built} different networks built in torch and counted there too")
        for reason, count in found.refused.items():
            print(f"refused: {count} times {found.examples[reason]}")
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


@app.command("count")
def count(
    space: SpaceName,
    profile: Profile = None,
    data: Data = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """How many points and different networks a space has: exact for small ones, else an estimate."""
    from nas.cli.render import print_json
    from nas.service.spaces import profile as measure
    from nas.service.values import settings as parse

    found = measure(space, profile=profile, data=data, settings=parse(settings or ()), samples=2000, seed=0)
    if json:
        print_json(
            {
                "points": found.points,
                "exact": found.exact,
                "feasible": found.feasible_points,
                "networks": found.networks if found.exact else None,
            }
        )
        return
    print(f"points: {_whole(found.points)}")
    print(f"feasible: {_feasible(found)}")
    if found.exact:
        print(f"different networks: {found.networks:,}")


@app.command("profile")
def profile(
    space: SpaceName,
    profile: Profile = None,
    data: Data = None,
    settings: Settings = None,
    limits: Annotated[
        list[str] | None, typer.Option("--max", metavar="COST=VALUE", help="Count points within a limit.")
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="Points to look at in a large space.")
    ] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    json: Json = False,
) -> None:
    """What a space's networks cost, how many points it refuses and why, whether a limit can be met."""
    from nas.cli.render import print_json, si, table
    from nas.service.spaces import profile as measure
    from nas.service.values import limits as bounds, settings as parse

    found = measure(
        space,
        profile=profile,
        data=data,
        settings=parse(settings or ()),
        samples=samples,
        seed=seed,
        limits=bounds(limits or ()),
    )
    if json:
        print_json(found)
        return
    kind = "all" if found.exact else "random"
    print(f"points: {_whole(found.points)}; looked at {found.looked_at:,} ({kind})")
    print(f"feasible: {_feasible(found)}, {found.acceptance:.1%} of the points looked at")
    for reason, times in found.refused.most_common():
        print(f"refused: {reason} ({times:,})")
    for limit, within in found.within.items():
        print(f"{limit}: kept by {within:,} of {found.feasible:,} feasible points")
    rows = [(name, si(r.low), si(r.median), si(r.high)) for name, r in found.costs.items()]
    table(("cost", "min", "median", "max"), rows)


@app.command("schema")
def schema(json: Json = False) -> None:
    """The JSON Schema of the language, for editors: nas space schema > space.schema.json.

    It is JSON with and without --json.
    """
    from nas.cli.render import print_json
    from nas.space.json_schema import json_schema

    print_json(json_schema())


def _whole(number: int | None) -> str:
    if number is None:
        return "not countable"
    return f"{number:,}" if number < 10**15 else f"{float(number):.3g}"


def _feasible(found: "SpaceProfile") -> str:
    bounds = found.feasible_points
    if bounds is None:
        return "some of them" if found.feasible else "none found"
    low, high = bounds
    return f"{low:,.0f}" if found.exact else f"between {low:,.3g} and {high:,.3g} (95 %)"
