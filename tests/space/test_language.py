"""What the architecture's entries mean."""

import copy

import numpy as np
import pytest

import nas
from nas.errors import InfeasibleError, SpaceError
from nas.space.space import Space
from tests.space.making import space

CONV = {"conv": {"out": 4, "kernel": 3}}


def kinds(made: Space, **point: object) -> list[str]:
    return [row.kind for row in made.architecture(point).layers()][:-2]


def test_repeat_counts_from_zero_and_sees_its_variable() -> None:
    made = space({"repeat": 3, "as": "i", "body": [{"conv": {"out": "=2 ** i", "kernel": 1}}]})
    assert [row.output for row in made.architecture({}).layers()][:3] == ["1x8x8", "2x8x8", "4x8x8"]
    assert kinds(space({"repeat": 0, "body": [CONV]})) == []
    assert kinds(space({"repeat": "2.0", "body": [CONV]})) == ["conv", "conv"]


def test_when_on_a_layer_and_on_a_group() -> None:
    group = {"when": "deep", "body": [CONV, "norm"]}
    made = space({"when": "not deep", "relu": {}}, group, parameters={"deep": {"choice": [True, False]}})
    assert kinds(made, deep=True) == ["conv", "norm"]
    assert kinds(made, deep=False) == ["relu"]


def test_here_is_the_shape_where_the_entry_stands() -> None:
    made = space(
        {"conv": {"out": "=here.channels * 2", "kernel": "=here.size - 5"}},
        {"concat": [[], [{"conv": {"out": "=here.channels", "kernel": 1}}]]},
        {"conv": {"out": "=here.channels + here.size", "kernel": 1}},
    )
    outputs = [row.output for row in made.architecture({}).layers()]
    assert outputs[:4] == ["8x8x8", "8x8x8", "16x8x8", "24x8x8"]


def test_choose_among_words_numbers_and_truths() -> None:
    def among(value: object, options: dict[object, list[object]]) -> list[str]:
        return kinds(space({"choose": "v", "among": options}, constants={"v": value}))

    assert among("a", {"a": ["relu"], "b": ["silu"]}) == ["relu"]
    assert among(3, {2: ["relu"], 3: ["silu"]}) == ["silu"]
    assert among(True, {False: ["relu"], True: []}) == []
    with pytest.raises(SpaceError, match=r"architecture\[0\].choose: choose came to c; among has a"):
        among("c", {"a": []})


def test_names_make_graphs() -> None:
    made = space(
        {"name": "a"},
        {**CONV, "name": "b"},
        {"sum": [[{"from": "a"}, CONV], [{"from": "b"}, "relu"], [{"from": "a"}]]},
    )
    cost = made.architecture({}).cost
    assert cost.paths == 3
    assert cost.layers == 2
    assert cost.macs == 2 * 9 * 4 * 4 * 64 + 40


def test_definitions_have_required_default_and_computed_arguments() -> None:
    define = {
        "block": {
            "args": {"out": None, "kernel": 3, "half": "=out // 2 + here.channels"},
            "body": [{"conv": {"out": "=half", "kernel": "=kernel"}}, {"conv": {"out": "=out", "kernel": 1}}],
        }
    }
    made = space({"block": {"out": 8}}, {"block": {"out": 8, "half": 2, "kernel": 5}}, define=define)
    shown = [(row.output, row.arguments) for row in made.architecture({}).layers()][:4]
    assert [output for output, _ in shown] == ["8x8x8", "8x8x8", "2x8x8", "8x8x8"]
    assert "kernel=5" in shown[2][1]


def test_definitions_may_use_later_ones_at_any_depth() -> None:
    inner = {"sum": [["late", "relu"], []]}
    define = {
        "early": {"body": [{"when": "true", "body": [{"repeat": 1, "body": [inner]}]}]},
        "late": {"body": [{"conv": {"out": 4, "kernel": 3}}]},
    }
    assert space("early", define=define).architecture({}).cost.params == 4 * 4 * 9 + 50


@pytest.mark.parametrize("name", ["self", "cls", "more"])
def test_an_argument_may_have_any_name_that_is_free(name: str) -> None:
    define = {"block": {"args": {name: None}, "body": [{"conv": {"out": f"={name}", "kernel": 1}}]}}
    assert space({"block": {name: 7}}, define=define).architecture({}).cost.params == 4 * 7 + 80


def test_a_definition_reads_the_names_of_its_space_at_each_point() -> None:
    define = {"block": {"args": {}, "body": [{"conv": {"out": "=w", "kernel": 1}}]}}
    made = space("block", define=define, parameters={"w": {"int": [1, 9]}})
    assert [made.architecture({"w": w}).layers()[0].output for w in (3, 7, 3)] == ["3x8x8", "7x8x8", "3x8x8"]


def test_an_auxiliary_head_trains_and_costs_nothing() -> None:
    head = {"aux": ["global_avg_pool", {"linear": {"out": "=input.classes"}}]}
    plain, more = space(CONV).architecture({}), space(CONV, head).architecture({})
    assert plain.cost == more.cost
    assert plain.arch_id != more.arch_id
    with pytest.raises(SpaceError, match="an auxiliary head ends in 4, not in 10 classes"):
        space({"aux": ["global_avg_pool"]}).architecture({})


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"conv": {"out": 4, "kernel": 11, "padding": 0}}, "kernel larger than its map"),
        ({"conv": {"out": 6, "kernel": 1, "groups": 4}}, "groups do not divide channels"),
        ({"conv": {"out": "=0 * here.size", "kernel": 1}}, "out of conv out of range"),
        ({"linear": {"out": 3}}, "a linear layer on a map"),
        ({"sum": [[CONV], [{"conv": {"out": 5, "kernel": 1}}]]}, "branches of a sum differ in shape"),
        ({"concat": [[], [{"max_pool": {"kernel": 2}}]]}, "branches of a concat differ in size"),
        ({"gate": [{"conv": {"out": 2, "kernel": 1}}]}, "a gate differs from its value in shape"),
        ({"conv": {"out": "=1 // (here.size - 8)", "kernel": 1}}, "architecture[0].conv has no value"),
        ({"repeat": "0 - 1", "body": []}, "a negative repeat"),
        ({"repeat": 10**6, "body": [CONV]}, "too many repeats"),
    ],
)
def test_impossible_networks_are_infeasible_with_the_reason(entry: object, reason: str) -> None:
    with pytest.raises(InfeasibleError) as caught:
        space(entry).architecture({})
    assert caught.value.reason == reason


def test_nested_repeats_are_bounded_together() -> None:
    inner: list[object] = [CONV]
    for _ in range(12):
        inner = [{"repeat": 100, "body": inner}]
    with pytest.raises(InfeasibleError, match="too many"):
        space(*inner).architecture({})


def test_nested_definitions_are_bounded_together() -> None:
    define = {"d0": {"args": {}, "body": ["relu"]}}
    for level in range(1, 30):
        define[f"d{level}"] = {"args": {}, "body": [f"d{level - 1}"] * 10}
    with pytest.raises(InfeasibleError, match="too many layers"):
        space("d29", define=define).architecture({})


def test_conditional_parameters_and_vectors_are_walked_in_order() -> None:
    made = space(
        {"repeat": "n", "as": "i", "body": [{"conv": {"out": "=widths[i]", "kernel": 1}}]},
        {"when": "act == 'leaky'", "conv": {"out": "=slope", "kernel": 1}},
        parameters={
            "n": {"int": [1, 3]},
            "widths": {"choice": [8, 16], "length": "n"},
            "act": {"choice": ["relu", "leaky"]},
            "slope": {"int": [1, 4], "when": "act == 'leaky'"},
        },
    )
    labels: list[str] = []

    def last(label: str, domain: object) -> object:
        labels.append(label)
        return {"n": 2, "act": "leaky", "slope": 3}.get(label, 8)

    point = made.walk(last)
    assert labels == ["n", "widths[0]", "widths[1]", "act", "slope"]
    assert point == {"n": 2, "widths": (8, 8), "act": "leaky", "slope": 3}
    assert made.labels(point) == {"n": 2, "widths[0]": 8, "widths[1]": 8, "act": "leaky", "slope": 3}
    assert made.validate({"n": 1, "widths": [16], "act": "relu"}) == {"n": 1, "widths": (16,), "act": "relu"}


def test_width_solved_from_the_whole_networks_cost() -> None:
    made = space(
        {"repeat": "depth", "body": [{"conv": {"out": "=w", "kernel": 3}}]},
        constants={"budget": 1_000_000},
        parameters={"depth": {"int": [1, 6]}},
        derived={"w": {"solve": "macs = budget", "domain": [1, 512]}},
    )
    for depth in range(1, 7):
        at = made.derived({"depth": depth})["w"]
        macs = {w: made.member({"w": w}, {"depth": depth}).cost.macs for w in (at - 1, at, at + 1)}
        assert min(macs, key=lambda w: abs(macs[w] - 1_000_000)) == at
        assert made.architecture({"depth": depth}).cost.macs == macs[at]


def test_constraints_see_names_costs_and_references() -> None:
    made = space(
        {"conv": {"out": "=w", "kernel": 3}},
        parameters={"w": {"int": [1, 64]}},
        constraints=["w % 2 == 0", "macs <= refs.half.macs"],
        references={"half": {"set": {"w": 32}}},
    )
    assert made.architecture({"w": 32}).cost.macs == made.reference("half").cost.macs
    with pytest.raises(InfeasibleError, match="w % 2 == 0: w is 3"):
        made.architecture({"w": 3})
    with pytest.raises(InfeasibleError, match="macs <= refs.half.macs"):
        made.architecture({"w": 34})
    rng = np.random.default_rng(0)
    assert {made.sample(rng)["w"] % 2 for _ in range(50)} == {0}


def test_a_space_that_nothing_satisfies_says_why() -> None:
    made = space(CONV, parameters={"w": {"int": [1, 9]}}, constraints=["w > 3 or params > 0", "params < 0"])
    with pytest.raises(InfeasibleError, match="no feasible point found: .* refused by 'params < 0'"):
        made.sample(np.random.default_rng(0))


def test_a_shipped_space_that_somebody_changes_is_loaded_as_it_was() -> None:
    one = nas.load_space("vgg")
    whole = copy.deepcopy(one.raw)
    one.raw["parameters"].clear()
    one.raw["define"].clear()
    assert nas.load_space("vgg").raw == whole


def test_a_document_gives_the_same_space_back() -> None:
    import json

    import nas
    from nas.records import DataInfo

    made = nas.load_space("vgg", data=DataInfo("digits", 1, 8, 10), settings={"batch_norm": True})
    again = Space.from_document(json.loads(json.dumps(made.document)))
    point = made.sample(np.random.default_rng(0))
    assert again.architecture(point).arch_id == made.architecture(point).arch_id
    assert again.document == made.document
