"""Random points of a space: what they cost, and whether there are any."""

from pathlib import Path

import pytest

from nas.errors import SpaceError
from nas.service.draws import DRAWS, EXAMPLES, Draws, refuse_barren
from nas.service.specify import SearchOptions, specify
from nas.space.load import load_space, read_space
from tests.service.actions.pasted import MINE

BARREN = f"{MINE}constraints: [width >= 100]\n"
RARE = f"{MINE.replace('[4, 32], step: 4', '[1, 2000]')}constraints: [width == 1999, depth == 3]\n"
"""One point of 6,000 is feasible."""


def test_prices_of_random_networks() -> None:
    found = Draws(load_space("lenet", profile="digits"))
    found.draw()
    assert (found.count, found.feasible + found.refusals.total()) == (DRAWS, DRAWS)
    assert {len(values) for values in found.costs.values()} == {found.feasible}
    assert [each.cost["macs"] for each in found.examples] == found.costs["macs"][:EXAMPLES]


def test_a_space_without_networks_is_refused_with_the_rule() -> None:
    said = r"YAML:1: none of 240 random networks obeys all rules of mine: 'width >= 100' refuses 240 of them"
    with pytest.raises(SpaceError, match=said):
        refuse_barren(read_space(BARREN))


def test_a_rare_network_is_enough() -> None:
    refuse_barren(read_space(RARE))


def test_files_and_texts_are_refused_alike(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(BARREN)
    for asked in (SearchOptions(space=str(file)), SearchOptions(space="", space_yaml=BARREN)):
        with pytest.raises(SpaceError, match="none of 240 random networks"):
            specify(asked)


def test_a_shipped_name_belongs_to_the_shipped_space(tmp_path: Path) -> None:
    file = tmp_path / "copy.yaml"
    file.write_text(MINE.replace("mine", "vgg"))
    with pytest.raises(
        SpaceError, match=r"copy\.yaml:1: space: 'vgg' is the name of a shipped space.*my-vgg"
    ):
        specify(SearchOptions(space=str(file)))
    file.write_text(Path(load_space("vgg").where.file).read_text())
    assert specify(SearchOptions(space=str(file))).space_name == "vgg"
