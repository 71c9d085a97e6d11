"""The pictures of docs/ are drawn from the numbers beside them, and show what is said of them."""

import csv
from xml.etree import ElementTree

from tests.conftest import ROOT
from tests.pictures import degradation, zoo
from tests.pictures.degradation import Run

IMAGES = ROOT / "docs" / "images"


def rows(name: str) -> list[dict[str, str]]:
    with (IMAGES / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def runs() -> list[Run]:
    return [
        Run(row["kind"], int(row["layers"]), {name: float(row[name]) for name in degradation.METRICS})
        for row in rows("degradation")
    ]


def test_degradation_is_drawn_from_its_numbers() -> None:
    assert (IMAGES / "degradation.svg").read_text(encoding="utf-8") == degradation.draw(runs())


def test_plain_networks_get_worse_with_depth_and_residual_ones_do_not() -> None:
    found = runs()
    assert len(found) == len(degradation.points()) * degradation.SEEDS
    for metric in degradation.METRICS:
        plain, residual = (dict(degradation.means(found, kind, metric)) for kind in ("plain", "residual"))
        assert plain[56] > 10 * plain[8]
        assert residual[56] < 2 * residual[8]
    seeds = [run.metrics["train_loss"] for run in found if run.layers == 56 and run.kind == "plain"]
    assert min(seeds) > max(run.metrics["train_loss"] for run in found if run.kind == "residual")


def test_the_zoo_is_that_of_the_spaces() -> None:
    found = zoo.zoo()
    told = [{name: str(value) for name, value in row.items()} for row in zoo.table(found)]
    assert rows("zoo") == told, "out of date: make pictures"
    assert (IMAGES / "zoo.svg").read_text(encoding="utf-8") == zoo.draw(found)


def test_pictures_are_sound_and_say_in_words_what_they_show() -> None:
    for name in ("degradation", "zoo"):
        root = ElementTree.parse(IMAGES / f"{name}.svg").getroot()
        assert len(root.get("aria-label", "")) > 200
        assert not [element for element in root.iter() if element.tag.endswith("script")]
