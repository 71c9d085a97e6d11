"""`nas look`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.options import Json, LogJson, StoreUrl, Study

if TYPE_CHECKING:
    from nas.service.inside import Inside

Views = Annotated[
    list[str] | None,
    typer.Option(
        "--view",
        metavar="NAME",
        help="filters, templates, maps, deconvolution, occlusion, field, paths or mistakes; default: all.",
    ),
]


def look(
    study: Study,
    number: Annotated[int, typer.Argument(metavar="N", help="The trial's number.")],
    view: Views = None,
    image: Annotated[
        int | None, typer.Option("--image", metavar="I", help="Show this validation image first, from 0.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write the pictures there too.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="With --out: write into a folder that exists.")
    ] = False,
    store: StoreUrl = None,
    json: Json = False,
    log_json: LogJson = False,
) -> None:
    """What a trained network sees, as pictures on its trial's page: nas look vgg-1 7 --out pictures."""
    from nas.cli.render import print_json
    from nas.cli.stopping import noted
    from nas.service.inside import look as draw
    from nas.store import open_store

    with noted(log_json, _tell) as tell, open_store(store, create=False) as opened:
        found = draw(opened, study, number, views=view or (), image=image, out=out, force=force, on_view=tell)
    if json:
        print_json(found)
    else:
        _print(found)


def _tell(title: str) -> None:
    if sys.stderr.isatty():
        print(f"{title} …", file=sys.stderr)


def _print(found: "Inside") -> None:
    from nas.cli.render import next_steps, table

    drawn = [shown for shown in found.views if not shown.why]
    if drawn:
        rows = [(shown.name, f"{shown.width} x {shown.height}", f"{shown.name}.png") for shown in drawn]
        table(("view", "size", "file"), rows, f"Pictures of trial {found.number} of {found.study}")
    for shown in found.views:
        print(f"{shown.title}: {shown.caption}" if not shown.why else f"{shown.title}: none, {shown.why}")
    if drawn:
        print(f"They are in {found.folder}, each with its numbers as JSON, and on the trial's page")
    next_steps("nas serve", f"nas trial {found.study} {found.number}")
