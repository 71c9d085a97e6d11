"""A report in a real Chromium without a network: quiet, readable, in its width, its data at hand."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.browser.conftest import pictures
from tests.dashboard.browser.harness import LOOKS, Visit, launched
from tests.report.conftest import LARGE

__all__ = ["pictures"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def files(whole: str, beside: str, small: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for name, text in (("report", whole), ("report-several", beside), ("report-small", small)):
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {path.stem: path for path in folder.iterdir()}


def opened(browser: Browser, path: Path, scheme: str, width: int) -> tuple[Visit, list[str]]:
    """The file in a browser that reaches no host, and all that it asked for."""
    context = browser.new_context(
        offline=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
        accept_downloads=True,
        reduced_motion="reduce",
    )
    page, asked = context.new_page(), list[str]()
    visit = Visit(page, 200)
    page.on("console", lambda message: visit.problems.append(message.text))
    page.on("pageerror", lambda error: visit.problems.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return visit, asked


@pytest.mark.parametrize("name", ["report", "report-several"])
def test_it_opens_offline(chromium: Browser, files: dict[str, Path], pictures: Path, name: str) -> None:
    visit, asked = opened(chromium, files[name], *LOOKS[0])
    for scheme, width in LOOKS:
        visit.look(scheme, width)
        assert not visit.overflows()
        if "NAS_TEST_SCREENSHOTS" in os.environ:
            pictures.mkdir(parents=True, exist_ok=True)
            visit.page.screenshot(path=pictures / f"{name}-{scheme}-{width}.png", full_page=True)
    assert [url for url in asked if not url.startswith("data:")] == [files[name].as_uri()]
    assert visit.problems == []
    visit.page.context.close()


def test_it_is_accessible(chromium: Browser, files: dict[str, Path]) -> None:
    """axe is a script, which the report's own policy forbids: here it is not applied."""
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(files["report-small"].as_uri())
    for each in page.locator("details").all()[:2]:
        each.evaluate("it => { it.open = true }")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert Visit(page, 200).findings() == []
    context.close()


def test_data_are_opened_and_saved_by_keys(chromium: Browser, files: dict[str, Path], tmp_path: Path) -> None:
    visit, _ = opened(chromium, files["report"], "light", 1440)
    figure = visit.page.locator(f"#{LARGE}-front")
    figure.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    assert figure.locator("table").is_visible()
    with visit.page.expect_download() as saved:
        figure.locator("a.save").press("Enter")
    assert saved.value.suggested_filename == f"{LARGE}-front.csv"
    saved.value.save_as(tmp_path / "front.csv")
    rows = list(csv.DictReader((tmp_path / "front.csv").open(encoding="utf-8")))
    assert len(rows) > 1_000
    assert float(rows[0]["error"]) > 0
    visit.page.context.close()


def test_contents_lead_to_their_parts(chromium: Browser, files: dict[str, Path]) -> None:
    visit, _ = opened(chromium, files["report"], "light", 1440)
    for link in visit.page.locator("nav.contents a").all():
        link.click()
        target = (link.get_attribute("href") or "")[1:]
        assert visit.page.evaluate("location.hash") == f"#{target}"
        assert _is_near_top(visit.page, target)
    visit.page.context.close()


def _is_near_top(page: Page, target: str) -> bool:
    """Whether the page has gone there, or as far as it goes."""
    page.wait_for_function(
        """id => {
          const top = document.getElementById(id).getBoundingClientRect().top;
          const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
          return Math.abs(top) < 60 || end;
        }""",
        arg=target,
    )
    return True


def test_it_is_printed_in_light_and_without_controls(
    chromium: Browser, files: dict[str, Path], pictures: Path
) -> None:
    visit, _ = opened(chromium, files["report"], "dark", 1440)
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert visit.page.locator("details.data:visible").count() == 0
    assert visit.page.locator(f"#{LARGE}-history .wide").is_visible()
    pdf = visit.page.pdf(path=pictures / "report.pdf", format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    visit.page.context.close()
