"""The project as it is delivered: the wheel, what it installs, the pins."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED = ("nas", "workers", "search_spaces")


def _run(*command: object, cwd: Path) -> str:
    # Without the environment's PYTHONPATH: what runs must come from what was installed.
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_has_every_module_and_every_space(contents: set[str]) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in SHIPPED
        for pattern in ("*.py", "*.yaml", "py.typed", "*.mako")
        for path in (ROOT / folder).rglob(pattern)
    }
    assert wanted <= contents, f"not in the wheel: {sorted(wanted - contents)}"


@pytest.mark.parametrize(
    "pattern",
    [
        r"nas/py\.typed",
        r"workers/py\.typed",
        r"search_spaces/blocks\.yaml",
        r"search_spaces/efficientnet-scaling\.yaml",
        r"search_spaces/resnext-cardinality\.yaml",
        r"search_spaces/vgg\.yaml",
        r"nas/store/migrations/env\.py",
        r"nas/store/migrations/versions/\w+\.py",
        r".*\.dist-info/licenses/LICENSE",
        r".*\.dist-info/entry_points\.txt",
    ],
)
def test_wheel_contains(pattern: str, contents: set[str]) -> None:
    assert any(re.fullmatch(pattern, name) for name in contents)


def test_wheel_has_nothing_else(contents: set[str]) -> None:
    strays = [name for name in contents if not name.startswith(SHIPPED) and ".dist-info/" not in name]
    assert not strays
    assert not [name for name in contents if name.endswith((".pyc", ".db", "Dockerfile"))]


@pytest.mark.slow
def test_wheel_works_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    """Installed into a new environment that borrows only the dependencies of this one."""
    venv, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    _run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=tmp_path)
    _run(
        sys.executable, "-m", "pip", "--python", venv / "bin/python",
        "install", "--quiet", "--no-deps", "--no-index", wheel,
        cwd=tmp_path,
    )  # fmt: skip
    # A .pth adds the folder but reads no .pth in it: this checkout's editable install stays out.
    (own,) = (venv / "lib").glob("python*/site-packages")
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    where = _run(venv / "bin/python", "-c", "import nas; print(nas.__file__)", cwd=elsewhere)
    assert Path(where.strip()).is_relative_to(venv)
    listed = _run(venv / "bin/nas", "space", "list", cwd=elsewhere)
    assert "efficientnet-scaling" in listed
    price = _run(venv / "bin/nas", "cost", "vgg", "--reference", "vgg16", "--json", cwd=elsewhere)
    assert "138357544" in price


def test_every_dependency_is_pinned_within_its_range() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    extras = PROJECT["project"]["optional-dependencies"].values()
    for text in [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in extra)]:
        wanted = Requirement(text)
        if wanted.name != PROJECT["project"]["name"]:
            assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text


def test_constraints_name_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert "torch==2.13.0" in pins
    assert not [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)]


def test_ci_script_is_sound() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    _run("bash", "-n", script, cwd=ROOT)


@pytest.mark.parametrize("target", ["search", "test", "docs", "test-all", "lint", "types", "clean", "help"])
def test_make_can_plan(target: str) -> None:
    _run("make", "--dry-run", "--no-print-directory", target, cwd=ROOT)
