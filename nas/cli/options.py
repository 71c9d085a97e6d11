"""Options that several commands share."""

from typing import Annotated

import typer

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
Workers = Annotated[int | None, typer.Option("--workers", help="Slots; default: one a core; simulated: 16.")]
Address = Annotated[str | None, typer.Option("--address", help="An existing Ray cluster.")]
Compare = Annotated[
    bool, typer.Option("--compare/--no-compare", help="At the end train best and baseline with fresh seeds.")
]
