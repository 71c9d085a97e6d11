"""Drawings as real Chromium shows them: texts apart from each other, nothing cut off, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from nas.drawing import draw, silhouette
from nas.drawing.style import STYLE
from tests.drawing.networks import one_of_each, reference

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium")

OVERLAPS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const whole = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    texts.forEach(([said, a], i) => {
      if (a.left < whole.left || a.right > whole.right || a.bottom > whole.bottom) found.push([said, 'cut']);
      for (const [other, b] of texts.slice(i + 1))
        if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom - 2 && b.top + 2 < a.bottom - 2)
          found.push([said, other]);
    });
  }
  return found;
}"""

OUTSIDE_OF_BOXES = """() => [...document.querySelectorAll('.nas-box')].flatMap(box => {
  const around = box.getBoundingClientRect();
  return [...box.parentNode.children].filter(e => e.tagName === 'text').filter(text => {
    const inside = text.getBoundingClientRect();
    return inside.left < around.left || inside.right > around.right || inside.bottom > around.bottom;
  }).map(text => text.textContent);
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM))
        yield found
        found.close()


def shown(browser: Browser, body: str, **options: Any) -> Any:
    page = browser.new_page(**options)
    page.set_content(f"<!doctype html><style>{STYLE} .nas-drawing {{display: block}}</style>{body}")
    return page


@pytest.mark.parametrize("unfold", [(), ("*",)])
def test_no_text_lies_on_another_or_is_cut(browser: Browser, unfold: tuple[str, ...]) -> None:
    drawings = [draw(reference(*n), title=n[1], unfold=unfold, embedded=True) for n in one_of_each()]
    page = shown(browser, "".join(drawings))
    assert page.evaluate("() => document.querySelectorAll('svg > text').length") >= 2 * len(drawings)
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(OUTSIDE_OF_BOXES) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_file_has_its_own_colours(browser: Browser, scheme: Any, tmp_path: Path) -> None:
    file = tmp_path / "network.svg"
    file.write_text(draw(reference("lenet", "lenet5")), encoding="utf-8")
    page = browser.new_page(color_scheme=scheme)
    page.goto(file.as_uri())
    paper, ink = page.evaluate(
        "() => ['.nas-paper', '.nas-name'].map(c => getComputedStyle(document.querySelector(c)).fill)"
    )
    light, dark = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
    assert paper == {"light": light, "dark": dark}[scheme]
    assert ink == {"light": "rgb(28, 33, 39)", "dark": "rgb(230, 237, 243)"}[scheme]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_what_is_behind_them(browser: Browser, scheme: Any) -> None:
    contrast = """() => {
      const light = c => c.match(/\\d+(\\.\\d+)?/g).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const style = e => getComputedStyle(e);
      const panel = light(style(document.querySelector('.nas-panel')).fill);
      return ['.nas-note', '.nas-name'].map(c => light(style(document.querySelector(c)).fill))
        .map(ink => (Math.max(ink, panel) + 0.05) / (Math.min(ink, panel) + 0.05));
    }"""
    page = shown(
        browser, draw(reference("lenet", "lenet5"), unfold={"1"}, embedded=True), color_scheme=scheme
    )
    assert min(page.evaluate(contrast)) >= 5  # boxes take a little of it: AA is 4.5
    page.close()


def test_a_stage_can_be_reached_by_keyboard(browser: Browser) -> None:
    page = shown(browser, draw(reference("resnet", "resnet50"), embedded=True))
    for path in ("stem", "1"):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.dataset.stage") == path
    outline = page.evaluate("() => getComputedStyle(document.activeElement.querySelector('.nas-hit')).stroke")
    assert outline == "rgb(0, 114, 178)"
    page.close()


def test_a_silhouette_is_small(browser: Browser) -> None:
    page = shown(browser, silhouette(reference("efficientnet-scaling", "efficientnet_b7"), embedded=True))
    box = page.locator("svg").bounding_box()
    assert box is not None
    assert box["width"] < 480
    assert box["height"] < 120
    page.close()
