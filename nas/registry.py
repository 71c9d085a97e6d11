"""Names to things: one decorator in one file adds an entry, an unknown name lists near matches."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from nas.errors import UnknownNameError

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered thing with its one-line description."""

    name: str
    about: str
    value: T


class Registry(Generic[T]):
    """All things of one kind: those of the files in `package`, and those of an entry-point group.

    The files are imported at the first look-up, so importing the registry itself costs nothing.
    """

    def __init__(self, kind: str, package: str, group: str | None = None) -> None:
        self.kind, self.package, self.group = kind, package, group
        self._entries: dict[str, Entry[T]] = {}
        self._loaded = False

    def register(self, name: str, about: str) -> Callable[[T], T]:
        """Decorator: enter the decorated thing under `name`; a second one of that name is refused."""

        def enter(value: T) -> T:
            assert name not in self._entries, f"two {self.kind}s called {name!r}"
            assert about and "\n" not in about, f"{self.kind} {name!r} needs a description of one line"
            self._entries[name] = Entry(name, about, value)
            return value

        return enter

    def __getitem__(self, name: str) -> T:
        """The thing called `name`; `UnknownNameError` with near matches if there is none."""
        return self.entry(name).value

    def entry(self, name: str) -> Entry[T]:
        """The whole entry called `name`."""
        self._load()
        if name not in self._entries:
            raise UnknownNameError(self.kind, name, self._entries)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[T]]:
        self._load()
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def names(self) -> list[str]:
        """All names, sorted."""
        return [entry.name for entry in self]

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        for point in entry_points(group=self.group) if self.group else ():
            point.load()
