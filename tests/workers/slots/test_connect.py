"""Every way in which a cluster cannot be joined, with real servers: one message each, and what to type."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest

from nas.errors import ClusterError
from tests.conftest import Nas
from tests.workers.slots.nodes import Nodes, cluster_of
from workers.slots import connect
from workers.slots.connect import check_address, knock

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("10.0.0.1", "it has no port of 1 to 65535; type --address 10.0.0.1:6379, or auto"),
        ("10.0.0.1:", "it has no port of 1 to 65535; type --address 10.0.0.1:6379"),
        ("", "it has no port of 1 to 65535; type --address HOST:6379"),
        ("head:ray", "it has no port of 1 to 65535; type --address head:6379"),
        ("head:70000", "it has no port of 1 to 65535"),
        ("ray://head:10001", "that is not a head's own address; type --address head:6379"),
    ],
)
def test_what_is_no_address(address: str, said: str) -> None:
    with pytest.raises(ClusterError, match=f"--address '{address}': {said}"):
        check_address(address)


@pytest.mark.parametrize("address", ["auto", "head:6379", "10.0.0.1:6379", "[::1]:6379"])
def test_addresses(address: str) -> None:
    check_address(address)


def test_nobody_listens() -> None:
    with pytest.raises(
        ClusterError, match=r"cannot reach .* at 127\.0\.0\.1:1: Connection refused; give .*HOST"
    ):
        knock("127.0.0.1:1")
    with pytest.raises(ClusterError, match=r"cannot reach the Ray cluster at no-such-host\.invalid:6379: "):
        knock("no-such-host.invalid:6379")


def test_somebody_listens_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "KNOCK_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(
            ClusterError, match=f"no answer from {address} within 0.3 s: is the Ray head there"
        ):
            knock(address)


def test_a_web_server_is_no_head() -> None:
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as web:
        Thread(target=web.handle_request, daemon=True).start()
        with pytest.raises(ClusterError, match=rf"what listens at .*:{web.server_port} is no Ray head"):
            knock(f"127.0.0.1:{web.server_port}")


def test_a_search_does_not_begin(nas_here: Nas) -> None:
    done = nas_here("search", "vgg", "--study", "s", "--evaluator", "cost", "--address", "127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("nas: cannot reach the Ray cluster at 127.0.0.1:1: Connection refused")
    assert nas_here("studies").stdout.count("vgg") == 0


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with cluster_of(1) as made:
        yield made


def _joined(address: str, *prefix: str, **environment: str) -> str:
    """What a process of its own has to say that joins."""
    return _said(_joining(address, *prefix, **environment))


def _joining(address: str, *prefix: str, **environment: str) -> "subprocess.Popen[str]":
    code = f"""
        from nas.errors import ClusterError
        from workers.slots.connect import connect
        try:
            connect({address!r}).close()
            print("joined")
        except ClusterError as error:
            print(error)
    """
    mine = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    words = [*prefix, sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(words, env=mine, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _said(joining: "subprocess.Popen[str]") -> str:
    with joining:
        out, err = joining.communicate(timeout=120)
    assert err == ""
    assert out.count("\n") == 1
    return out


@pytest.mark.ray
@pytest.mark.slow
def test_a_head_of_another_version(nodes: Nodes) -> None:
    """Ray's own check, against a head that says it is of another one."""
    assert _joined(nodes.address) == "joined\n"
    with nodes.pretending("ray_version", "2.51.0"):
        said = _joined(nodes.address)
    assert said.startswith(
        f"the Ray cluster at {nodes.address} has other versions. The cluster was started with"
    )
    assert "Ray: 2.51.0" in said
    assert said.endswith("install the same here and there\n")
    with nodes.pretending("python_version", "3.9.1"):
        assert "Python: 3.9.1" in _joined(nodes.address)


@pytest.mark.ray
@pytest.mark.slow
def test_another_token(nodes: Nodes, tmp_path: Path) -> None:
    if os.environ.get("RAY_AUTH_MODE") != "token":
        pytest.skip("this process has begun Ray without tokens")
    others = {"RAY_AUTH_TOKEN": "b" * 32}, {"RAY_AUTH_TOKEN": "", "HOME": str(tmp_path)}
    said, same = map(_said, [_joining(nodes.address, **other) for other in others])  # they wait long, at once
    assert said.startswith(
        f"the Ray head at {nodes.address} asks for a token, and this process has another one"
    )
    assert "export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=TOKEN" in said
    assert same == said


@pytest.mark.slow
def test_no_ray_on_this_machine(tmp_path: Path) -> None:
    """In a namespace of processes of its own: others may run a cluster here."""
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("takes root, for a namespace of processes")
    said = _joined("auto", *alone, RAY_TMPDIR=str(tmp_path), RAY_ADDRESS="")
    assert said.startswith("--address auto: no Ray runs on this machine; give --address HOST:PORT")


@pytest.mark.ray
@pytest.mark.slow
def test_who_asks_from_outside_is_told_the_nodes(nodes: Nodes) -> None:
    """As the dashboard does: no driver joins, and no node need run on its machine."""
    command = [sys.executable, "-m", "workers.slots.nodes", nodes.address]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout.splitlines()[-1])["nodes"]
    assert sorted(node["cpus"] for node in found if node["alive"]) == [0, 1]
    assert all(node["gpus"] == node["gpus_used"] == 0 and node["memory_bytes"] > 0 for node in found)
    assert all(node["address"].count("(") == 1 for node in found)
