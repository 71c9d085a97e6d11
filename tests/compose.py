"""Compose files as `docker compose` reads them: variables filled in, files laid over each other."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import ROOT

FILES = ("docker-compose.yml", "docker-compose.cpu.yml")
EXAMPLE = ROOT / ".env.example"
Tree = dict[str, Any]

_RESET = object()
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?::(?P<how>[-?])(?P<text>[^}]*))?\})")


class MissingError(Exception):
    """A variable without which nothing may start."""


def load(*files: str, variables: Mapping[str, str]) -> Tree:
    """The whole project, later files over earlier ones."""
    found: Tree = {}
    for file in files:
        text = (ROOT / file).read_text(encoding="utf-8")
        found = _over(found, _parser().load(filled(text, variables)))
    return found


def filled(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-DEFAULT}` and `${NAME:?WHY}` replaced, `$$` unescaped."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        given = variables.get(match["name"], "")
        if not given and match["how"] == "?":
            raise MissingError(f"{match['name']}: {match['text']}")
        return given or (match["text"] if match["how"] == "-" else "")

    return _VARIABLE.sub(value, text)


def names(text: str) -> set[str]:
    """The variables that a file names."""
    return {match["name"] for match in _VARIABLE.finditer(text)} - {None}


def example() -> dict[str, str]:
    """The variables of .env.example."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def words(service: Tree) -> list[str]:
    """What the container of a service runs."""
    return [*service.get("entrypoint", []), *service.get("command", [])]


def check(service: Tree) -> list[str]:
    """The words of a service's health check."""
    kind, *found = service["healthcheck"]["test"]
    assert kind == "CMD"
    return list(found)


def _parser() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("!reset", lambda loader, node: _RESET)
    return yaml


def _over(below: Any, above: Any) -> Any:
    """Mappings join, anything else is replaced; `!reset` takes away."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    both = {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}
    return {key: value for key, value in both.items() if value is not _RESET}


def paths() -> list[Path]:
    """All compose files."""
    return [ROOT / file for file in FILES]
