"""A search from its beginning to its weights, with nothing but a browser."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser.harness import Visits, Windows
from tests.dashboard.conftest import Serving

PATIENCE_MS = 60_000
NAME = "by-clicks"
TRIALS = 900
"""Far more than are trained meanwhile, however slow the browser."""


@pytest.mark.slow
def test_a_search_begun_watched_stopped_resumed_extended_and_exported(
    serving: Serving, windows: Windows, tmp_path: Path
) -> None:
    with Visits(windows, serving().url, tmp_path) as visits:
        visit = visits("/studies")
        page = visit.page
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            _begin(page)
            _watch(page, more_than=0)
            _act(page, "Stop")
            _state(page, "drained")
            stopped_at = _done(page)
            assert 1 <= stopped_at < TRIALS
            _act(page, "Resume")
            _watch(page, more_than=stopped_at)
            _extend(page)
            _export(page, tmp_path)
            page.goto(f"{visits.url}/studies/{NAME}")
            _act(page, "Cancel", "Cancel the study")
            _state(page, "cancelled")
        finally:
            expect.set_options(timeout=5_000)
        assert visit.problems == []


def _begin(page: Page) -> None:
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Trials", exact=True).fill(str(TRIALS))
    page.get_by_label("Engine").select_option("inline")
    page.get_by_label("Compare at the end").uncheck()
    page.locator("#recipe summary").click()
    page.get_by_label("epochs", exact=True).fill("2")
    expect(page.locator("#verdict")).to_have_text(f"{TRIALS} trials of lenet on digits.")
    expect(page.locator("#typed")).to_contain_text("--recipe epochs=2")
    assert page.locator("#ranges tbody tr").count() > 3
    page.get_by_role("button", name="Start the search").click()
    page.wait_for_url(f"**/studies/{NAME}")
    page.evaluate("window.kept = true")


def _done(page: Page) -> int:
    return int(page.locator("[data-done]").first.inner_text())


def _watch(page: Page, more_than: int) -> None:
    """Its progress comes by itself."""
    page.wait_for_function(
        "most => Number(document.querySelector('[data-done]').textContent) > most", arg=more_than
    )
    assert page.evaluate("window.kept"), "the page was loaded anew"


def _act(page: Page, name: str, word: str = "") -> None:
    page.get_by_role("button", name=name, exact=True).click()
    if name != "Resume":
        page.get_by_role("dialog").get_by_role("button", name=word or name, exact=True).click()


def _state(page: Page, word: str) -> None:
    expect(page.locator(f"#standing .state[data-state={word}]")).to_be_visible()


def _extend(page: Page) -> None:
    page.get_by_role("button", name="Extend…").click()
    page.get_by_role("dialog").get_by_role("spinbutton").fill("2")
    page.get_by_role("dialog").get_by_role("button", name="Extend", exact=True).click()
    expect(page.locator("[data-budget]").first).to_have_text(str(TRIALS + 2))


def _export(page: Page, folder: Path) -> None:
    page.locator(".tabs").get_by_role("link", name="Trials").click()
    page.get_by_role("columnheader", name="error").get_by_role("link").click()
    page.wait_for_url("**sort=error")
    page.locator("#trials tbody th a").first.click()
    expect(page.locator(".rank")).to_contain_text("the best by error")
    for word, ending in (
        ("Drawing, as SVG", ".svg"),
        ("Layers, as CSV", ".csv"),
        ("Point, as JSON", ".json"),
    ):
        saved = _saved(page, word, folder)
        assert saved.suffix == ending
        assert saved.stat().st_size > 20
    weights = _saved(page, "best.safetensors", folder)
    assert weights.stat().st_size > 10_000
    assert not zipfile.is_zipfile(weights), "a pickle"


def _saved(page: Page, word: str, folder: Path) -> Path:
    page.locator(".menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=word).click()
    page.locator(".menu summary").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
