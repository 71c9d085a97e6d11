"""`nas export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Json, Settings, StoreUrl

if TYPE_CHECKING:
    from nas.service.exporting import Exported, ExportOptions


DIGITS = 18
"""No trial's number has more: a database could not hold it."""


def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="STUDY|SPACE", help="A study; with --reference a space of published networks."
        ),
    ],
    number: Annotated[
        str | None, typer.Argument(metavar="[N]", help="The trial's number; default: the best trial's.")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", metavar="TARGET", help="pytorch, onnx, safetensors, torch-export or json.")
    ] = "pytorch",
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="NAME", help="A published network of a space.")
    ] = None,
    settings: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="File or folder; default: named after the trial."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files.")] = False,
    weights: Annotated[
        bool, typer.Option("--weights/--no-weights", help="With the trained weights, or the network alone.")
    ] = True,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """A network as files that run without this project: nas export vgg-1 7 --to onnx."""
    from nas.cli.render import print_json
    from nas.errors import NasError
    from nas.service.exporting import ExportOptions, export_reference
    from nas.service.values import settings as parse

    options = ExportOptions(to=to, out=out, force=force, weights=weights)
    if reference is not None:
        if number is not None:
            raise NasError(f"{number} --reference {reference}: a published network has no trial's number")
        found = export_reference(name, reference, options, parse(settings or ()))
    else:
        if settings:
            raise NasError(f"--set {settings[0]}: a trial is as it was; --set goes with --reference")
        found = _of_study(store, name, number, options)
    print_json(found) if json else _print(found)


def _of_study(url: str | None, name: str, number: str | None, options: "ExportOptions") -> "Exported":
    """A trial's; who means a published network of a space is told how to ask for it."""
    from nas.errors import NasError, StoreError, StudyNotFoundError
    from nas.service.exporting import export as write
    from nas.space.load import load_space, shipped_names
    from nas.store import open_store

    known = list(load_space(name).references) if name in shipped_names() else []
    if number is not None and not (number.isdecimal() and len(number) <= DIGITS):
        instead = f"and a published network is --reference {number}" if number in known else "such as 2"
        raise NasError(f"N {number}: it is a whole number, {instead}")
    try:
        with open_store(url, create=False) as opened:
            return write(opened, name, int(number) if number is not None else None, options)
    except (StoreError, StudyNotFoundError) as error:
        if not known:
            raise
        raise NasError(f"{error}; {name} is a space too: type --reference {known[0]} for that one") from None


def _print(found: "Exported") -> None:
    from nas.cli.render import next_steps, table
    from nas.service.plain import si

    table(("file", "what it is"), list(found.files.items()), f"{found.name}: {si(found.params)} parameters")
    if found.difference is not None:
        said = (
            f"differ by at most {found.difference:.1e} of the largest one"
            if found.difference
            else "are the same"
        )
        print(f"Checked on random images beside the original: outputs {said}")
    main = next(iter(found.files))
    next_steps(*([f"python {main}"] if found.to == "pytorch" else []), f"cat {main.rpartition('.')[0]}.md")
