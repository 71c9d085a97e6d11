"""Ray, connected and let go again; every way in which that fails as one message."""

import json
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from nas.errors import ClusterError

KNOCK_TIMEOUT_S = 5.0
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""How a client begins to speak to a head: HTTP/2, with no settings of its own."""
SETTINGS = 4
"""The kind of frame with which the head answers at once."""


@dataclass(frozen=True)
class Connection:
    """Ray, connected; `close` ends what was begun here."""

    ray: Any
    mine: bool = False
    """Whether it was connected here."""
    session: str | None = None
    """The folder of a local cluster that was started here: its logs and sockets."""

    def is_scaled(self) -> bool:
        """Whether an autoscaler may add nodes: it names kinds of nodes, where Ray alone has their ids."""
        from ray.autoscaler.v2.sdk import get_cluster_status
        from ray.experimental.internal_kv import _internal_kv_get

        kinds: set[str] = set()
        with suppress(Exception):  # no status yet, or in another form
            status = json.loads(_internal_kv_get("__autoscaling_status"))
            kinds |= set(status["autoscaler_report"]["active_nodes"])
        with suppress(Exception):
            status = get_cluster_status(self.ray.get_runtime_context().gcs_address)
            kinds |= {node.ray_node_type_name for node in status.active_nodes + status.idle_nodes}
        return any(kind and not kind.startswith("node_") for kind in kinds)

    def close(self) -> None:
        """Disconnect; a cluster that was started here ends, and its folder goes."""
        if self.mine:
            self.ray.shutdown()
        if self.session is not None:
            shutil.rmtree(self.session, ignore_errors=True)
            latest = Path(self.session).with_name("session_latest")
            with suppress(OSError):
                if latest.readlink() == Path(self.session):
                    latest.unlink()


def connect(address: str | None) -> Connection:
    """Ray, connected; quiet, without dashboard and usage reports. Raises `ClusterError`."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray prints deaths of workers and warnings to stdout, where they spoil `--json`; they are events here.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        authenticate()
        options |= {"address": "local", "include_dashboard": False, "object_store_memory": 100_000_000}
    else:
        check_address(address)
        options["address"] = address = running_here() if address == "auto" else address
        knock(address)
    import ray

    if ray.is_initialized():
        return Connection(ray)
    with tempfile.TemporaryFile("w+") as said:
        try:
            with own_sigterm(), _stderr_to(said):
                context: Any = ray.init(**options)
        except Exception as error:  # Ray raises all kinds here, a bare one for a node that is slow to start
            said.seek(0)
            raise ClusterError(_explained(error, said.read(), address)) from None
    session = context.address_info["session_dir"] if address is None else None
    return Connection(ray, mine=True, session=session)


def running_here() -> str:
    """HOST:PORT of the cluster whose node runs on this machine."""
    from ray._private.services import canonicalize_bootstrap_address_or_die

    try:
        return str(canonicalize_bootstrap_address_or_die("auto"))
    except ConnectionError:
        raise ClusterError(
            "--address auto: no Ray runs on this machine; give --address HOST:PORT of a cluster's head, or "
            "type ray start --address=HOST:PORT first"
        ) from None


@contextmanager
def _stderr_to(file: TextIO) -> Iterator[None]:
    """What Ray's own library writes to standard error, past Python: a line for each attempt to connect."""
    sys.stderr.flush()
    before = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def check_address(address: str) -> None:
    """Refuse what is no HOST:PORT; `auto` is the cluster of the Ray that runs on this machine."""
    host, _, port = address.rpartition(":")
    if address == "auto" or (host and "/" not in address and port.isdigit() and 0 < int(port) < 65536):
        return
    wrong = "that is not a head's own address" if "://" in address else "it has no port of 1 to 65535"
    host = address.rpartition("://")[2].partition(":")[0] or "HOST"
    raise ClusterError(f"--address {address!r}: {wrong}; type --address {host}:6379, or auto")


def knock(address: str) -> None:
    """Raise `ClusterError` if no Ray head answers at HOST:PORT: Ray itself would try on, or wait for ever."""
    host, _, port = address.rpartition(":")
    if not host:
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_TIMEOUT_S) as line:
            if not os.environ.get("RAY_USE_TLS"):
                line.sendall(HELLO)
                answer = line.recv(9)
                if len(answer) < 4 or answer[3] != SETTINGS:
                    raise ClusterError(f"what listens at {address} is no Ray head; {_what_to_type(address)}")
    except TimeoutError:
        told = f"no answer from {address} within {KNOCK_TIMEOUT_S:g} s"
        raise ClusterError(
            f"{told}: is the Ray head there, and not cut off? {_what_to_type(address)}"
        ) from None
    except OSError as error:
        told = f"cannot reach the Ray cluster at {address}: {error.strerror or error}"
        raise ClusterError(f"{told}; {_what_to_type(address)}") from None


def _what_to_type(address: str) -> str:
    port = address.rpartition(":")[2]
    return f"give --address HOST:PORT of its head, which `ray start --head --port={port}` starts"


def _explained(error: Exception, said: str, address: str | None) -> str:
    """What Ray says at a start that fails, with what to do."""
    text = " ".join(str(error).split())
    if address is None:
        return f"cannot start a local Ray: {text}; --engine inline does without"
    if "Python:" in text:
        told = text.split("ersion mismatch: ")[-1]
        return f"the Ray cluster at {address} has other versions. {told}; install the same here and there"
    if type(error).__name__ == "AuthenticationError" or "InvalidAuthToken" in said:
        return (
            f"the Ray head at {address} asks for a token, and this process has another one or none; "
            "set both as they are there: export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=TOKEN"
        )
    if (isinstance(error, ConnectionError) and not said.strip()) or "This node has an IP address" in text:
        join = f"ray start --address={address} --num-cpus=0"
        return f"the Ray cluster at {address} has no node on this machine, which a driver needs; type {join}"
    why = said.strip().splitlines()[-1].split("GCS server: ")[-1] if said.strip() else ""
    told = f"{text} ({why})" if why else text
    return f"cannot join the Ray cluster at {address}: {told}; {_what_to_type(address)}"


@contextmanager
def own_sigterm() -> Iterator[None]:
    """Keep this process's handler of SIGTERM, which Ray replaces by one that ends the process.

    Where there is none, Ray's stays: it ends Ray's processes too. Only the main thread has handlers.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if callable(before) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def authenticate() -> None:
    """Give a local Ray a token of this process's own, unless the user has said what to do.

    Left unset, Ray writes one into the home directory, which a later `ray start` then demands of
    workers that do not have it.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return
    if "ray" in sys.modules:  # it has read its settings already: its servers would ask for what it lacks
        os.environ["RAY_AUTH_MODE"] = "disabled"
    else:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
