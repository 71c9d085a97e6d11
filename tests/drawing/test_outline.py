"""Stages and blocks of a network."""

from pathlib import Path

import pytest

from nas.drawing import stages
from tests.drawing.networks import one_of_each, reference, written


@pytest.mark.parametrize(("space", "name"), one_of_each())
def test_stages_hold_all_of_a_network(space: str, name: str) -> None:
    network = reference(space, name)
    found = stages(network)
    assert sum(stage.params for stage in found) == network.cost.params
    assert sum(stage.macs for stage in found) == network.cost.macs
    assert sum(stage.layers for stage in found) == network.cost.layers
    assert (found[-1].channels, found[-1].size) == tuple(network.output)
    assert len({stage.path for stage in found}) == len(found)


def test_stages_of_resnet50() -> None:
    found = stages(reference("resnet", "resnet50"))
    told = [(stage.path, stage.name, stage.blocks, stage.channels, stage.size) for stage in found]
    assert told == [
        ("stem", "stem", 2, 64, 56),
        ("1", "stage 1", 3, 256, 56),
        ("2", "stage 2", 4, 512, 28),
        ("3", "stage 3", 6, 1024, 14),
        ("4", "stage 4", 3, 2048, 7),
        ("head", "head", 2, 1000, 0),
    ]
    assert found[0].about == "conv 7×7 /2, max pool 3×3 /2"
    assert found[3].about == "unit ×6"


def test_stages_of_efficientnet_b7_are_seven_with_stem_and_head() -> None:
    found = stages(reference("efficientnet-scaling", "efficientnet_b7"))
    assert [stage.blocks for stage in found] == [1, 4, 7, 7, 10, 10, 13, 4, 3]
    assert [stage.size for stage in found] == [300, 300, 150, 75, 38, 38, 19, 19, 0]


def test_a_round_that_halves_the_map_begins_a_stage() -> None:
    found = stages(reference("lenet", "lenet5"))
    assert [(stage.path, stage.channels, stage.size) for stage in found] == [
        ("1", 6, 14),
        ("2", 16, 5),
        ("head", 10, 0),
    ]
    assert found[2].about == "linear 120, linear 84, linear 10"


def test_a_network_without_loops_has_stages_by_its_map(tmp_path: Path) -> None:
    define = """\
  block:
    args: {out: , stride: 1}
    body:
      - sum:
          - - conv: {out: =out, kernel: 3, stride: =stride}
          - - conv: {out: =out, kernel: 1, stride: =stride}
"""
    architecture = """\
  - conv: {out: 8, kernel: 3}
  - block: {out: 8}
  - block: {out: 8}
  - block: {out: 16, stride: 2}
  - global_avg_pool
  - linear: {out: =input.classes}
"""
    found = stages(written(tmp_path, architecture, define))
    assert [(stage.path, stage.about) for stage in found] == [
        ("1", "conv 3×3, block ×2"),
        ("2", "block"),
        ("head", "global pool, linear 4"),
    ]


def test_loops_inside_a_definition_are_found(tmp_path: Path) -> None:
    define = """\
  body_of_it:
    body:
      - repeat: 2
        as: s
        body:
          - repeat: 3
            body: [{conv: {out: 8, kernel: 3}}]
          - max_pool: {kernel: 2}
"""
    found = stages(written(tmp_path, "  - body_of_it\n  - flatten\n  - linear: {out: 4}\n", define))
    assert [stage.about for stage in found] == [
        "conv 3×3 ×3, max pool 2×2 /2",
        "conv 3×3 ×3, max pool 2×2 /2",
        "linear 4",
    ]


def test_a_network_of_nothing_but_its_head(tmp_path: Path) -> None:
    found = stages(written(tmp_path, "  - global_avg_pool\n  - linear: {out: 4}\n"))
    assert [(stage.path, stage.blocks) for stage in found] == [("head", 2)]
