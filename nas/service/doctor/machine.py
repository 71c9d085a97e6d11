"""This machine: what is installed, what it has, what the program brings."""

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nas.service.doctor.check import Check, attempt
from nas.versions import fingerprint, installed, ours

PACKAGES = (
    "torch",
    "ray",
    "optuna",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "pydantic",
    "typer",
    "rich",
    "fsspec",
    "scikit-learn",
    "prometheus-client",
)
LOW_GB = 2.0
"""Ray's session, its log files and a checkpoint in the making want as much."""
LOW_SHM_GB = 0.12
"""A local Ray's object store has 100 MB there; a container has 64 MB unless it asks for more."""


def machine_checks() -> Iterator[Check]:
    """All of them."""
    python = sys.version.split()[0]
    yield Check("nas", True, f"{ours()} ({fingerprint()})")
    yield Check("python", sys.version_info >= (3, 11), python, "" if sys.version_info >= (3, 11) else NEWER)
    yield from _packages()
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield Check("processor cores", True, f"{len(os.sched_getaffinity(0))}, {memory_gb:.0f} GB memory")
    yield Check("GPU driver", True, "nvidia-smi found" if shutil.which("nvidia-smi") else "none")
    yield attempt("spaces", _spaces)
    yield attempt("data sets", _data)
    yield _room("temporary files", Path(tempfile.gettempdir()), LOW_GB, "free some space, or set TMPDIR")
    yield _room("shared memory", Path("/dev/shm"), LOW_SHM_GB, "in a container: docker run --shm-size=1g …")


NEWER = "install Python 3.11 or later"


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        found = installed(name)
        advice = "" if found else f"pip install -c constraints.txt {name}"
        yield Check(name, found is not None, found or "not installed", advice)
    if importlib.util.find_spec("workers") is None:
        yield Check("workers", False, "not importable", "pip install -e . in the project's folder")


def _spaces() -> str:
    from nas.space.load import load_space, shipped_names

    names = shipped_names()
    for name in names:
        load_space(name)
    return ", ".join(names)


def _data() -> str:
    from workers.data.base import spellings

    return ", ".join(spellings())


def _room(what: str, folder: Path, low_gb: float, advice: str) -> Check:
    try:
        free_gb = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return Check(what, False, f"{folder}: {error.strerror}", advice)
    ok = free_gb >= low_gb
    return Check(what, ok, f"{folder}, {free_gb:.1f} GB free", "" if ok else advice)
