"""The tutorial, shortened: every one of its commands runs, from an empty folder to a network in ONNX."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pages.tutorial import Ran, Tutorial, renumbered, told, written

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SHORTER = {
    "--trials 12": "--trials 5 --recipe epochs=1 --engine inline --no-compare",
    "--epochs 30": "--epochs 2 --engine inline",
}


@pytest.mark.slow
def test_every_step_of_the_tutorial_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    page = PAGE
    for long, short in SHORTER.items():
        assert long in page
        page = page.replace(long, short)
    done = written(page, Tutorial(tmp_path, 2))
    assert "first: finished" in done
    assert "**All of it took" in done
    assert list(tmp_path.rglob("*.onnx"))


def test_a_step_in_the_page() -> None:
    ran = Ran("one\ntwo\nthree\n", 75.2)
    assert told("console", "nas studies\n", "2", ran) == (
        "```console\nnas studies\n```\n\n"
        "<!-- ran: 2 -->\n*1:15*\n\n```text\n…\ntwo\nthree\n```\n<!-- ran: end -->"
    )


def test_the_best_trial_is_named_throughout() -> None:
    text = "nas train first 1 --epochs 40\nnas evaluate first-1-final\nnas export first-1-final 1 --to onnx"
    assert renumbered(text, 12) == (
        "nas train first 12 --epochs 40\nnas evaluate first-12-final\nnas export first-12-final 1 --to onnx"
    )


def test_every_block_to_be_typed_is_a_step() -> None:
    blocks = re.findall(r"^```(?:console|python)\n.*?^```\n\n(.*)$", PAGE, re.MULTILINE | re.DOTALL)
    assert blocks
    assert len(re.findall(r"^```(?:console|python)$", PAGE, re.MULTILINE)) == PAGE.count("<!-- ran: end -->")
