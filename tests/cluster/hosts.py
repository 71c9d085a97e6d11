"""Hosts on one machine, to be cut, killed and joined again: what a cluster meets, without one.

A host is a process with namespaces of its own: network (an address on a switch, and a cable to pull), process
ids, host name, mounts. It has its own /tmp, home and /dev/shm; the programs are this machine's, and what is
`shared` is at the same path on all. All of it is held by processes that die with the one that made
them, so that even a killed test leaves nothing behind.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from tests.cluster.processes import Process, children_file, until

__all__ = ["Host", "Lan", "Process", "can_make_hosts", "until"]

ROOT = Path(__file__).resolve().parents[2]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHARED = Path("/mnt/shared")
"""Where hosts find the folder they share."""
ALL_OF_IT = ("--mount", "--pid", "--net", "--uts", "--ipc")
"""The namespaces of a host."""

_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")
_INIT = """
import signal, subprocess, sys, time
for command in sys.argv[1:]:
    subprocess.run(command.split(), check=True)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans are buried at once, as a container's init does
print("up", flush=True)
while True:
    time.sleep(3600)
"""


def can_make_hosts() -> str:
    """Why this machine cannot have hosts; empty if it can."""
    if os.geteuid() != 0:
        return "hosts need root: network namespaces"
    try:
        done = _sh("unshare", *ALL_OF_IT, "--fork", "ip", "link", "add", "type", "veth", check=False)
    except FileNotFoundError as error:
        return f"hosts need util-linux and iproute2: {error}"
    return f"this root may not make namespaces: {done.stderr.strip()}" if done.returncode else ""


class Host:
    """One host: `address` on the switch, reachable by `name` from the others."""

    def __init__(self, lan: "Lan", name: str, address: str) -> None:
        self._lan, self.name, self.address = lan, name, address
        self.folder = lan.folder / name
        """Its /tmp, seen from outside."""
        (self.folder / "home").mkdir(parents=True)
        self.folder.chmod(0o1777)
        self._started: list[Process] = []
        self.is_cut = False
        self._holder = _hold(*ALL_OF_IT, "--mount-proc", "--", *self._boot())
        self._init = int(children_file(self._holder.pid).read_text())
        cable = f"ip link add {self._port} netns {lan.switch} type veth peer name eth0 netns {self._init}"
        _sh(*cable.split())
        for command in (f"ip link set {self._port} master switch", f"ip link set {self._port} up"):
            lan.sh(command)
        for command in ("link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up"):
            self._ip(command)
        self._ip(f"route add default via {lan.gateway}")  # by the way out Ray finds a host's own address

    @property
    def _port(self) -> str:
        return f"to-{self.name}"[:15]

    def run(
        self, words: Sequence[str], env: Mapping[str, str] | None = None, limit_s: float = 120
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program to its end; `env` is added to the host's own."""
        return subprocess.run(
            self._words(words),
            env=self._environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )

    def popen(self, words: Sequence[str], env: Mapping[str, str] | None = None, log: str = "") -> Process:
        """Start a program; its output is appended to the file `log` in the host's folder."""
        path = self.folder / (log or f"{len(self._started) + 1:02d}-{Path(words[0]).name}.log")
        self._started.append(Process(self._words(words), self._environment(env), path, self.name))
        return self._started[-1]

    def talk(self, words: Sequence[str], env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start a program that is asked and answers line by line; it ends with its host."""
        return subprocess.Popen(
            self._words(words),
            env=self._environment(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def programs(self) -> dict[int, str]:
        """What runs on it: this machine's process id -> command line."""
        mine = Path(f"/proc/{self._init}/ns/pid").readlink()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "ns/pid").readlink() == mine:
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        found.pop(self._init, None)
        return found

    def cut(self) -> None:
        """Pull the cable."""
        self._lan.sh(f"ip link set {self._port} down")
        self.is_cut = True

    def join(self) -> None:
        """Plug it in again."""
        self._lan.sh(f"ip link set {self._port} up")
        self.is_cut = False

    def kill_all(self) -> None:
        """SIGKILL to every program on it, as if its power had gone; it can be used again at once."""
        self.run(["sh", "-c", "kill -9 -1"])

    def power_off(self) -> None:
        """End the host, with all that runs on it."""
        self._holder.kill()
        self._holder.wait()
        for process in self._started:  # what entered the host with a program that is stopped would stay
            process.popen.kill()
            process.popen.wait()

    def _boot(self) -> list[str]:
        lan = self._lan
        mounts = [
            "mount -t tmpfs tmpfs /dev/shm",
            f"mount --bind {lan.names} /etc/hosts",
            f"mount --bind {lan.resolver} /etc/resolv.conf",
            "mount -t tmpfs tmpfs /mnt",
            f"mkdir {SHARED}",
            f"mount --bind {lan.shared} {SHARED}",
            *self._visible(ROOT),
            *self._visible(Path(sys.prefix)),
            f"mount --rbind {self.folder} /tmp",
            f"hostname {self.name}",
        ]
        return [sys.executable, "-c", _INIT, *mounts]

    def _visible(self, path: Path) -> list[str]:
        """What keeps a folder of programs in sight, if it lies where the host has a /tmp of its own."""
        if not path.is_relative_to("/tmp"):
            return []
        there = self.folder / path.relative_to("/tmp")
        return [f"mkdir -p {there}", f"mount --bind {path} {there}"]

    def _ip(self, command: str) -> None:
        _sh(*self._enter("--net"), "ip", *command.split())

    def _enter(self, *namespaces: str) -> list[str]:
        return ["nsenter", "--target", str(self._init), *namespaces]

    def _words(self, words: Sequence[str]) -> list[str]:
        return [*self._enter(*ALL_OF_IT, "--wdns=/tmp/home"), "--", *words]

    def _environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:{PATH}",
            "HOME": "/tmp/home",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            **({"PYTHONDONTWRITEBYTECODE": "1"} if sys.dont_write_bytecode else {}),
            "NO_COLOR": "1",
            "OMP_NUM_THREADS": "1",
            **(more or {}),
        }


class Lan:
    """A switch and its hosts; this process reaches them too, at their addresses. Ends with `with`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shared = folder / "hosts", folder / "shared"
        self.folder.mkdir(parents=True)
        self.shared.mkdir(exist_ok=True)
        self.names = self.folder / "etc-hosts"
        self.names.write_text("127.0.0.1 localhost\n")
        self.resolver = self.folder / "etc-resolv.conf"
        self.resolver.write_text("nameserver 127.0.0.1\n")  # refuses at once; one that is away takes seconds
        self.hosts: dict[str, Host] = {}
        self._net = _free_net()
        self.gateway = f"{self._net}.254"
        self._holder = _hold("--net", "--", sys.executable, "-c", _INIT)
        self.switch = int(children_file(self._holder.pid).read_text())
        here = f"nas{secrets.token_hex(5)}"
        self.sh("ip link add switch type bridge")
        self.sh("ip link set switch up")
        _sh(*f"ip link add {here} type veth peer name here netns {self.switch}".split())
        self.sh("ip link set here master switch")
        self.sh("ip link set here up")
        _sh("ip", "addr", "add", f"{self.gateway}/24", "dev", here)
        _sh("ip", "link", "set", here, "up")

    def host(self, name: str) -> Host:
        """A new host."""
        address = f"{self._net}.{len(self.hosts) + 1}"
        with self.names.open("a") as names:
            names.write(f"{address} {name}\n")
        self.hosts[name] = Host(self, name, address)
        return self.hosts[name]

    def sh(self, command: str) -> None:
        """Run a command on the switch."""
        _sh("nsenter", "--target", str(self.switch), "--net", *command.split())

    def close(self) -> None:
        """End all hosts, then the switch; the kernel takes the cables away with them."""
        for host in self.hosts.values():
            host.power_off()
        self._holder.kill()
        self._holder.wait()

    def __enter__(self) -> "Lan":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _hold(*words: str) -> "subprocess.Popen[str]":
    """Make namespaces, and a first process in them that lives until this one dies or kills it."""
    holder = subprocess.Popen(
        [*_DIES_WITH_US, "unshare", "--fork", "--kill-child", *words], stdout=subprocess.PIPE, text=True
    )
    out: IO[str] | None = holder.stdout
    assert out is not None
    assert out.readline() == "up\n", f"no namespaces: {words}"
    return holder


def _free_net() -> str:
    """The first three bytes of a network that nobody here uses."""
    taken = _sh("ip", "-4", "-brief", "address").stdout
    while True:
        net = f"10.{64 + secrets.randbelow(128)}.{secrets.randbelow(256)}"
        if f" {net}." not in taken:
            return net


def _sh(*words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done
