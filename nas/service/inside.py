"""Look into a trained network: pictures of what it sees, kept with the trial's artifacts.

Reading what is kept needs no torch; see `nas.service.views.inside`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nas.errors import NasError
from nas.service.trained import trained
from nas.store import Store
from workers.pictures import Shown, folder_of, write_pictures

if TYPE_CHECKING:
    from workers.inside.look import Looked


@dataclass(frozen=True)
class Inside:
    """What was drawn of a trial's network."""

    study: str
    number: int
    views: list[Shown]
    """One for each view that was asked for, from the image to the answer."""
    folder: str
    """Where the pictures are."""


def look(
    store: Store,
    study: str,
    number: int,
    *,
    views: Sequence[str] = (),
    image: int | None = None,
    out: Path | None = None,
    force: bool = False,
    on_view: Callable[[str], None] = lambda title: None,
) -> Inside:
    """Draw these views of a trial's network, or all, and keep them; with `out` in that folder too.

    `image` is the number of a validation image that is shown first. Test images are never looked at.

    Raises:
        NasError: unknown view, no weights, `out` exists and not `force`, data or artifacts that cannot be
            reached.
    """
    from workers.inside.look import look as draw, wanted
    from workers.inside.subject import subject

    wanted(views)
    check_folder(out, force=force)
    found = trained(store, study, number)
    model = found.model()
    seen = subject(model, found.architecture, found.study.spec.data, found.recipe, image)
    shown: list[Shown] = []
    files: dict[str, bytes] = {}
    for one in draw(seen, views, on_view):
        made = _files(one)
        files |= made
        shown.append(_shown(one, made))
    _keep(found.study.artifacts, number, shown, files)
    if out is not None:
        _copy(out, files)
    return Inside(study, number, shown, str(out or folder_of(found.study.artifacts, number)))


def check_folder(out: Path | None, *, force: bool) -> None:
    """Refuse a folder that cannot take pictures, before anything is done.

    Raises:
        NasError: it is a file, it exists and is not to be written into, or there is no folder to put it in.
    """
    if out is None:
        if force:
            raise NasError("--force is for a folder that exists: add --out FOLDER")
        return
    if out.exists() and not out.is_dir():
        raise NasError(f"--out {out}: it is a file; name a folder")
    if out.exists() and not force:
        raise NasError(f"--out {out}: it exists; add --force to write into it, or name another folder")
    if not out.parent.is_dir():
        raise NasError(f"--out {out}: there is no folder {out.parent}; make it with mkdir -p {out.parent}")


def _files(one: "Looked") -> dict[str, bytes]:
    """The picture and its numbers, by name."""
    if one.picture is None:
        return {}
    from workers.inside.sheet import png

    data = json.dumps({"view": one.name, "title": one.title, **one.picture.data}, ensure_ascii=False)
    return {f"{one.name}.png": png(one.picture.image), f"{one.name}.json": data.encode()}


def _shown(one: "Looked", files: dict[str, bytes]) -> Shown:
    if one.picture is None:
        return Shown(one.name, one.title, one.order, why=one.why)
    from workers.inside.sheet import SCALE

    width, height = (pixels // SCALE for pixels in one.picture.image.size)
    size = len(files[f"{one.name}.png"])
    return Shown(one.name, one.title, one.order, one.picture.caption, one.picture.alt, width, height, size)


def _keep(artifacts: str, number: int, shown: list[Shown], files: dict[str, bytes]) -> None:
    try:
        write_pictures(artifacts, number, shown, files)
    except Exception as error:  # object stores have errors of their own
        raise NasError(
            f"cannot keep the pictures of trial {number} in {artifacts}: {error}; make it writable"
        ) from error


def _copy(out: Path, files: dict[str, bytes]) -> None:
    try:
        out.mkdir(exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise NasError(f"--out {out}: cannot be written: {error.strerror or error}") from None
