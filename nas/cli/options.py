"""Options that several commands share."""

from typing import Annotated

import typer

from nas.errors import NasError

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
StoreUrl = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="Default: NAS_STORE or nas-data/nas.db.")
]
Study = Annotated[str, typer.Argument(metavar="STUDY", help="Its name; nas studies lists all.")]
SpaceName = Annotated[str, typer.Argument(metavar="SPACE", help="A name (nas space list) or a YAML file.")]
Profile = Annotated[str | None, typer.Option("--profile", help="A profile of the space.")]
Data = Annotated[
    str | None,
    typer.Option("--data", metavar="NAME", help="digits, cifar10, npz:PATH, imagefolder:PATH, hf:NAME, …"),
]
References = Annotated[
    list[str] | None,
    typer.Option("--reference", metavar="NAME", help="A published network; several stand side by side."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set any name of the space.")
]
Engine = Annotated[str, typer.Option("--engine", metavar="ray|inline|simulated", help="Where trials run.")]
Workers = Annotated[
    str,
    typer.Option("--workers", metavar="auto|N", help="Slots; auto: all there is room for; simulated: 16."),
]
CpusPerTrial = Annotated[
    float | None, typer.Option("--cpus-per-trial", metavar="N", help="What a slot holds; default 1.")
]
GpusPerTrial = Annotated[
    float | None,
    typer.Option("--gpus-per-trial", metavar="N", help="0.25: four share one; default 1 if there are any."),
]
Address = Annotated[
    str | None,
    typer.Option("--address", metavar="HOST:PORT", help="An existing Ray cluster; default: NAS_ADDRESS."),
]
LogJson = Annotated[bool, typer.Option("--log-json", help="Every event as a line of JSON on standard error.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Begin nothing: show what would be searched, and what it costs.")
]
Compare = Annotated[
    bool, typer.Option("--compare/--no-compare", help="At the end train best and baseline with fresh seeds.")
]


def together(given: list[str] | None) -> str | None:
    """Several uses of an option that takes a list with commas, as one list."""
    return ",".join(given) if given else None


def one_format(json: bool, csv: bool) -> None:
    """Refuse --csv with --json: one would be left out without a word."""
    if json and csv:
        raise NasError("--csv --json: the output has one format; say one of them")
