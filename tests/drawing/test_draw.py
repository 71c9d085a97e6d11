"""The SVG of a network."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nas.drawing import draw, silhouette
from nas.drawing.style import STYLE
from tests.drawing.networks import one_of_each, reference, written

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]


def plates(svg: str, kind: str) -> list[tuple[float, float]]:
    """Thickness and height of the plates of a kind, in order (not those of the legend)."""
    sizes = re.findall(
        rf'class="nas-plate nas-{kind}" x="[^"]*" y="[^"]*" width="([^"]*)" height="([^"]*)" rx="([^"]*)"',
        svg,
    )
    return [(float(width), float(height)) for width, height, radius in sizes if radius != "2"]


@pytest.mark.parametrize(("space", "name"), one_of_each())
def test_a_standalone_drawing_is_a_document(space: str, name: str) -> None:
    root = ElementTree.fromstring(draw(reference(space, name), title=name))
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert str(root.get("aria-label")).startswith(f"{name}: ")
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert name in texts
    assert {"input", "head", "params", "macs", "output"} <= set(texts)


@pytest.mark.parametrize("unfold", [(), ("*",)])
def test_an_embedded_drawing_keeps_a_strict_policy(unfold: tuple[str, ...]) -> None:
    found = draw(reference("googlenet", "googlenet"), unfold=unfold, embedded=True)
    for forbidden in ("<style", " style=", "<script", " onclick", " id=", "href", "xmlns"):
        assert forbidden not in found, forbidden
    assert found.count('role="button" tabindex="0"') == found.count("data-stage=")


def test_heights_are_sizes_and_thicknesses_are_channels() -> None:
    found = plates(draw(reference("vgg", "vgg16")), "conv")
    assert len(found) == 13
    sizes = [224, 224, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14]
    channels = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    for (thick, high), size, channel in zip(found, sizes, channels, strict=True):
        assert high == pytest.approx(190 * size / 224, abs=0.06)
        assert thick / found[-1][0] == pytest.approx(channel / 512, abs=0.01)


def test_vectors_are_bars_to_their_own_scale() -> None:
    found = plates(draw(reference("vgg", "vgg16")), "linear")
    assert [thick for thick, _ in found] == [9, 9, 9]
    assert found[2][1] / found[0][1] == pytest.approx(1000 / 4096, abs=0.01)


def test_what_is_small_can_be_seen() -> None:
    for space, name in one_of_each():
        for kind in ("conv", "block", "pool", "linear", "image"):
            for thick, high in plates(draw(reference(space, name)), kind):
                assert thick >= 3, (name, kind)
                assert high >= 5, (name, kind)


def test_stages_are_folded_until_asked() -> None:
    network = reference("resnet", "resnet50")
    folded = draw(network)
    assert "nas-details" not in folded
    assert re.findall(r'data-stage="([^"]*)"', folded) == ["stem", "1", "2", "3", "4", "head"]
    stage = draw(network, unfold={"3"})
    assert re.findall(r'data-of="([^"]*)"', stage) == ["3"]
    assert re.findall(r'data-stage="(3\..)"', stage) == ["3.1", "3.2"]
    block = draw(network, unfold={"3", "3.1"})
    assert re.findall(r'data-of="([^"]*)"', block) == ["3", "3.1"]
    assert ">conv 3×3 /2<" in block
    assert ">256×14×14<" in block


def test_blocks_alike_are_one_card_which_any_of_them_opens() -> None:
    network = reference("resnet", "resnet50")
    found = draw(network, unfold={"3", "3.4"})
    assert ">unit ×5<" in found
    assert ">3.2–3.6<" in found
    assert re.findall(r'data-of="([^"]*)"', found) == ["3", "3.2"]
    assert 'data-stage="3.4"' in found  # what was asked for is what closes it


def test_a_block_is_seen_where_its_stage_is_unfolded_and_unknown_paths_are_nothing() -> None:
    network = reference("resnet", "resnet50")
    assert draw(network, unfold={"3.1", "9", "<b>", "", "3.1.1"}) == draw(network)


def test_everything_unfolds_all_stages_and_blocks() -> None:
    network = reference("googlenet", "googlenet")
    paths = re.findall(r'data-of="([^"]*)"', draw(network, unfold={"*"}))
    assert [path for path in paths if "." not in path] == ["stem", "1", "2", "3", "head"]
    assert {"1.1", "1.2", "2.3", "3.3"} <= set(paths)


def test_hover_tells_the_numbers_of_a_layer() -> None:
    root = ElementTree.fromstring(draw(reference("lenet", "lenet5"), unfold={"1"}))
    titles = [str(title.text) for title in root.iter(f"{SVG}title")]
    assert any("conv out=6 kernel=5" in said and "156 params, 118 k macs" in said for said in titles)
    assert any("117,600 macs, 28 % of all" in said for said in titles)


def test_an_auxiliary_head_is_beside_the_network_and_costs_it_nothing() -> None:
    found = draw(reference("googlenet", "googlenet"), unfold={"2", "2.3"})
    assert found.count('<rect class="nas-aux"') == 3  # two in the row, one in the panel
    assert "3.19 M params, only to train" in found


def test_named_values_are_led_along_rails() -> None:
    found = draw(reference("cell", "best"), unfold={"1", "1.1"})
    assert Counter(re.findall(r"nas-rail", found))["nas-rail"] - STYLE.count("nas-rail") == 3
    assert all(f">{name}<" in found for name in ("n0", "n1", "n2"))


def test_a_value_named_outside_of_a_block_is_told(tmp_path: Path) -> None:
    architecture = """\
  - conv: {out: 8, kernel: 3}
  - {name: early}
  - conv: {out: 8, kernel: 3}
  - sum: [[conv: {out: 8, kernel: 3}], [from: early, conv: {out: 8, kernel: 1}]]
  - global_avg_pool
  - linear: {out: 4}
"""
    found = draw(written(tmp_path, architecture), unfold={"*"})
    assert ">early<" in found


def test_text_is_text() -> None:
    found = draw(reference("lenet", "lenet5"), title='<script>alert("1")</script>\x00 & co')
    ElementTree.fromstring(found)
    assert "<script" not in found
    assert "&lt;script&gt;" in found


def test_a_drawing_is_the_same_each_time() -> None:
    network = reference("densenet", "densenet121")
    assert draw(network, unfold={"*"}) == draw(network, unfold={"*"})


def test_a_very_deep_network_is_drawn_in_bounds(tmp_path: Path) -> None:
    architecture = """\
  - repeat: 4000
    body: [{conv: {out: 8, kernel: 3}}]
  - global_avg_pool
  - linear: {out: 4}
"""
    network = written(tmp_path, architecture)
    found = draw(network, unfold={"*"})
    assert len(found) < 100_000
    assert float(re.findall(r'width="([^"]*)"', found)[0]) < 2000
    assert "a plate stands for 100 blocks" in found


def test_a_silhouette_has_plates_and_no_words() -> None:
    found = silhouette(reference("resnet", "resnet50"), embedded=True)
    assert "<text" not in found
    assert len(plates(found, "block")) == 16
    assert 'role="img"' in found


def test_drawing_is_light() -> None:
    heavy = ("torch", "ray", "optuna", "sqlalchemy", "sklearn")
    code = f"import sys, nas.drawing; sys.exit(str([m for m in {heavy} if m in sys.modules] or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr.strip() == ""
