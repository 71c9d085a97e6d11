"""The hosts themselves: apart where they should be, together where they should be, gone at the end."""

import os
import signal
from pathlib import Path

from tests.cluster.hosts import SHARED, Host, Lan, until


def reaches(one: Host, other: Host) -> bool:
    code = f"import socket; socket.create_connection(('{other.name}', 4000), timeout=1)"
    return one.run(["python", "-c", code]).returncode == 0


def test_hosts_share_what_is_shared_and_nothing_else(lan: Lan) -> None:
    one, other = lan.host("one"), lan.host("other")
    assert one.run(["sh", "-c", f"echo mine > /tmp/file; echo ours > {SHARED}/file"]).returncode == 0
    assert other.run(["cat", "/tmp/file"]).returncode != 0
    assert other.run(["cat", f"{SHARED}/file"]).stdout == "ours\n"
    assert (one.folder / "file").read_text() == "mine\n"
    assert other.run(["hostname"]).stdout == "other\n"
    one.popen(["sleep", "4000"]).wait_for(lambda: "sleep 4000" in one.run(["ps", "ax"]).stdout, "a program")
    assert "sleep 4000" not in other.run(["ps", "ax"]).stdout


def test_a_cut_host_is_not_reached_until_it_joins(lan: Lan) -> None:
    one, other = lan.host("one"), lan.host("other")
    server = other.popen(["python", "-m", "http.server", "4000"])
    server.wait_for(lambda: reaches(one, other), "a server")
    other.cut()
    assert not reaches(one, other)
    other.join()
    until(lambda: reaches(one, other), "the host to join")


def test_programs_stop_die_and_end_with_their_host(lan: Lan) -> None:
    host = lan.host("one")
    one, two = (host.popen(["sleep", "1000"]) for _ in range(2))
    command = Path(f"/proc/{one.pid}/cmdline")
    one.wait_for(lambda: command.read_text().startswith("sleep"), "what entered the host")
    one.kill()
    assert one.code == -signal.SIGKILL
    host.kill_all()
    assert two.wait() == -signal.SIGKILL
    three, four = (host.popen(["sleep", "1000"]) for _ in range(2))
    pids = [three.pid, four.pid, four.popen.pid]
    four.stop()
    lan.close()
    until(lambda: not any(map(_alive, pids)), "the end of a host's programs")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
