"""`--svg FILE`: a network's picture beside what a command prints."""

from pathlib import Path
from typing import Annotated

import typer

from nas.errors import NasError

Svg = Annotated[
    Path | None, typer.Option("--svg", metavar="FILE", help="Also draw the network into this file.")
]
Unfold = Annotated[
    list[str] | None,
    typer.Option(
        "--unfold",
        metavar="STAGE",
        help="With --svg: show the inside of a stage (3) or block (3.1); * for all.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="With --svg: overwrite the file.")]


def check_svg(file: Path | None, *, force: bool, unfold: list[str] | None) -> None:
    """Refuse what cannot be written, before anything is done.

    Raises:
        NasError: the file exists and is not to be overwritten, its folder does not exist, or there is none.
    """
    if file is None:
        if force or unfold:
            raise NasError(f"{'--force' if force else '--unfold'} is for drawings: add --svg FILE")
        return
    if file.is_dir():
        raise NasError(f"--svg {file}: it is a folder; name a file in it, such as {file / 'network.svg'}")
    if file.exists() and not force:
        raise NasError(f"--svg {file}: it exists; add --force to overwrite it, or name another file")
    if not file.parent.is_dir():
        raise NasError(f"--svg {file}: there is no folder {file.parent}; make it with mkdir -p {file.parent}")


def write_svg(file: Path, drawn: str, *, force: bool) -> None:
    """Write the drawing; without `force` never over a file.

    Raises:
        NasError: the file cannot be written.
    """
    try:
        with file.open("w" if force else "x", encoding="utf-8") as target:
            target.write(drawn)
    except OSError as error:
        raise NasError(f"--svg {file}: cannot be written: {error.strerror or error}") from None
