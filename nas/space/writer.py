"""Lines of generated Python, each with the key path that it came from."""

from collections.abc import Iterator
from contextlib import contextmanager

from nas.space.yaml_reader import Path


class Lines:
    """Generated code; `paths` maps its line numbers (from 1) to key paths."""

    def __init__(self) -> None:
        self.paths: dict[int, Path] = {}
        self._lines: list[str] = []
        self._indent = 0

    def add(self, line: str, path: Path | None = None) -> None:
        """One line at the present depth."""
        self._lines.append("    " * self._indent + line)
        if path is not None:
            self.paths[len(self._lines)] = path

    @contextmanager
    def block(self, head: str, path: Path | None = None) -> Iterator[None]:
        """Lines added inside stand one level deeper, under `head`."""
        self.add(head, path)
        self._indent += 1
        yield
        self._indent -= 1

    def extend(self, other: "Lines") -> None:
        """All lines of `other`, after these, at depth 0."""
        assert self._indent == 0, "functions stand at the top"
        offset = len(self._lines)
        self._lines += other._lines
        self.paths.update({line + offset: path for line, path in other.paths.items()})

    def text(self) -> str:
        """The whole source."""
        return "\n".join(self._lines) + "\n"
