"""How many slots fit, node by node; and what is refused because none ever will."""

import pytest

from nas.errors import ClusterError, NasError
from workers.slots.room import Need, check_cpus, check_gpus, need_of, refuse_hopeless

HEAD = {"CPU": 0.0}
SMALL = {"CPU": 3.0}
LARGE = {"CPU": 8.0, "GPU": 2.0}


@pytest.mark.parametrize(
    ("need", "nodes", "room"),
    [
        (Need(1), [HEAD, SMALL, LARGE], 11),
        (Need(2), [SMALL, SMALL], 2),  # two pairs, and a core is left over on each: not three
        (Need(4), [SMALL, SMALL], 0),
        (Need(0.1), [SMALL], 30),
        (Need(1.5), [SMALL], 2),
        (Need(1, 1), [SMALL, LARGE], 2),
        (Need(1, 0.25), [SMALL, LARGE], 8),
        (Need(0.5, 0.3333), [LARGE], 6),
        (Need(3, 0.25), [LARGE], 2),
        (Need(1, 2), [LARGE, LARGE, {"CPU": 8.0, "GPU": 1.0}], 2),
        (Need(1), [], 0),
    ],
)
def test_room_is_counted_node_by_node(need: Need, nodes: list[dict[str, float]], room: int) -> None:
    assert need.room(nodes) == room


@pytest.mark.parametrize(
    ("nodes", "total", "cpus", "gpus", "need"),
    [
        ([SMALL], None, None, None, Need(1, 0)),
        ([{"CPU": 2.0}], 2, None, None, Need(1, 0)),
        ([{"CPU": 2.0}], 16, None, None, Need(0.125, 0)),
        ([{"CPU": 2.0}], 3, None, None, Need(0.6666, 0)),
        ([SMALL, LARGE], None, None, None, Need(1, 1)),
        ([LARGE], None, 2.0, 0.0, Need(2, 0)),
        ([LARGE], None, None, 0.33, Need(1, 0.3333)),
        ([], None, None, None, Need(1, 0)),
    ],
)
def test_what_is_not_said_follows_from_the_nodes(
    nodes: list[dict[str, float]], total: int | None, cpus: float | None, gpus: float | None, need: Need
) -> None:
    assert need_of(nodes, total, cpus, gpus) == need


@pytest.mark.parametrize("gpus", [None, 0, 1, 2, 0.5, 0.25, 0.333, 0.33, 0.125, 0.1, 0.01])
def test_gpus_that_leave_no_rest(gpus: float | None) -> None:
    check_gpus(gpus)


@pytest.mark.parametrize(
    ("gpus", "said"),
    [
        (0.3, "3 would share a GPU and leave 0.1 of it unused; type --gpus-per-trial 0.3333 .* or 0.25"),
        (0.6, "leave 0.4 of it unused; type --gpus-per-trial 1 .* or 0.5"),
        (1.5, "above 1 it is a whole number; type --gpus-per-trial 1 or 2"),
        (-1, "it is 0 or more"),
        (float("nan"), "it is 0 or more"),
        (float("inf"), "it is 0 or more"),
    ],
)
def test_gpus_that_leave_a_rest_are_refused(gpus: float, said: str) -> None:
    with pytest.raises(NasError, match=rf"--gpus-per-trial {gpus:g}: .*{said}"):
        check_gpus(gpus)


@pytest.mark.parametrize("cpus", [0, -2, float("nan"), float("inf")])
def test_no_cpus_are_refused(cpus: float) -> None:
    check_cpus(0.5)
    with pytest.raises(NasError, match=rf"--cpus-per-trial {cpus:g}: it is a number above 0"):
        check_cpus(cpus)


def test_what_no_node_can_hold_is_refused_with_the_largest() -> None:
    has = "the largest has 3 CPUs and 0 GPUs; type --cpus-per-trial 3, or"
    with pytest.raises(ClusterError, match=f"needs 4 CPUs, and no node of the cluster has that: {has}"):
        refuse_hopeless(Need(4), [HEAD, SMALL, SMALL], "the cluster")
    with pytest.raises(ClusterError, match=r"needs 1 CPU and 3 GPUs, .* type --gpus-per-trial 2, or"):
        refuse_hopeless(Need(1, 3), [SMALL, LARGE], "the cluster")


def test_an_empty_cluster_may_fill() -> None:
    refuse_hopeless(Need(4), [HEAD], "the cluster")
    refuse_hopeless(Need(4, 1), [], "the cluster")
