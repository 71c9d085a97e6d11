"""What all tests share. Each test starts without the stores of the machine it runs on."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]

# The same examples everywhere, and no verdict by the clock of a busy machine.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("house")

Nas = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True, scope="module")
def _what_is_there_already_stays() -> None:
    """What tests are made of, and what files before have left: each collection of garbage, of which there is
    one after every trial that fails, would walk over all of it, in the end for more than a second. It is
    looked for less often, too: networks are many small objects that stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that nobody waits for one of them at the end: those with Ray, which
    mostly wait, and those that mostly compute take turns; of both the last, of `workers`, take longest.

    In CI, whose machine others use too, a failed test of real processes is tried once more; the summary names
    it.
    """
    ray = {item.path for item in items if item.get_closest_marker("ray")}
    slow = {item.path for item in items if item.get_closest_marker("slow")} - ray
    turns = zip_longest(sorted(ray, reverse=True), sorted(slow, reverse=True))
    place = {path: i for i, path in enumerate(path for turn in turns for path in turn)}
    items.sort(key=lambda item: place.get(item.path, len(place)))
    if os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("slow") or item.get_closest_marker("ray"):
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def _no_store_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes where a user's environment points."""
    ours = ("NAS_STORE", "NAS_ARTIFACTS", "NAS_DATA", "NAS_ADDRESS")
    for name in [name for name in os.environ if name in ours]:
        monkeypatch.delenv(name)


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator seeded alike in every test."""
    return np.random.default_rng(0)


@pytest.fixture
def nas(tmp_path: Path) -> Nas:
    """Runs `nas ARGUMENTS` in a fresh process, in an empty folder with a store of its own."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "110", "PYTHONPATH": str(ROOT)}

    def run(*arguments: str, timeout: float = 120) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", "import sys; from nas.cli import main; sys.exit(main())", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def nas_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Nas:
    """Runs `nas ARGUMENTS` in this process, in the same folder: as `nas` without the start of a process."""
    from nas.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        monkeypatch.setattr(sys, "argv", ["nas", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out, err)

    return run
