"""Ray's own autoscaler on this machine: its nodes are processes, which come as they are asked for, and go.

As `ray.cluster_utils.AutoscalingCluster` does it, which ends every other Ray of the machine, and needs a file
that Ray's wheel lacks.
"""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

IDLE_S = 3.0
"""A node on which nothing is goes after so long."""
HEAD = "ray.head.default"
ENVIRONMENT = {
    "AUTOSCALER_UPDATE_INTERVAL_S": "1",
    "RAY_FAKE_CLUSTER": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
COMMANDS = ("initialization", "setup", "head_setup", "worker_setup", "head_start_ray", "worker_start_ray")
NODE_CPUS = 1


@contextmanager
def autoscaled(folder: Path, most: int) -> Iterator[str]:
    """The address of a head without CPUs, whose autoscaler starts up to `most` nodes of one CPU."""
    from workers.slots.connect import authenticate

    authenticate()
    address = f"{_own_ip()}:{_free_port()}"
    (folder / "autoscaler.json").write_text(json.dumps(_config(address, most)))
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--num-cpus=0"]
    command += [f"--port={address.rpartition(':')[2]}", f"--autoscaling-config={folder}/autoscaler.json"]
    command += ["--include-dashboard=false", "--object-store-memory=80000000"]
    with (folder / "ray.log").open("w") as log:
        head = subprocess.Popen(command, env={**os.environ, **ENVIRONMENT}, stdout=log, stderr=log)
    try:
        _until_it_scales(address, head, folder / "ray.log")
        yield address
    finally:
        _end(head)


def _config(address: str, most: int) -> dict[str, Any]:
    """What `ray up` makes of a cluster's YAML, for the provider whose nodes are processes here."""
    alone = {"disable_node_updaters": True, "disable_launch_config_check": True, "use_node_id_as_ip": True}
    node = {"CPU": NODE_CPUS, "object_store_memory": 80_000_000}
    return {
        "cluster_name": "here",
        "max_workers": most,
        "upscaling_speed": most,
        "idle_timeout_minutes": IDLE_S / 60,
        "provider": {"type": "fake_multinode", "gcs_address": address, **alone},
        "available_node_types": {
            HEAD: {"resources": {}, "node_config": {}, "max_workers": 0},
            "small": {"resources": node, "node_config": {}, "min_workers": 0, "max_workers": most},
        },
        "head_node_type": HEAD,
        **{name: {} for name in ("auth", "docker", "file_mounts")},
        **{f"{name}_commands": [] for name in COMMANDS},
        **{name: [] for name in ("cluster_synced_files", "rsync_exclude", "rsync_filter")},
        "file_mounts_sync_continuously": False,
    }


def _until_it_scales(address: str, head: "subprocess.Popen[bytes]", log: Path) -> None:
    import ray._raylet

    raylet: Any = ray._raylet
    end = time.monotonic() + 60
    while True:
        assert head.poll() is None, log.read_text()
        assert time.monotonic() < end, "no autoscaler"
        with suppress(Exception):
            told = raylet.GcsClient(address=address).internal_kv_get(b"__autoscaling_status", None, timeout=1)
            if told and HEAD in json.loads(told)["autoscaler_report"]["active_nodes"]:
                return
        time.sleep(0.2)


def _end(head: "subprocess.Popen[bytes]") -> None:
    """All that it has started goes with it."""
    here = psutil.Process(head.pid)
    for process in [here, *here.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    head.wait()
    for session in Path("/tmp/ray").glob(f"session_*_{head.pid}"):
        shutil.rmtree(session, ignore_errors=True)


def _own_ip() -> str:
    import ray.util

    util: Any = ray.util
    return str(util.get_node_ip_address())


def _free_port() -> int:
    """Below those that the kernel gives out: nobody gets it before Ray does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("", port)):
            return port
