"""`nas space …`: what families there are, and what is in them."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Data, Json, Profile, Settings, SpaceName
from nas.cli.progress import progress

if TYPE_CHECKING:
    from nas.service.spaces import SpaceView
    from nas.space.profile import SpaceProfile

Row = Sequence[str]

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
    from nas.cli.render import next_steps, print_json, table
    from nas.service.plain import settings as as_text
    from nas.service.spaces import show as look
    from nas.service.values import settings as parse

    found = look(space, profile=profile, data=data, settings=parse(settings or ()))
    if json:
        print_json(found.document)
        return
    _print_head(found)
    table(*filled(("parameter", "values", "when"), [(p.name, p.domain, p.when) for p in found.parameters]))
    if found.derived:
        table(("follows", "from"), [(d.name, d.rule) for d in found.derived])
    for rule in found.constraints:
        print(f"constraint: {rule}")
    if found.references:
        rows = [(r.name, as_text(r.set), as_text(r.published), r.about) for r in found.references]
        table(*filled(("reference", "sets", "published", "about"), rows))
    if found.profiles:
        table(("profile", "about"), [(p.name, p.about) for p in found.profiles])
    also = again(profile, data, settings)
    next_steps(
        f"nas space sample {space}{also}", f"nas cost {space} --references", f"nas search {space}{also}"
    )


def filled(columns: Sequence[str], rows: Sequence[Row]) -> tuple[Sequence[str], Sequence[Row]]:
    """A table without the columns in which nothing stands."""
    kept = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    return [columns[i] for i in kept], [[row[i] for i in kept] for row in rows]


def _print_head(found: "SpaceView") -> None:
    """Name, source, input, constants and recipe."""
    from nas.service.plain import settings as as_text

    print(f"{found.name}: {found.about}")
    if found.source:
        print(found.source)
    print(f"input: {as_text(found.input)}")
    if found.constants:
        print(f"constants: {as_text(found.constants)}")
    if found.training:
        print(f"training: {as_text(found.training)}")


def again(profile: str | None, data: str | None, settings: list[str] | None) -> str:
    """The options of this command for the next one."""
    pairs = [("--profile", profile), ("--data", data), *(("--set", pair) for pair in settings or ())]
    return "".join(f" {option} {shlex.quote(value)}" for option, value in pairs if value)


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
    from nas.cli.render import print_json, problem_lines
    from nas.service.checks import check as test
    from nas.service.values import settings as parse

    asked = parse(settings or ())
    with progress(f"nas space check {space}:") as tick:
        found = test(space, profile=profile, data=data, settings=asked, samples=samples, seed=seed, tick=tick)
    if json:
        print_json(found)
    else:
        print(f"{found.space}: {found.feasible} of {found.samples} points are feasible")
        print(f"{found.built} different networks built in torch and counted there too")
        for reason, count in found.refused.items():
            print(f"refused: {count} times {found.examples[reason]}")
        for line in found.references:
            print(line)
        if found.profiles:
            print(f"profiles tried too: {', '.join(found.profiles)}")
        print(*problem_lines(found.problems), sep="\n")
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
    from nas.cli.render import next_steps, print_json, table
    from nas.service.plain import settings as as_text, si
    from nas.service.spaces import sample as draw
    from nas.service.values import settings as parse
    from nas.space.typed import words

    rows = draw(space, count=count, seed=seed, profile=profile, data=data, settings=parse(settings or ()))
    if json:
        print_json(rows)
        return
    columns = ("point", "size", "params", "macs", "layers", "arch_id")
    lines = [
        (as_text(r.point), r.size, *(si(r.cost[name]) for name in ("params", "macs")), r.cost["layers"])
        for r in rows
    ]
    table(columns, [(*line, r.arch_id[:12]) for line, r in zip(lines, rows, strict=True)])
    first = [f"{name}={words(value)}" for name, value in rows[0].point.items()]
    next_steps(f"nas cost {space}{again(profile, data, [*first, *(settings or ())])}")


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

    with progress(f"nas space count {space}:") as tick:
        found = measure(space, profile=profile, data=data, settings=parse(settings or ()), seed=0, tick=tick)
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
    print(f"points: {_points(found)}")
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
        int | None,
        typer.Option("--samples", min=1, help="Random points to look at; default: all of a small space."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    json: Json = False,
) -> None:
    """What a space's networks cost, how many points it refuses and why, whether a limit can be met."""
    from nas.cli.render import print_json
    from nas.service.spaces import profile as measure
    from nas.service.values import limits as bounds, settings as parse

    asked, at_most = parse(settings or ()), bounds(limits or ())
    with progress(f"nas space profile {space}:") as tick:
        found = measure(
            space,
            profile=profile,
            data=data,
            settings=asked,
            samples=samples,
            seed=seed,
            limits=at_most,
            tick=tick,
        )
    if json:
        print_json(found)
    else:
        _print_profile(found)


def _print_profile(found: "SpaceProfile") -> None:
    from nas.cli.render import table
    from nas.service.plain import si

    print(f"points: {_points(found)}; looked at {found.looked_at:,} ({'all' if found.exact else 'random'})")
    shares = f"{found.acceptance:.3g} of all points, {found.drawn_acceptance:.1%} of those drawn"
    print(f"feasible: {_feasible(found)}; {shares}")
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


def _points(found: "SpaceProfile") -> str:
    from nas.service.plain import whole

    if found.continuum:
        return "a continuum"
    return "too many combinations to count" if found.points is None else whole(found.points)


def _feasible(found: "SpaceProfile") -> str:
    """How many points are feasible, as surely as is known."""
    from nas.service.plain import whole

    bounds = found.feasible_points
    if bounds is None:
        return f"{found.feasible:,} of the {found.priced:,} that were priced"
    low, high = (whole(round(bound)) for bound in bounds)
    if found.exact or low == high:
        return high
    if found.feasible == found.priced:
        return f"at least {low} of {high} (95 %): none that was priced is refused"
    return f"between {low} and {high} (95 %)"
