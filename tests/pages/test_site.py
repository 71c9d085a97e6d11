"""The documentation: it builds without a warning, asks no other host, and what is generated is up to date."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pages.families import page
from tests.pages.outputs import BLOCK, filled

DOCS = ROOT / "docs"
WITH_OUTPUT = [path.name for path in sorted(DOCS.glob("*.md")) if BLOCK.search(path.read_text("utf-8"))]
LOADS = r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^\"]+\""
"""What a browser would fetch by itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    target = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def test_every_page_is_built(site: Path) -> None:
    assert {path.stem for path in DOCS.glob("*.md")} <= {path.stem for path in site.glob("*.html")}
    assert (site / "notebooks" / "first_search.ipynb").is_file()


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for path in site.glob("*.html"):
        found = re.findall(LOADS, path.read_text(encoding="utf-8"))
        assert not [line for line in found if 'rel="canonical"' not in line], path.name
    for path in site.rglob("*.css"):
        assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8"))


def test_the_api_is_documented(site: Path) -> None:
    text = (site / "python.html").read_text(encoding="utf-8")
    for name in ("load_space", "Space", "build_model", "open_store", "SearchOptions"):
        assert f'id="nas.{name}"' in text, name


def test_the_page_of_families_is_that_of_the_spaces() -> None:
    written = (DOCS / "families.md").read_text(encoding="utf-8")
    assert written == page(), "out of date: make pages"


@pytest.mark.parametrize("name", WITH_OUTPUT)
def test_printed_outputs_are_what_is_printed(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == filled(written), "out of date: make pages"


def test_the_tutorial_was_run() -> None:
    """Its times are there, and they add up to ten minutes at most."""
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    minutes, seconds = re.findall(r"\*\*All of it took (\d+):(\d\d) ", text)[0]
    assert int(minutes) * 60 + int(seconds) <= 600
    assert (
        len(
            re.findall(
                r"^<!-- ran: (?:first )?\d+ -->\n\*(?:\d+:\d\d|less than a second)\*$", text, re.MULTILINE
            )
        )
        >= 10
    )
