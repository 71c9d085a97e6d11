"""The rules of the house: imports point one way, heavy packages stay in their rooms, files stay small."""

import ast
import functools
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests import house

FILE_LINES = 320
FUNCTION_LINES = 45
HEAVY = ("torch", "ray", "optuna")

OURS = house.sources("nas", "workers")

LIGHT = (
    "nas",
    "nas.arch",
    "nas.cost",
    "nas.space",
    "nas.store",
    "nas.service",
    "nas.report",
    "nas.cli",
    "nas.dashboard.serving",
    "workers.data",
    "workers.evaluators",
)


@functools.cache
def _imports() -> list[house.Import]:
    return [found for path in OURS for found in house.imports(path)]


def _relative(path: Path) -> str:
    return path.relative_to(house.ROOT).as_posix()


def test_imports_point_one_way() -> None:
    upward = [str(found) for found in _imports() if house.is_upward(found)]
    assert not upward, "upward imports (order: " + " < ".join(house.ROOMS) + "):\n" + "\n".join(upward)


def test_imports_are_absolute() -> None:
    relative = [str(found) for found in _imports() if found.target.startswith(".")]
    assert not relative, "\n".join(relative)


def test_our_code_does_not_import_tests() -> None:
    strays = [str(found) for found in _imports() if found.target.split(".")[0] == "tests"]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("package", house.HOMES)
def test_package_stays_in_its_rooms(package: str) -> None:
    homes = house.HOMES[package]
    strays = [
        str(found)
        for found in _imports()
        if found.target.split(".")[0] == package and not found.path.startswith(homes)
    ]
    assert not strays, f"{package} belongs in {', '.join(homes)}:\n" + "\n".join(strays)


@pytest.mark.parametrize("folder", house.LAZY)
def test_light_files_import_heavy_packages_inside_functions(folder: str) -> None:
    strays = [
        str(found)
        for found in _imports()
        if found.path.startswith(folder)
        and found.at_import
        and found.target.split(".")[0] in house.LAZY[folder]
    ]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("path", OURS, ids=_relative)
def test_file_is_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{lines} lines: a second idea is hiding, give it a file of its own"


@pytest.mark.parametrize("path", OURS, ids=_relative)
def test_functions_are_short(path: Path) -> None:
    if "/versions/" in path.as_posix():
        pytest.skip("a migration is one list of changes, and is never edited")
    # A command's signature is the list of its options: of the command line the bodies count.
    body_only = "nas/cli/" in path.as_posix()
    lengths = {
        function.name: (function.end_lineno or 0) - (function.body[0] if body_only else function).lineno + 1
        for function in house.functions(ast.parse(path.read_text(encoding="utf-8")))
    }
    long = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}
    assert not long, f"functions over {FUNCTION_LINES} lines: {long}"


def test_light_modules_load_nothing_heavy(tmp_path: Path) -> None:
    code = f"""
        import importlib, json, sys
        for module in {LIGHT!r}:
            before = set(sys.modules)
            importlib.import_module(module)
            print(json.dumps([module, sorted((set(sys.modules) - before) & set({HEAVY!r}))]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(house.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [[module, []] for module in LIGHT]


@pytest.mark.parametrize(
    ("source", "at", "wrong"),
    [
        ("import nas.search", "nas/store/rows.py", True),
        ("from nas import search", "nas/store/rows.py", True),
        ("def f():\n    from nas.service import studies", "workers/run.py", True),
        ("from importlib import import_module\nimport_module('nas.model')", "nas/arch/graph.py", True),
        ("from nas import load_space", "nas/service/spaces.py", True),
        ("import nas.cli", "nas/dashboard/app.py", True),
        ("from nas.arch.graph import Graph", "nas/cost/fold.py", False),
        ("from nas.errors import NasError", "nas/registry.py", False),
        ("import numpy", "nas/errors.py", False),
    ],
)
def test_an_upward_import_is_seen(source: str, at: str, wrong: bool, tmp_path: Path) -> None:
    for package in ("arch", "cost", "search", "service", "store"):
        (tmp_path / "nas" / package).mkdir(parents=True)
    path = tmp_path / at
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    assert any(house.is_upward(found) for found in house.imports(path, root=tmp_path)) is wrong
