"""`nas cost`: the exact price of a network, before any training."""

from typing import Annotated

import typer

from nas.cli.options import Data, Json, Profile, Settings, SpaceName


def cost(
    space: SpaceName,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="NAME", help="A published network of the space.")
    ] = None,
    settings: Settings = None,
    profile: Profile = None,
    data: Data = None,
    layers: Annotated[bool, typer.Option("--layers", help="Also the table of all layers.")] = False,
    json: Json = False,
) -> None:
    """Price a network exactly: nas cost resnext-cardinality --reference resnext50_32x4d."""
    from nas.cli.render import print_json, settings as as_text, si, table
    from nas.cost.table import shares
    from nas.service.costs import price
    from nas.service.values import settings as parse

    found = price(space, reference=reference, settings=parse(settings or ()), profile=profile, data=data)
    if json:
        print_json(found.to_json(layers=layers))
        return
    if layers:
        columns = ("layer", "kind", "arguments", "output", "params", "macs", "ops", "activations", "KiB")
        table(
            columns,
            [
                (r.path, r.kind, r.arguments, r.output, r.params, r.macs, r.ops, r.activations, r.memory_kib)
                for r in found.layers
            ],
        )
        parts = [
            (s.kind, *(f"{part:.1%}" for part in (s.memory, s.params, s.ops))) for s in shares(found.layers)
        ]
        print()
        table(("where it sits", "memory", "params", "ops"), parts)
        print()
    print(f"{found.name}  {as_text(found.point)}".rstrip())
    table(("cost", "", "exact"), [(name, si(value), value) for name, value in found.cost.items()])
    if found.published:
        print("published: " + as_text(found.published))
    for rule in found.broken:
        print(f"no point of the space: it breaks {rule}")
    print(f"arch_id {found.arch_id}")
