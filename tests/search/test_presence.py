"""Which machine a driver is on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nas.search import presence
from nas.search.study import Study
from nas.store import Store
from tests.search.conftest import MakeStudy


def test_it_names_host_run_of_the_kernel_and_namespace() -> None:
    parts = presence.here().split("/")
    assert len(parts) == 3
    assert parts[1] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert parts[2].isdigit()


def test_two_machines_of_one_name_do_not_bury_each_others_drivers(
    make_study: MakeStudy, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(budget=4)
    gone = 2**22 + 1  # no such process here, whatever there is on the other machine
    there = store.start_driver(study.row.id, presence.here(), gone, 600)
    (tmp_path / "boot_id").write_text("another kernel\n")
    monkeypatch.setattr(presence, "BOOT", tmp_path / "boot_id")
    with Study(store, "s").joined():
        assert store.renew(there)


def test_one_that_nobody_has_waited_for_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert presence.alive(child.pid)
    assert presence.birth(child.pid).isdigit()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is still there
    os.kill(child.pid, 0)
    assert not presence.alive(child.pid)
    assert presence.birth(child.pid) == ""
    child.communicate()
    assert presence.birth(child.pid) == ""


def test_without_proc_the_host_has_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(presence, "BOOT", tmp_path / "none")
    assert "/" not in presence.here()
