"""`nas pareto`."""

from typing import Annotated

import typer

from nas.cli.options import Json, StoreUrl, Study, one_format


def pareto(
    study: Study,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            metavar="NAME=VALUE",
            help="What the hypervolume is measured from: error=1,macs=1G; default: the worst trial's.",
        ),
    ] = None,
    store: StoreUrl = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the front as CSV.")] = False,
) -> None:
    """The front of a study with several objectives: trials that none other beats in all of them."""
    from nas.cli.front import print_csv, print_front
    from nas.cli.render import next_steps, print_json
    from nas.service.pareto import pareto as look
    from nas.store import open_store

    one_format(json, csv)
    with open_store(store, create=False) as opened:
        found = look(opened, study, tuple(reference or ()))
    if json:
        print_json(found)
    elif csv:
        print_csv(found)
    elif not found.front:
        print(f"None of {found.complete} complete trials keeps the limits: there is no front.")
        next_steps(f"nas show {study}", f"nas resume {study} --trials +24")
    else:
        print_front(found)
        first = found.front[0].number
        next_steps(f"nas trial {study} {first}", f"nas pareto {study} --csv", f"nas show {study}")
