"""Prices of any graph that the language can say, against torch's own count."""

from typing import Any

import torch
from hypothesis import given, settings, strategies as st
from torch.utils.flop_counter import FlopCounterMode

import nas
from nas.cost.cost import COSTS
from tests.space.making import space

LAYERS: list[Any] = [
    {"conv": {"out": 4, "kernel": 3}},
    {"conv": {"out": 4, "kernel": 1, "bias": True, "groups": 2}},
    {"conv": {"out": 4, "kernel": 3, "dilation": 2, "groups": 4}},
    "norm",
    "relu",
    "relu6",
    "silu",
    "sigmoid",
    "zero",
    {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}},
    {"avg_pool": {"kernel": 3, "stride": 1, "padding": 1}},
    {"gate": ["global_avg_pool", {"linear": {"out": 2}}, "silu", {"linear": {"out": 4}}, "sigmoid"]},
]


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=3)
    narrow = {"conv": {"out": 4, "kernel": 1}}
    return st.one_of(
        st.lists(lists, min_size=1, max_size=3).map(lambda b: {"sum": b}),
        lists.map(lambda b: {"gate": b}),
        st.tuples(lists, lists).map(lambda b: {"when": "true", "body": [{"concat": list(b)}, narrow]}),
        st.tuples(st.integers(0, 3), lists).map(lambda r: {"repeat": r[0], "body": r[1]}),
        # a value named and used three times
        st.tuples(lists, lists, lists),
    )


def named(entry: Any, depth: int = 0) -> Any:
    """Triples written out as a value that is named and used three times, by a name of its own."""
    if isinstance(entry, tuple):
        first, second, third = (named(part, depth + 1) for part in entry)
        name = f"v{depth}"
        uses = {"sum": [second, [{"from": name}, *third], [{"from": name}]]}
        return {"sum": [[*first, {"name": name}, uses], []]}
    if isinstance(entry, dict):
        return {key: named(value, depth + 1) for key, value in entry.items()}
    return [named(part, depth + 1) for part in entry] if isinstance(entry, list) else entry


ENTRIES = st.lists(st.recursive(st.sampled_from(LAYERS), containers, max_leaves=12), max_size=4)


@settings(max_examples=100)
@given(ENTRIES)
def test_any_graph_costs_what_torch_counts(entries: list[Any]) -> None:
    architecture = space(*named(entries)).architecture({})
    model = nas.build_model(architecture, training=True)
    image = torch.randn(2, 4, 8, 8)
    with FlopCounterMode(display=False) as counter:
        logits = model(image)
    assert logits.shape == (2, 10)
    assert sum(p.numel() for p in model.parameters()) == architecture.cost.params
    assert counter.get_total_flops() == 2 * 2 * architecture.cost.macs
    rows = architecture.layers()
    for cost in ("params", "macs", "activations"):
        assert sum(getattr(row, cost) for row in rows) == getattr(architecture.cost, cost)


def test_costs_are_python_integers() -> None:
    cost = space({"repeat": 80, "body": [{"sum": [["relu"], []]}]}).architecture({}).cost
    assert cost.paths == 2**80
    assert all(type(getattr(cost, name)) is int for name in COSTS)


def test_receptive_field_layers_and_paths_by_hand() -> None:
    cost = (
        space(
            {"conv": {"out": 4, "kernel": 3, "stride": 2}},  # sees 3, jumps 2
            {"max_pool": {"kernel": 2}},  # sees 3 + 2 = 5, jumps 4
            {
                "sum": [[{"conv": {"out": 4, "kernel": 3}}, {"conv": {"out": 4, "kernel": 3}}], []]
            },  # 5 + 8 + 8
            {"gate": ["global_avg_pool", {"linear": {"out": 4}}]},
            {"sum": [["zero"], []]},
        )
        .architecture({})
        .cost
    )
    assert (cost.receptive_field, cost.layers, cost.paths) == (21, 4, 2)


def test_the_table_has_the_textbook_convention() -> None:
    """Memory in KiB at 4 bytes, weights with bias, ops = output x (kernel volume + bias), pools by area."""
    made = space(
        {"conv": {"out": 64, "kernel": 11, "stride": 4, "padding": 2, "bias": True}},
        {"max_pool": {"kernel": 3, "stride": 2}},
        input={"channels": 3, "size": 227, "classes": 10},
    )
    conv, pool, *_ = made.architecture({}).layers()
    assert (conv.output, conv.memory_kib, conv.params, conv.ops) == ("64x56x56", 784.0, 23_296, 73_056_256)
    assert (pool.output, pool.params, pool.ops) == ("64x27x27", 0, 419_904)
