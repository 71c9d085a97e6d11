"""Equal ids mean equal functions; what means the same has one id."""

import pytest

from nas.space.schema import Where
from nas.space.space import Space


def arch_id(*entries: object, **define: object) -> str:
    raw = {
        "space": "test",
        "about": "a network",
        "input": {"channels": 4, "size": 8, "classes": 4},
        "define": define,
        "architecture": [*entries, "global_avg_pool", {"linear": {"out": 4}}],
    }
    return Space(raw, Where("test")).architecture({}).arch_id


CONV = {"conv": {"out": 4, "kernel": 3}}
POOL = {"avg_pool": {"kernel": 3, "stride": 1, "padding": 1}}


def test_grouping_and_identities_do_not_matter() -> None:
    plain = arch_id(CONV, "norm", "relu")
    assert plain == arch_id({"block": {}}, "relu", block={"body": [CONV, "norm"]})
    assert plain == arch_id(CONV, {"sum": [["norm"]]}, {"sum": [[]]}, "relu")
    assert plain == arch_id({"repeat": 1, "body": [CONV, "norm"]}, "relu", {"dropout": {"p": 0}})
    assert plain == arch_id({"name": "a"}, CONV, "norm", "relu")


def test_what_is_different_has_another_id() -> None:
    ids = [
        arch_id(CONV),
        arch_id(CONV, "relu"),
        arch_id("relu", CONV),
        arch_id({"conv": {"out": 4, "kernel": 3, "bias": True}}),
        arch_id({"conv": {"out": 4, "kernel": 5}}),
        arch_id({"sum": [[CONV], []]}),
        arch_id({"sum": [[CONV], [CONV]]}),
        arch_id(CONV, CONV),
    ]
    assert len(set(ids)) == len(ids)


def test_the_order_of_a_sum_does_not_matter_that_of_a_concat_does() -> None:
    assert arch_id({"sum": [[CONV], ["relu"], []]}) == arch_id({"sum": [[], [CONV], ["relu"]]})
    assert arch_id({"sum": [[{"sum": [[CONV], []]}], ["relu"]]}) == arch_id({"sum": [["relu"], [], [CONV]]})
    assert arch_id({"concat": [[CONV], ["relu"]]}) != arch_id({"concat": [["relu"], [CONV]]})


@pytest.mark.parametrize(
    "dead",
    [
        ["zero"],
        [CONV, "zero"],
        ["zero", CONV],
        ["zero", POOL, "relu"],
        [{"sum": [["zero"], [CONV, "zero"]]}],
        ["zero", {"gate": ["sigmoid"]}],
    ],
)
def test_branches_of_zeros_are_cut(dead: list[object]) -> None:
    assert arch_id({"sum": [[CONV], dead]}) == arch_id(CONV)


def test_a_zero_behind_a_norm_is_not_cut() -> None:
    """Its shift is learned: the branch is a constant, not nothing."""
    assert arch_id({"sum": [[CONV], ["zero", "norm"]]}) != arch_id(CONV)
    assert arch_id("zero", "norm") == arch_id(CONV, "zero", "norm")
    assert arch_id("zero", CONV, "norm") == arch_id("zero", "norm")


def named(first: object, *branches: list[object]) -> tuple[object, ...]:
    return (first, {"name": "a"}, {"sum": list(branches)})


def test_one_convolution_used_twice_is_not_two() -> None:
    shared = arch_id({"name": "x"}, CONV, {"name": "a"}, "relu", {"sum": [[], [{"from": "a"}]]})
    twice = arch_id({"sum": [[CONV, "relu"], [CONV]]})
    assert shared != twice
    assert arch_id({"name": "x"}, CONV, "relu", {"sum": [[], [{"from": "x"}, CONV]]}) == twice


def test_a_shared_value_has_one_id_however_it_is_written() -> None:
    one = arch_id(
        CONV, {"name": "a"}, "relu", {"name": "b"}, {"sum": [[{"from": "a"}, POOL], [{"from": "b"}]]}
    )
    two = arch_id(CONV, {"name": "q"}, {"sum": [["relu"], [{"from": "q"}, POOL]]})
    three = arch_id(CONV, {"sum": [[POOL], ["relu"]]})
    assert one == two
    assert len({one, three}) <= 2


def test_dead_named_values_do_not_count() -> None:
    live = arch_id({"name": "x"}, CONV)
    dead = arch_id({"name": "x"}, "relu", CONV, {"name": "dead"}, {"from": "x"}, CONV)
    assert live == dead


def test_input_and_classes_are_part_of_the_identity() -> None:
    raw = {
        "space": "t",
        "about": "t",
        "architecture": ["global_avg_pool", {"linear": {"out": "=input.classes"}}],
    }
    ids = {
        Space({**raw, "input": {"channels": 4, "size": size, "classes": classes}}, Where("t"))
        .architecture({})
        .arch_id
        for size in (8, 16)
        for classes in (4, 5)
    }
    assert len(ids) == 4


def test_what_is_computed_twice_without_weights_is_computed_once() -> None:
    once = arch_id(
        {"name": "x"}, POOL, {"name": "p"}, {"sum": [[POOL], [{"from": "p"}], [{"from": "x"}, CONV]]}
    )
    twice = arch_id({"name": "x"}, {"sum": [[POOL, POOL], [POOL], [CONV]]})
    assert once == twice == arch_id({"sum": [[CONV], [POOL], [POOL, POOL]]})


def test_an_average_of_a_sum_is_the_sum_of_averages() -> None:
    inside = arch_id({"sum": [[CONV, POOL], [POOL]]})
    assert inside == arch_id({"sum": [[CONV], []]}, POOL)
    assert inside == arch_id({"name": "x"}, CONV, {"sum": [[], [{"from": "x"}]]}, POOL)
    most = {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}}
    assert arch_id({"sum": [[CONV, most], [most]]}) != arch_id({"sum": [[CONV], []]}, most)


def test_a_pool_leaves_a_constant_as_it_is() -> None:
    assert arch_id("zero", "norm", "relu", POOL) == arch_id("zero", "norm", "relu")
    assert arch_id({"sum": [["zero", "norm"], [CONV]]}, POOL) == arch_id(
        {"sum": [["zero", "norm"], [CONV, POOL]]}
    )
    assert arch_id("zero", "norm", CONV, POOL) != arch_id("zero", "norm", CONV)


def test_dropout_used_twice_is_not_dropout_used_once() -> None:
    drop = {"dropout": {"p": 0.5}}
    once = arch_id(drop, {"name": "d"}, {"sum": [["relu"], [{"from": "d"}]]})
    assert once != arch_id({"name": "x"}, {"sum": [[drop, "relu"], [drop]]})
