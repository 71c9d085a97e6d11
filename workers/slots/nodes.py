"""The nodes of a Ray cluster, asked from outside: `python -m workers.slots.nodes ADDRESS` prints JSON.

Its head is asked alone: no node need run on this machine, and nothing is started anywhere.
"""

import json
import sys
from typing import Any

from nas.errors import ClusterError, NasError
from workers.slots.connect import check_address, knock


def nodes(address: str) -> list[dict[str, Any]]:
    """One record a node; raises `ClusterError` if no head answers at HOST:PORT."""
    check_address(address)
    if address == "auto":
        from workers.slots.connect import running_here

        address = running_here()
    knock(address)
    import ray._private.state
    import ray._raylet

    state: Any = ray._private.state.GlobalState()  # type: ignore[no-untyped-call]
    head: Any = ray._raylet
    state._initialize_global_state(head.GcsClientOptions.create(address, None, True, False))
    try:
        free = state.available_resources_per_node()
        return [_node(node, free.get(node["NodeID"], {})) for node in state.node_table()]
    except Exception as error:  # Ray raises all kinds here
        raise ClusterError(f"the Ray head at {address} does not tell its nodes: {error}") from None
    finally:
        state.disconnect()


def _node(node: dict[str, Any], free: dict[str, float]) -> dict[str, Any]:
    has = node["Resources"]
    gpus = has.get("GPU", 0.0)
    return {
        "address": f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})",
        "alive": bool(node["Alive"]),
        "cpus": has.get("CPU", 0.0),
        "gpus": gpus,
        "gpus_used": gpus - free.get("GPU", gpus),
        "memory_bytes": int(has.get("memory", 0)),
    }


def main() -> None:
    """Print the nodes, or the one line that says why not."""
    try:
        print(json.dumps({"nodes": nodes(sys.argv[1])}))
    except NasError as error:
        print(json.dumps({"fault": str(error)}))


if __name__ == "__main__":
    main()
