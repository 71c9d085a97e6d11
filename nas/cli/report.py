"""`nas report`."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.options import Json, StoreUrl
from nas.errors import NasError


def report(
    studies: Annotated[
        list[str], typer.Argument(metavar="STUDY…", help="One, or several to compare; nas studies lists all.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: report-STUDY.html, here.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="What it is about; default: the objective.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    store: StoreUrl = None,
    json: Json = False,
) -> None:
    """One HTML file about a study, or several beside each other, to mail: nas report vgg-1 --out vgg.html"""
    from nas.cli.render import next_steps, print_json
    from nas.report import file_name, report as written
    from nas.service.plain import si
    from nas.store import open_store

    file = out or Path(file_name(studies))
    _check(file, force=force)
    with open_store(store, create=False) as opened:
        text = written(opened, studies, metric=metric).encode()
    try:
        with file.open("wb" if force else "xb") as target:
            target.write(text)
    except OSError as error:
        raise NasError(f"--out {file}: cannot be written: {error.strerror or error}") from None
    if json:
        print_json({"file": str(file), "bytes": len(text), "studies": studies})
        return
    print(f"{file}: {si(len(text))}B, one file that opens in any browser, without a network")
    if len(studies) == 1:
        next_steps(f"nas show {studies[0]}", f"nas report {studies[0]} ANOTHER-STUDY")


def _check(file: Path, *, force: bool) -> None:
    """Refuse what cannot be written, before anything is done."""
    if file.is_dir():
        raise NasError(f"--out {file}: it is a folder; name a file in it, such as {file / 'report.html'}")
    if file.exists() and not force:
        raise NasError(f"{file} exists; add --force to overwrite it, or name another file with --out")
    if not file.parent.is_dir():
        raise NasError(f"--out {file}: there is no folder {file.parent}; make it with mkdir -p {file.parent}")
