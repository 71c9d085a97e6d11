"""`nas scale`: a family from one point, with exact costs."""

import csv as csvs
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nas.cli.listing import Csv
from nas.cli.options import Data, Json, Profile, Settings, StoreUrl, one_format, together
from nas.errors import NasError

if TYPE_CHECKING:
    from nas.service.families import Family
    from nas.service.scaling import Scaled
    from nas.service.scaling_to import Beside

Asked = Annotated[
    str, typer.Argument(metavar="STUDY|SPACE", help="A study, scaled from its best trial; or a space.")
]
Phi = Annotated[
    list[str] | None,
    typer.Option("--phi", metavar="0..7", help="How far: 0..7, or a list such as 0,0.5,1; several add up."),
]
To = Annotated[
    list[str] | None, typer.Option("--to", metavar="COST=VALUE", help="Solve how far for a cost: macs=4G.")
]
Member = Annotated[
    list[str] | None,
    typer.Option(
        "--member",
        metavar='"NAME=VALUE …"',
        help='A network by its own coefficients: "depth=1.1 width=1.0 resolution=240".',
    ),
]


def scale(
    asked: Asked,
    phi: Phi = None,
    to: To = None,
    member: Member = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="What to vary instead of phi.")
    ] = None,
    trial: Annotated[
        int | None, typer.Option("--trial", metavar="N", help="Of the study, instead of its best.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="NAME", help="Scale from what a reference sets.")
    ] = None,
    settings: Settings = None,
    resolution: Annotated[
        int | None, typer.Option("--resolution", metavar="PIXELS", help="One input for all members.")
    ] = None,
    step: Annotated[float, typer.Option("--step", help="With --to: of what is solved.")] = 0.01,
    published: Annotated[
        bool, typer.Option("--published", help="Beside the published networks, at their sizes.")
    ] = False,
    profile: Profile = None,
    data: Data = None,
    csv: Csv = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """Scale a network to a family: nas scale efficientnet-scaling --reference paper --to macs=4G."""
    from nas.cli.render import print_json
    from nas.service.families import FamilyOptions, family
    from nas.service.values import settings as parse

    one_format(json, csv)
    if to and len(to) > 1:
        raise NasError(f"--to {' --to '.join(to)}: one number solves one cost; say one of them")
    found = family(
        FamilyOptions(
            asked=asked,
            phi=together(phi),
            to=to[0] if to else None,
            members=tuple(member or ()),
            by=by,
            trial=trial,
            reference=reference,
            settings=parse(settings or ()),
            size=resolution,
            step=step,
            published=published,
            profile=profile,
            data=data,
            store=store,
        )
    )
    if found.members and all(row.refused for row in found.members) and not found.published:
        tried = f"--phi {together(phi)}: " if phi else ""
        raise NasError(f"{tried}no member of the family can be: {found.members[0].refused}")
    if json:
        print_json(found)
    elif csv:
        _print_csv(found)
    else:
        _print(found)


def _print(found: "Family") -> None:
    from nas.cli.render import next_steps, table
    from nas.service.plain import figures

    print(f"{found.space} scaled by {found.by} from {found.source}  {figures(found.fixed)}".rstrip())
    columns = (found.by, *found.names, "input", "params", "macs", "exact macs", "")
    if found.members:
        table(columns, [_line(found, row) for row in found.members], spare=("exact macs",))
    if found.target:
        print(_told(found))
    if found.published:
        print()
        _print_published(found)
    if found.study:
        next_steps(*_next(found))


def _next(found: "Family") -> Iterator[str]:
    """What to type next, of a study."""
    from nas.service.plain import si

    command = f"nas scale {found.study} --by {found.by}"
    macs = [row.cost["macs"] for row in found.members if row.cost]
    if macs and min(macs) < (half := max(macs) // 2):
        yield f"{command} --to macs={si(half).replace(' ', '')}"
    if found.known and not found.published:
        yield f"{command} --published"
    yield f"nas show {found.study}"


def _line(found: "Family", row: "Scaled") -> tuple[Any, ...]:
    from nas.service.plain import si, whole

    cost = row.cost
    sizes = (si(cost["params"]), si(cost["macs"]), whole(cost["macs"])) if cost else (None, None, None)
    return (row.phi, *(row.values.get(name) for name in found.names), row.size, *sizes, row.refused or " ")


def _told(found: "Family") -> str:
    """How near the solved member comes."""
    from nas.service.plain import whole

    cost, target = found.target or ("", 0.0)
    row = found.members[-1]
    away = row.cost[cost] / target - 1
    side = "above" if away > 0 else "below"
    return (
        f"{found.by} = {row.phi:g} has {whole(row.cost[cost])} {cost}, {abs(away):.2%} {side} {target:,.0f}"
    )


def _print_published(found: "Family") -> None:
    """Each published network with the family's own of the same macs under it, and where it lies."""
    from nas.cli.render import table
    from nas.service.plain import shown

    columns = ("network", found.by, *found.names, "input", "params", "macs", "")
    lines: list[tuple[Any, ...]] = []
    for row in found.published:
        lines.append((row.name, *_exact(found, row.network), _agreement(row)))
        if row.nearest is not None:
            lines.append(("  computed", *_exact(found, row.nearest), " "))
    table(columns, lines, "Published, and the family's own of the nearest macs")
    print()
    at = [(row.name, *(shown(row.on_rule.get(name)) for name in found.names)) for row in found.published]
    table(("", *found.names), at, f"The {found.by} at which the family has each published value")


def _exact(found: "Family", row: "Scaled") -> tuple[Any, ...]:
    from nas.service.plain import whole

    values = (row.values.get(name) for name in found.names)
    return (row.phi, *values, row.size, whole(row.cost["params"]), whole(row.cost["macs"]))


def _agreement(row: "Beside") -> str:
    costs = [name for name in row.published if name in row.network.cost]
    if not costs:
        return " "
    wrong = [name for name in costs if name not in row.confirmed]
    return f"published {', '.join(wrong)} differ" if wrong else f"{', '.join(costs)} as published"


def _print_csv(found: "Family") -> None:
    rows = list(_cells(found))
    columns = {name: None for row in rows for name in row}
    writer = csvs.DictWriter(sys.stdout, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _cells(found: "Family") -> Iterator[Mapping[str, Any]]:
    """A row a network: the family's own, then the published ones."""

    def cells(name: str, row: "Scaled") -> dict[str, Any]:
        head = {"network": name, found.by: row.phi}
        return {**head, **row.values, "input": row.size, **row.cost, "arch_id": row.arch_id} | (
            {"refused": row.refused} if row.refused else {}
        )

    for row in found.members:
        yield cells("computed" if row.phi is not None else "given", row)
    for beside in found.published:
        told = {f"published.{name}": value for name, value in beside.published.items()}
        yield cells(beside.name, beside.network) | told
        if beside.nearest is not None:
            yield cells(f"computed beside {beside.name}", beside.nearest)
