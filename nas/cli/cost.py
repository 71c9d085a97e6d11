"""`nas cost`: the exact price of a network, before any training."""

from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.drawing import Force, Svg, Unfold, check_svg, write_svg
from nas.cli.options import Data, Json, Profile, References, Settings, SpaceName

if TYPE_CHECKING:
    from nas.service.costs import Price

NARROW = ("activations", "macs", "kind", "arguments", "KiB")
"""Columns of the layer table that a narrow terminal goes without, first to last."""


def cost(
    space: SpaceName,
    reference: References = None,
    references: Annotated[
        bool, typer.Option("--references", help="All published networks of the space side by side.")
    ] = False,
    settings: Settings = None,
    profile: Profile = None,
    data: Data = None,
    layers: Annotated[bool, typer.Option("--layers", help="Also the table of all layers.")] = False,
    svg: Svg = None,
    unfold: Unfold = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Price a network exactly: nas cost resnext-cardinality --reference resnext50_32x4d."""
    from nas.cli.render import print_json
    from nas.errors import NasError
    from nas.service.costs import price, side_by_side
    from nas.service.values import settings as parse

    named, parsed = reference or [], parse(settings or ())
    check_svg(svg, force=force, unfold=unfold)
    if references or len(named) > 1:
        if svg is not None:
            raise NasError(f"--svg {svg}: a drawing is of one network; name one --reference")
        rows = side_by_side(space, named, settings=parsed, profile=profile, data=data)
        print_json([row.to_json(layers=layers) for row in rows]) if json else _print_rows(rows)
        return
    only = named[0] if named else None
    found = price(space, reference=only, settings=parsed, profile=profile, data=data)
    if svg is not None:
        from nas.drawing import draw

        write_svg(svg, draw(found.architecture, title=found.name, unfold=unfold or ()), force=force)
    if json:
        print_json(found.to_json(layers=layers))
        return
    if layers:
        _print_layers(found)
    _print_price(found)


def _print_price(found: "Price") -> None:
    from nas.cli.render import table
    from nas.service.plain import settings as as_text, si, whole

    shape = found.input
    print(f"{found.name}  {as_text(found.point)}".rstrip())
    print(f"input {shape['channels']}x{shape['size']}x{shape['size']}, {shape['classes']} classes")
    costs = dict(found.cost)
    if found.params_with_heads is not None:
        costs["params_with_heads"] = found.params_with_heads
    table(("cost", "", "exact"), [(name, si(value), whole(value)) for name, value in costs.items()])
    if found.derived:
        table(("follows", ""), [(name, value) for name, value in found.derived.items()])
    if found.published:
        print("published: " + as_text(found.published))
    for said in found.outside:
        print(f"no point of the space: {said}")
    for rule in found.broken:
        print(f"no point of the space: it breaks {rule}")
    print(f"arch_id {found.arch_id}")


def _print_rows(rows: "list[Price]") -> None:
    from nas.cli.render import table
    from nas.service.plain import si

    columns = ("reference", "input", "params", "macs", "activations", "layers", "top1", "in the space")
    table(
        columns,
        [
            (
                row.name,
                row.input["size"],
                *(si(row.cost[name]) for name in ("params", "macs", "activations")),
                row.cost["layers"],
                row.published.get("top1"),
                "breaks a rule" if row.broken else "outside" if row.outside else "yes",
            )
            for row in rows
        ],
        spare=("activations", "layers", "in the space"),
    )


def _print_layers(found: "Price") -> None:
    from nas.cli.render import table
    from nas.cost.table import parts, shares

    rows = found.layers
    columns = ("layer", "kind", "arguments", "output", "params", "macs", "ops", "activations", "KiB")
    lines = [
        (r.path, r.kind, r.arguments, r.output, r.params, r.macs, r.ops, r.activations, _kib(r.memory_kib))
        for r in rows
    ]
    sums = [sum(getattr(r, name) for r in rows) for name in ("params", "macs", "ops", "activations")]
    lines.append(("total", " ", " ", " ", *sums, _kib(sum(r.memory_kib for r in rows))))
    table(columns, lines, spare=NARROW)
    stages = parts(rows)
    if len(stages) > 1:
        print()
        head = ("part", "output", "layers", "params", "macs", "ops", "KiB")
        table(
            head,
            [(p.name, p.output, p.layers, p.params, p.macs, p.ops, _kib(p.memory_kib)) for p in stages],
            spare=("macs", "layers"),
        )
    print()
    kinds = [(s.kind, *(f"{part:.1%}" for part in (s.memory, s.params, s.ops))) for s in shares(rows)]
    table(("where it sits", "memory", "params", "ops"), kinds)
    print()


def _kib(memory: float) -> str:
    return f"{memory:.2f}".removesuffix(".00")
