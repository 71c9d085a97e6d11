"""The house as the tests see it: rooms from bottom to top, every import with its place."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ROOMS = (
    "search_spaces",
    "nas.errors",
    "nas.versions",
    "nas.registry",
    "nas.records",
    "nas.arch",
    "nas.cost",
    "nas.space",
    "nas.drawing",
    "nas.model",
    "nas.store",
    "nas.search",
    "workers",
    "nas.service",
    "nas.report",
    "nas",
    "nas.dashboard",
    "nas.cli",
)
"""Bottom to top: a file imports from its own room and from those before it. `nas` is the facade
(nas/__init__.py): nothing but a user, the dashboard and the command line may lean on it."""

SIBLINGS = {frozenset({"nas.dashboard", "nas.cli"})}
"""Rooms beside each other: neither imports the other."""

DOORS = {("nas/cli/serve.py", "nas.dashboard")}
"""Where alone one of them starts the other: (file, room)."""

HOMES = {
    "torch": ("nas/model/", "workers/"),
    "safetensors": ("nas/model/", "workers/"),
    "sklearn": ("workers/",),
    "datasets": ("workers/data/",),
    "PIL": ("workers/data/", "workers/inside/"),
    "pyarrow": ("workers/data/", "workers/tables/"),
    "psutil": ("workers/",),
    "optuna": ("nas/search/",),
    "cmaes": ("nas/search/climb.py",),
    "ray": ("workers/slots/", "workers/ray_tune.py"),
    "sqlalchemy": ("nas/store/",),
    "alembic": ("nas/store/",),
    "prometheus_client": ("nas/service/metrics.py",),
    "psycopg": ("nas/store/",),
    "typer": ("nas/cli/",),
    "fastapi": ("nas/dashboard/",),
    "uvicorn": ("nas/dashboard/",),
    "jinja2": ("nas/dashboard/", "nas/report/"),
    "starlette": ("nas/dashboard/",),
}
"""Where alone these packages may be imported, inside functions or not."""

LAZY = {
    "workers/data/": ("torch", "sklearn", "scipy", "pandas", "datasets", "PIL", "pyarrow"),
    "workers/tables/": ("pyarrow",),
}
"""Files that are read by light commands: there these are imported inside functions only."""


@dataclass(frozen=True)
class Import:
    """One import: in which file and line, of what, and whether a mere import of the file runs it."""

    path: str
    line: int
    target: str
    at_import: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.target}"


def sources(*folders: str, root: Path = ROOT) -> list[Path]:
    """All Python files of these folders."""
    return sorted(path for folder in folders for path in (root / folder).rglob("*.py"))


def imports(path: Path, root: Path = ROOT) -> list[Import]:
    """Every import in a file: in functions, behind TYPE_CHECKING and by importlib too."""
    name = path.relative_to(root).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)
    lazy = {id(node) for function in functions(tree) for node in ast.walk(function)}
    return [
        Import(name, getattr(node, "lineno", 0), target, id(node) not in lazy)
        for node in ast.walk(tree)
        for target in _targets(node, root)
    ]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def room(module: str) -> str | None:
    """The room a module is in; None for what is not ours."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in ROOMS), None)


def module_of(path: str) -> str:
    """`nas/arch/graph.py` -> `nas.arch.graph`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_upward(found: Import) -> bool:
    """Whether an import points from a lower room to a higher one, or to one beside it."""
    here, there = room(module_of(found.path)), room(found.target)
    if here is None or there is None or here == there or (found.path, there) in DOORS:
        return False
    return ROOMS.index(there) > ROOMS.index(here) or frozenset({here, there}) in SIBLINGS


def _targets(node: ast.AST, root: Path) -> Iterator[str]:
    """The modules that a node imports; `from nas import arch` is an import of `nas.arch`."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = "." * level + (module or "")
            for alias in names:
                folder = root / base.replace(".", "/") / alias.name
                is_module = not level and (folder.is_dir() or folder.with_suffix(".py").is_file())
                yield f"{base}.{alias.name}" if is_module else base
        case ast.Call(
            func=ast.Attribute(attr="import_module" | "__import__")
            | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name
