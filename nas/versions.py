"""Which program this is, so that two hosts can tell whether they run the same one."""

import functools
import hashlib
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NAME = "nas-design-spaces"
ROOT = Path(__file__).parents[1]
SOURCES = ("nas/**/*.py", "workers/**/*.py", "search_spaces/*.yaml")


@functools.cache
def ours() -> str:
    """This program's version; in a checkout, the one it would be installed as."""
    file = ROOT / "pyproject.toml"
    if file.is_file():
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])
    return version(NAME)


@functools.cache
def fingerprint() -> str:
    """Eight digits of a hash over all source files: equal where the same code runs."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:8]


def getting(extra: str) -> str:
    """What to type for the packages of an extra: in a clone, or where this was installed as a package."""
    if (ROOT / "pyproject.toml").is_file():
        return f".venv/bin/pip install -c constraints.txt -e '.[{extra}]'"
    return f"pip install '{NAME}[{extra}]'"


def installed(package: str) -> str | None:
    """The version of a package; None if it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
