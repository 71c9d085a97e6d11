"""Pages as people see them: opened in Chromium, with all that goes wrong on them written down."""

import functools
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, TimeoutError, sync_playwright

LOOKS = (("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390))
"""Colour schemes and widths in pixels in which every page is looked at."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
HEIGHT = 900
PATIENT_MS = 60_000
"""A machine on which other tests run is slow; what must be fast is measured where it is."""
SERIOUS = ("serious", "critical")
SETTLE = """async (patient_ms) => {
  const frames = async (count) => {
    for (let frame = 0; frame < count; frame += 1) await new Promise(requestAnimationFrame);
  };
  const until = performance.now() + patient_ms;
  const waits = (place) => place.dataset.is === 'waiting'
    || (place.dataset.is === '' && place.matches('.chart') && !place.querySelector('.main-svg'));
  let waiting = [];
  do {
    waiting = [...document.querySelectorAll('[data-is]')].filter(waits);
    for (const place of waiting) {
      place.scrollIntoView({block: 'center'});
      await frames(4);
    }
  } while (waiting.length && performance.now() < until);
  window.scrollTo(0, 0);
  await frames(2);
  return waiting.map((place) => place.id);
}"""
"""Charts are drawn when they come near: go to each until it is there, or has said why it is not."""


@contextmanager
def launched() -> Iterator[Browser]:
    """The system's Chromium; without one tests skip, in CI they fail. One at a time in a process: whoever has
    it gives it back before other tests begin."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        why = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visit:
    """One open page."""

    page: Page
    status: int
    problems: list[str] = field(default_factory=list)
    """Errors on its console, and requests to other hosts."""

    def settle(self) -> None:
        """Wait until everything on the page is drawn."""
        waiting = self.page.evaluate(SETTLE, PATIENT_MS)
        assert not waiting, f"not drawn: {waiting}; {self.problems}"

    def until(self, script: str, timeout_ms: int = PATIENT_MS) -> None:
        """Wait until a function of JavaScript returns something true; else say how the page stands."""
        try:
            self.page.wait_for_function(script, timeout=timeout_ms)
        except TimeoutError:
            said = "[...document.querySelectorAll('[data-is], .banner')].map((e) => [e.id, {...e.dataset}])"
            places = self.page.evaluate(said)
            raise AssertionError(f"never: {script}; {places}; {self.problems}") from None

    def look(self, scheme: str, width: int) -> None:
        """See the page in another scheme and width."""
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.settle()

    def findings(self) -> list[str]:
        """What axe finds that is serious."""
        self.page.evaluate(_axe())
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {json.dumps([node['html'][:200] for node in each['nodes']])}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
        ]

    def overflows(self) -> bool:
        """Whether the page as a whole is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def walk(self, most: int = 200) -> list[str]:
        """What Tab reaches from the beginning, in order, each by its name; every stop shows that it has the
        focus."""
        self.page.evaluate("document.activeElement?.blur?.(); window.getSelection().removeAllRanges()")
        found: list[str] = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_STOP)
            if stop is None or stop["mark"] in found:
                break
            assert stop["shown"], f"the focus does not show on {stop['mark']}"
            found.append(stop["mark"])
        return found


_STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const all = [...document.querySelectorAll('*')];
  const style = getComputedStyle(at);
  const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || at.matches('.knob, .skip');
  const name = at.getAttribute('aria-label') || at.textContent.trim().slice(0, 40) || at.id || at.name || '';
  return {mark: `${at.localName} ${name} #${all.indexOf(at)}`, shown};
}"""


@functools.cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


class Visits:
    """Opens pages of a service."""

    def __init__(self, browser: Browser, url: str, folder: str | PathLike[str]) -> None:
        self.browser, self.url, self.folder = browser, url, Path(folder)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, path: str, scheme: str = "light", width: int = 1440, **options: Any) -> Visit:
        """Open a page and let it settle."""
        context = self.browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": HEIGHT},
            reduced_motion="reduce",
            **options,
        )
        self._stack.callback(context.close)
        context.set_default_timeout(PATIENT_MS)
        page = context.new_page()
        visit = Visit(page, 0)
        self._watch(page, visit.problems)
        answer = page.goto(self.url + path, wait_until="load")
        assert answer is not None
        visit.status = answer.status
        visit.settle()
        return visit

    def _watch(self, page: Page, problems: list[str]) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                problems.append(f"{message.type}: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((self.url + "/", "data:", "blob:")):
                problems.append(f"asked another host: {request.url}")

        page.on("console", said)
        page.on("dialog", lambda dialog: problems.append(f"a script ran: {dialog.message}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("request", asked)

    def check(self, path: str, *, status: int = 200, name: str = "") -> None:
        """Open a page, see it in all looks, keep pictures: nothing may be wrong with it.

        It is loaded twice, and turned to another scheme and width while it is open.
        """
        name = name or re.sub(r"[^\w]+", "-", path.partition("?")[0]).strip("-") or "root"
        for scheme, width in (LOOKS[0], LOOKS[3]):
            visit = self(path, scheme, width)
            assert visit.status == status
            turned = LOOKS[1] if scheme == "light" else LOOKS[2]
            for look in ((scheme, width), turned):
                visit.look(*look)
                self.picture(visit, f"{name}-{look[0]}-{look[1]}")
                assert not visit.overflows(), f"{path} is wider than {look[1]} pixels"
                assert visit.findings() == [], f"{path} {look}"
            told = [each for each in visit.problems if status < 400 or f"status of {status}" not in each]
            assert told == []

    def picture(self, visit: Visit, name: str) -> None:
        """Keep the whole page as a picture."""
        self.folder.mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=self.folder / f"{name}.png", full_page=True)
