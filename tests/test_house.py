"""The rules of the house: imports point one way, heavy packages stay in their rooms, files stay small."""

import ast
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
IMPORTS = [found for path in OURS for found in house.imports(path)]

LIGHT_MODULES = {
    "nas": "nas/__init__.py",
    "nas.arch": "nas/arch/__init__.py",
    "nas.cost": "nas/cost/__init__.py",
    "nas.space": "nas/space/__init__.py",
    "nas.store": "nas/store/__init__.py",
    "nas.service": "nas/service/__init__.py",
    "nas.report": "nas/report/__init__.py",
    "nas.cli": "nas/cli/__init__.py",
    "nas.dashboard.serving": "nas/dashboard/serving.py",
    "workers.data": "workers/data/__init__.py",
    "workers.evaluators": "workers/evaluators/__init__.py",
}
LIGHT_COMMANDS = (
    ["--help"],
    ["search", "--help"],
    ["space", "list"],
    ["space", "show", "efficientnet-scaling"],
    ["space", "sample", "vgg"],
    ["cost", "efficientnet-scaling"],
    ["studies"],
    ["best", "no-such-study"],
)


def _relative(path: Path) -> str:
    return path.relative_to(house.ROOT).as_posix()


def test_imports_point_one_way() -> None:
    upward = [str(found) for found in IMPORTS if house.is_upward(found)]
    assert not upward, "upward imports (order: " + " < ".join(house.ROOMS) + "):\n" + "\n".join(upward)


def test_imports_are_absolute() -> None:
    relative = [str(found) for found in IMPORTS if found.target.startswith(".")]
    assert not relative, "\n".join(relative)


def test_our_code_does_not_import_tests() -> None:
    strays = [str(found) for found in IMPORTS if found.target.split(".")[0] == "tests"]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("package", house.HOMES)
def test_package_stays_in_its_rooms(package: str) -> None:
    homes = house.HOMES[package]
    strays = [
        str(found)
        for found in IMPORTS
        if found.target.split(".")[0] == package and not found.path.startswith(homes)
    ]
    assert not strays, f"{package} belongs in {', '.join(homes)}:\n" + "\n".join(strays)


@pytest.mark.parametrize("folder", house.LAZY)
def test_light_files_import_heavy_packages_inside_functions(folder: str) -> None:
    strays = [
        str(found)
        for found in IMPORTS
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


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_light_module_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    if not (house.ROOT / LIGHT_MODULES[module]).is_file():
        pytest.skip(f"{LIGHT_MODULES[module]} is not built yet")
    assert _heavy_after(f"import {module}", tmp_path) == []


@pytest.mark.parametrize("arguments", LIGHT_COMMANDS, ids=" ".join)
def test_light_command_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    if not (house.ROOT / "nas/cli/__init__.py").is_file():
        pytest.skip("nas/cli/__init__.py is not built yet")
    code = f"""
        import sys
        sys.argv = ["nas", *{arguments!r}]
        from nas.cli import main
        try:
            main()
        except SystemExit:
            pass
    """
    assert _heavy_after(code, tmp_path) == []


def _heavy_after(code: str, folder: Path) -> list[str]:
    """Which heavy packages a fresh process has loaded after running `code`."""
    report = (
        f"import json, sys; sys.stderr.write('\\n' + json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code) + "\n" + report],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(house.ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stderr.splitlines()[-1]))


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
