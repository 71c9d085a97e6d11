"""The page that goes with exported files."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nas.errors import NasError
from nas.service.costs import price
from nas.service.exporting import Exported, export
from nas.service.final.training import FinalOptions, begin_training
from nas.service.model_card import card
from nas.service.run import run
from nas.service.trained import trained
from nas.store import Store
from tests.service.exporting.asking import INLINE, to


def test_a_page_goes_with_it(source: Exported, store: Store) -> None:
    page = Path(list(source.files)[-1]).read_text()
    error = trained(store, "s", 1).trial.metrics["error"]
    assert f"| error | {error:.4g} |" in page
    for words in (
        "95 % interval",
        "validation, 359 images",
        "nas evaluate s 1",
        "recipe: `epochs=1",
        "## Licence",
    ):
        assert words in page


def test_the_page_says_how_images_get_their_size(source: Exported, store: Store) -> None:
    page, told = Path(list(source.files)[-1]).read_text(), "resized to 32 × 32 (bilinear"
    assert "- images: (pixel / 255 - mean) / sd" in page
    larger = replace(trained(store, "s", 1), architecture=price("lenet", reference="lenet5").architecture)
    assert told in card("s-1", larger, {}, None)
    assert told not in page


def test_targets_lie_beside_each_other_on_one_page(store: Store, tmp_path: Path) -> None:
    for target in ("pytorch", "safetensors", "torch-export", "json"):
        export(store, "s", 1, to(target, tmp_path))
    suffixes = (".py", ".pt", ".safetensors", ".pt2", ".json", ".md")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"s_1{end}" for end in suffixes)
    page = tmp_path / "s_1.md"
    for path in tmp_path.iterdir():
        assert page.read_text().count(f"- `{path.name}`: ") == 1
    (tmp_path / "s_1.pt2").unlink()
    export(store, "s", 1, to("json", tmp_path, force=True))
    assert "s_1.pt2" not in page.read_text()


def test_the_page_of_another_network_is_kept(store: Store, tmp_path: Path) -> None:
    page = tmp_path / "s_1.md"
    page.write_text("# s-1\n\n| arch_id | `other` |\n")
    with pytest.raises(NasError, match=r"s_1.md is of another network; add --force"):
        export(store, "s", 1, to("json", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["s_1.md"]
    export(store, "s", 1, to("json", tmp_path, force=True))
    assert "`other`" not in page.read_text()


def test_a_final_training_names_the_search(store: Store, tmp_path: Path) -> None:
    begin_training(store, FinalOptions(study="s", number=1, epochs=1), INLINE)
    run(store, "s-1-final", INLINE, compare=False)
    export(store, "s-1-final", 1, to("pytorch", tmp_path))
    page, text = ((tmp_path / f"s_1_final_1.{end}").read_text() for end in ("md", "py"))
    assert "Found by study `s` (trial 1) in the space small, trained by study `s-1-final` (trial 1)" in page
    assert "- found by study `s`, trial 1\n- sampler auto, seed 0, 1 trial\n" in page
    for told in (page, text):
        assert re.search(r"Point: `?width=[46]", told)
    assert "Found by: study s, trial 1\n" in text
