"""Is everything in place? Every check says what it found and, if bad, what to do."""

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nas.errors import NasError

PACKAGES = ("torch", "ray", "optuna", "sqlalchemy", "alembic", "pydantic", "typer", "rich", "scikit-learn")
LOW_DISK_GB = 2.0


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    what: str
    ok: bool
    found: str
    advice: str = ""


def examine(store: str | None = None) -> list[Check]:
    """All checks, cheapest first; none of them imports torch or starts Ray."""
    checks = [Check("python", sys.version_info >= (3, 11), sys.version.split()[0], "")]
    checks += list(_packages())
    cores = len(os.sched_getaffinity(0))
    checks.append(Check("processor cores", True, str(cores)))
    checks.append(Check("GPU driver", True, "nvidia-smi found" if shutil.which("nvidia-smi") else "none"))
    for what, look in (("spaces", _spaces), ("data sets", _data), ("store", lambda: _store(store))):
        checks.append(_attempt(what, look))
    checks.append(_disk(store))
    return checks


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, True, version(name))
        except PackageNotFoundError:
            yield Check(name, False, "not installed", f"pip install {name}")
    if importlib.util.find_spec("workers") is None:
        yield Check("workers", False, "not importable", "pip install -e . in the project's folder")


def _attempt(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, True, look())
    except NasError as error:
        return Check(what, False, "unusable", str(error))


def _spaces() -> str:
    from nas.space.load import load_space, shipped_names

    names = shipped_names()
    for name in names:
        load_space(name)
    return ", ".join(names)


def _data() -> str:
    from workers.data.base import spellings

    return ", ".join(spellings())


def _store(url: str | None) -> str:
    from nas.store import open_store

    try:
        with open_store(url, create=False) as store:
            return f"{store.url}, {len(store.study_names())} studies"
    except NasError as error:
        if "no store at" in str(error):
            return "none yet; the first search makes it"
        raise


def _disk(url: str | None) -> Check:
    """Room where checkpoints go, and whether one can write there."""
    from nas.store.engine import artifacts_root, parse_url

    try:
        root = artifacts_root(parse_url(url)).removeprefix("file://")
    except NasError as error:
        return Check("artifacts", False, "unknown", str(error))
    if "://" in root:
        return Check("artifacts", True, root)
    folder = Path(root)
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        found = f"{root}: {error.strerror}"
        return Check("artifacts", False, found, "make it writable, or set NAS_ARTIFACTS")
    advice = "" if free_gb >= LOW_DISK_GB else "free some space, or set NAS_ARTIFACTS to another disk"
    return Check("artifacts", not advice, f"{root}, {free_gb:.0f} GB free", advice)
