"""Nodes of a cluster: asked aside, kept for a while, asked once at a time."""

import sys
import threading
import time

from nas.service.views import ray_nodes
from nas.service.views.ray_nodes import FIRST, NodeLine, Nodes, RayNodes, ask_ray

NODE = NodeLine("a", True, 2.0, 1.0, 0.5, 7)


def until(nodes: RayNodes, said: str = "") -> Nodes:
    end = time.monotonic() + 20
    while (found := nodes.of("head:1")).why_not != said:
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def test_the_first_answer_comes_later_and_then_at_once() -> None:
    gate, asked = threading.Event(), list[str]()

    def ask(address: str) -> Nodes:
        asked.append(address)
        assert gate.wait(20)
        return Nodes([NODE], "")

    nodes = RayNodes(ask)
    assert [nodes.of("head:1").why_not for _ in range(5)] == [FIRST] * 5
    gate.set()
    assert until(nodes).nodes == [NODE]
    assert asked == ["head:1"], "one question at a time, and its answer is kept"


def test_an_old_answer_is_shown_until_there_is_a_new_one(monkeypatch: object) -> None:
    answers = iter([Nodes([NODE], ""), Nodes([], "gone")])
    nodes = RayNodes(lambda address: next(answers))
    until(nodes)
    at, found = nodes._known["head:1"]
    nodes._known["head:1"] = (at - ray_nodes.KEPT_S, found)
    assert nodes.of("head:1").nodes == [NODE]
    assert until(nodes, "gone").nodes == []


def test_what_goes_wrong_is_told_and_asked_again() -> None:
    def ask(address: str) -> Nodes:
        raise OSError("no process")

    assert until(RayNodes(ask), "cannot ask the cluster: no process").nodes == []


def test_no_head_is_one_line_and_this_process_loads_no_ray() -> None:
    loaded = "ray" in sys.modules
    found = ask_ray("127.0.0.1:1")
    assert found.nodes == []
    assert "cannot reach the Ray cluster at 127.0.0.1:1" in found.why_not
    assert "has no port" in ask_ray("--help").why_not
    assert ("ray" in sys.modules) == loaded
