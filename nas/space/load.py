"""Spaces by name or path: finding the file, reading it, putting the definitions it uses into it."""

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

from nas.errors import SpaceError, UnknownNameError
from nas.records import DataInfo
from nas.space.schema import BlocksModel, Where, check
from nas.space.space import Space
from nas.space.yaml_reader import Source

SUFFIXES = (".yaml", ".yml")
PASTED = "YAML"
"""What a text that is no file is called in errors: `YAML:12: …`."""


def load_space(
    name_or_path: str | FilePath,
    *,
    profile: str | None = None,
    reference: str | None = None,
    settings: Mapping[str, Any] | None = None,
    data: DataInfo | None = None,
) -> Space:
    """The space in a file, or the shipped one of a name.

    Without `profile`, the one named after the data set applies, if there is one. With `reference` it is
    that published network, with its own profile or none.

    Raises:
        UnknownNameError: no such space, profile, reference or setting.
        SpaceError: the file is not a space; with line, key path, value and what is allowed.
    """
    file = _find(str(name_or_path))
    source = _source(file)
    where = _checked(source)
    raw = _inlined(copy.deepcopy(source.data), [file.parent, shipped_folder()], where)
    return Space(raw, where, data=data, profile=profile, reference=reference, settings=settings)


def read_space(
    text: str,
    *,
    profile: str | None = None,
    settings: Mapping[str, Any] | None = None,
    data: DataInfo | None = None,
) -> Space:
    """The space that a text describes. What it uses is among the shipped definitions: no other file is read.

    Raises:
        SpaceError: the text is not a space; with line, key path, value and what is allowed.
    """
    source = Source(PASTED, text)
    where = _checked(source)
    raw = _inlined(dict(source.data), [shipped_folder()], where)
    return Space(raw, where, data=data, profile=profile, settings=settings)


def refuse_taken_name(space: Space) -> None:
    """Refuse a space that bears the name of a shipped one and is another.

    A study knows its space by its name: what is shown and typed of it later would be of the shipped one.

    Raises:
        SpaceError: it is another one; with what to write instead.
    """
    name = space.name
    if name in shipped_names() and space.raw != load_space(name).raw:
        raise space.where.error(
            ("space",),
            f"{name!r} is the name of a shipped space, and this is another: "
            f"give it a name of its own, such as `space: my-{name}`",
        )


def _checked(source: Source) -> Where:
    where = Where(source.file, source.line)
    if not isinstance(source.data, dict):
        raise where.error((), "a space is a mapping: `space: NAME`, `about: …`, `architecture: […]`")
    return where


def shipped_folder() -> FilePath:
    """The folder of the spaces that come with the package."""
    return FilePath(str(resources.files("search_spaces")))


def shipped_names() -> list[str]:
    """Names of the shipped spaces (files of definitions are not spaces)."""
    return sorted(file.stem for file in shipped_folder().glob("*.yaml") if _is_space(file))


def _is_space(file: FilePath) -> bool:
    return any(line.startswith("space:") for line in file.read_text(encoding="utf-8").splitlines())


def _find(name: str) -> FilePath:
    path = FilePath(name)
    if path.suffix in SUFFIXES or "/" in name:
        if not path.is_file():
            raise SpaceError(
                f"no file {name!r}: give the path of a space's YAML, or a name of `nas space list`"
            )
        return path
    file = shipped_folder() / f"{name}.yaml"
    if not file.is_file() or not _is_space(file):
        raise UnknownNameError("space", name, shipped_names())
    return file


def _shown(file: FilePath) -> str:
    return f"search_spaces/{file.name}" if file.parent == shipped_folder() else str(file)


def _source(file: FilePath) -> Source:
    """What a file says; nobody may change its data, since a shipped file is parsed once a process."""
    text = _text(file)
    return _parsed(_shown(file), text) if file.parent == shipped_folder() else Source(_shown(file), text)


@lru_cache(maxsize=64)
def _parsed(file: str, text: str) -> Source:
    return Source(file, text)


def _text(file: FilePath) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpaceError(f"{file}: cannot be read: {error}") from None


def _inlined(raw: dict[str, Any], folders: Sequence[FilePath], where: Where) -> dict[str, Any]:
    """`raw` with the definitions of the files that it uses inside it."""
    used = raw.pop("use", [])
    if not isinstance(used, list) or not all(isinstance(name, str) for name in used):
        raise where.error(("use",), f"{used!r}: a list of names of files of definitions is wanted")
    define: dict[str, Any] = {}
    for index, name in enumerate(used):
        blocks, home = _definitions(name, folders, where, index)
        for block, body in blocks.items():
            if block in define:
                raise where.error(("use", index), f"block {block!r} is defined in two used files")
            define[block] = body
            where.blocks[block] = home
    own = raw.get("define", {})
    if isinstance(own, dict):
        for block in own:
            if block in define:
                raise where.error(("define", block), f"{block!r} is defined in a used file already")
        raw["define"] = {**define, **own}
    return raw


def _definitions(
    name: str, folders: Sequence[FilePath], where: Where, index: int
) -> tuple[dict[str, Any], Where]:
    for folder in folders if FilePath(name).name == name else ():
        candidate = folder / f"{name}.yaml"
        if candidate.is_file():
            source = _source(candidate)
            home = Where(source.file, source.line)
            check(BlocksModel, source.data, home)
            return copy.deepcopy(source.data["define"]), home
    raise where.error(("use", index), f"no file {name}.yaml beside the space or among the shipped ones")
