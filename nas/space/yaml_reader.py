"""YAML 1.2 to plain data, with the line of every key, within bounds that no file can break.

Lists become Python lists, mappings dicts with keys that are words (`true: …` has the key "true"), as
in JSON; nothing but null, booleans, numbers and strings comes out of scalars. Repeated keys are an
error.
"""

import math
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nas.errors import SpaceError

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 60

Path = tuple[str | int, ...]


class Source:
    """A read file: its plain `data`, and where each key path stands."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self._nodes = 0
        self.data = self._read(text)

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of its nearest ancestor that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def _read(self, text: str) -> Any:
        if len(text) > MAX_BYTES:
            raise SpaceError(f"{self.file}: {len(text):,} characters; a space has at most {MAX_BYTES:,}")
        yaml = YAML(typ="safe", pure=True)
        try:
            root = yaml.compose(text)
        except (YAMLError, ValueError, RecursionError) as error:
            raise SpaceError(self._not_yaml(error)) from None
        if root is None:
            raise SpaceError(f"{self.file}: empty; a space starts with `space: NAME`")
        return self._plain(root, (), 0)

    def _not_yaml(self, error: Exception) -> str:
        """Ruamel's many lines in one: where, and what it stumbled over."""
        mark = getattr(error, "problem_mark", None)
        place = f"{self.file}:{mark.line + 1}" if mark is not None else self.file
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        return f"{place}: not YAML: {problem}"

    def _plain(self, node: Node, path: Path, depth: int) -> Any:
        self._nodes += 1
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            bound = f"{MAX_NODES:,} values" if depth <= MAX_DEPTH else f"{MAX_DEPTH} levels"
            raise SpaceError(f"{self.file}:{line}: more than {bound}, aliases written out")
        if isinstance(node, ScalarNode):
            return self._scalar(node, line)
        if isinstance(node, SequenceNode):
            return [self._plain(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        assert isinstance(node, MappingNode), type(node)
        return self._mapping(node, path, depth)

    def _mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                raise SpaceError(f"{self.file}:{line}: a key must be a word, not a list or mapping")
            key = key_word(self._scalar(key_node, line))
            if key in result:
                raise SpaceError(f"{self.file}:{line}: key {key!r} stands twice in one mapping")
            self.lines[(*path, key)] = line
            result[key] = self._plain(value_node, (*path, key), depth + 1)
        return result

    def _scalar(self, node: ScalarNode, line: int) -> Any:
        kind = str(node.tag).rsplit(":", 1)[-1]
        value: str = node.value
        try:
            return _SCALARS.get(kind, str)(value)
        except (ValueError, KeyError):
            raise SpaceError(f"{self.file}:{line}: {value[:60]!r} is not a finite {kind}") from None


def key_word(value: Any) -> str:
    """A value as the key of a mapping: `true`, `3`, `null`, or the word itself."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "null" if value is None else str(value)


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError(text)
    return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o") else 10)


def _number(text: str) -> float:
    value = float(text.replace("_", ""))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_SCALARS: dict[str, Any] = {
    "int": _integer,
    "float": _number,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "null": lambda text: None,
}
