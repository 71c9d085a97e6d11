"""Pages as people see them: opened in Chromium, with all that goes wrong on them written down."""

import functools
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
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    TimeoutError,
    sync_playwright,
)

LOADED = (("light", 1440), ("dark", 390))
"""Colour schemes and widths in pixels in which every page is loaded, and then turned to the other scheme."""
TURNED = {"light": "dark", "dark": "light"}
LOOKS = tuple((scheme, width) for _, width in LOADED for scheme in TURNED)
NAMES = ("chromium", "chromium-browser", "google-chrome")
HEIGHT = 900
PATIENT_MS = 60_000
"""A machine on which other tests run is slow; what must be fast is measured where it is."""
SERIOUS = ("serious", "critical")
AXE = """async ([impacts, colours]) => {
  const left = (tag) => tag === 'experimental' || tag === 'deprecated';
  const asked = (rule) => rule.enabled && !rule.tags.some(left) && impacts.includes(rule.impact)
    && (!colours || rule.tags.includes('cat.color'));
  const rules = axe._audit.rules.filter(asked).map((rule) => rule.id);
  const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false});
  const said = (nodes) => nodes.map((node) => node.html.slice(0, 200)).join('; ');
  return found.violations.map(({id, nodes}) => `${id}: ${said(nodes)}`);
}"""
"""Of the rules that axe applies by itself those whose violations are serious, or of them those of colours."""
SETTLE = """async (patient_ms) => {
  const frames = async (count) => {
    for (let frame = 0; frame < count; frame += 1) await new Promise(requestAnimationFrame);
  };
  const until = performance.now() + patient_ms;
  const waits = (place) => place.dataset.is === 'waiting'
    || (place.dataset.is === '' && place.matches('.chart') && !place.querySelector('.main-svg'))
    || (place.matches('img') && !place.complete);
  let waiting = [];
  do {
    waiting = [...document.querySelectorAll('[data-is], img')].filter(waits);
    for (const place of waiting) {
      place.scrollIntoView({block: 'center'});
      await frames(4);
    }
  } while (waiting.length && performance.now() < until);
  window.scrollTo(0, 0);
  await frames(2);
  return waiting.map((place) => place.id || place.src);
}"""
"""Charts are drawn when they come near, pictures read: go to each until it is there, or has said why not."""


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
        turn(self.page, scheme, width)
        self.settle()

    def findings(self, colours_only: bool = False) -> list[str]:
        """What axe finds that is serious; where only the scheme has changed, colours are enough."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        found: list[str] = self.page.evaluate(AXE, [SERIOUS, colours_only])
        return found

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


def turn(page: Page, scheme: str, width: int) -> None:
    """Show a page, or what is opened in it next, in a scheme and width."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": HEIGHT})


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


class Windows:
    """Where pages are opened: a new window costs a process, so one test after another gets the same, emptied.

    What is opened besides it, or with options, has a window of its own, and is closed.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._kept: Page | None = None

    def take(self, **options: Any) -> Page:
        """A window without cookies, storage and cache of others; `give_back` it."""
        page, self._kept = (None, self._kept) if options else (self._kept, None)
        return page or self._made(**options).new_page()

    def give_back(self, page: Page) -> None:
        """Empty it for the next test."""
        context = page.context
        try:
            context.clear_cookies()
            page.unroute_all(behavior="ignoreErrors")
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
            page.goto("about:blank")
        except Error:  # it is closed, or shows that there is no service
            context.close()
            return
        if self._kept is None and context.pages == [page]:
            self._kept = page
        else:
            context.close()

    def _made(self, **options: Any) -> BrowserContext:
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENT_MS)
        return context


class Visits:
    """Opens pages of a service."""

    def __init__(self, windows: Windows, url: str, folder: str | PathLike[str]) -> None:
        self.windows, self.url, self.folder = windows, url, Path(folder)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, path: str, scheme: str = "light", width: int = 1440, **options: Any) -> Visit:
        """Open a page and let it settle."""
        page = self.windows.take(**options)
        self._stack.callback(self.windows.give_back, page)
        visit = Visit(page, 0)
        self._watch(page, visit.problems)
        self._load(visit, path, scheme, width)
        return visit

    def _load(self, visit: Visit, path: str, scheme: str, width: int) -> None:
        turn(visit.page, scheme, width)
        answer = visit.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        visit.status = answer.status
        visit.settle()

    def _watch(self, page: Page, problems: list[str]) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                problems.append(f"{message.type}: {message.text}")

        def ran(dialog: Dialog) -> None:
            problems.append(f"a script ran: {dialog.message}")
            dialog.dismiss()

        def failed(error: Error) -> None:
            problems.append(f"error: {error}")

        def asked(request: Request) -> None:
            if not request.url.startswith((self.url + "/", "data:", "blob:")):
                problems.append(f"asked another host: {request.url}")

        for event, heard in (("console", said), ("dialog", ran), ("pageerror", failed), ("request", asked)):
            page.on(event, heard)  # type: ignore[call-overload]
            self._stack.callback(page.remove_listener, event, heard)

    def check(self, path: str, *, status: int = 200, name: str = "") -> None:
        """Open a page, see it in all looks, keep a picture in each scheme: nothing may be wrong with it.

        It is loaded twice, and turned to the other scheme while it is open.
        """
        name = name or re.sub(r"[^\w]+", "-", path.partition("?")[0]).strip("-") or "root"
        visit = self(path, *LOADED[0])
        for scheme, width in LOADED:
            if width != LOADED[0][1]:
                self._load(visit, path, scheme, width)
            assert visit.status == status
            self.picture(visit, f"{name}-{scheme}-{width}")
            self._flawless(visit)
            visit.look(TURNED[scheme], width)
            self._flawless(visit, colours_only=True)
        told = [each for each in visit.problems if status < 400 or f"status of {status}" not in each]
        assert told == []

    def _flawless(self, visit: Visit, colours_only: bool = False) -> None:
        assert not visit.overflows(), f"{visit.page.url} is wider than {visit.page.viewport_size}"
        found = visit.findings(colours_only)
        assert found == [], f"{visit.page.url}: {found}"

    def picture(self, visit: Visit, name: str) -> None:
        """Keep the whole page as a picture."""
        self.folder.mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=self.folder / f"{name}.png", full_page=True)
