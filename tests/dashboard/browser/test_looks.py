"""Every page in light and dark, wide and narrow: no error, nothing from elsewhere, readable, in its width."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.dashboard.browser.harness import Visits, Windows
from tests.dashboard.conftest import Service
from tests.dashboard.seeding import MAIN, ODD, PARETO

PAGES = {
    "studies": "/studies",
    "studies-none": "/studies?query=nothing-like-that",
    "study": f"/studies/{MAIN}",
    "study-front": f"/studies/{PARETO}",
    "study-odd": f"/studies/{quote(ODD, safe='')}",
    "compare": f"/compare?study={MAIN}&study={PARETO}",
    "compare-matched": f"/compare?study={MAIN}&study={PARETO}&matched=macs",
    "compare-one": f"/compare?study={MAIN}",
    "compare-if": f"/compare?study={MAIN}&if=macs<3M",
    "compare-refused": f"/compare?study={MAIN}&if=macs<1",
    "compare-none": "/compare",
    "audit": "/audit",
    "login": "/login",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(visits: Visits, name: str) -> None:
    visits.check(PAGES[name], name=name)


def test_error_page(visits: Visits) -> None:
    visits.check("/studies/nobody-made-it", status=404, name="error")


def test_what_is_serious_is_found(visits: Visits) -> None:
    """By axe at work: a name that is missing, words that cannot be read, and no matters of taste."""
    visit = visits("/login")
    visit.page.evaluate(
        """() => {
          const words = '<h5>taste</h5><p style="color: #888; background: #777">pale</p>';
          document.querySelector('main').insertAdjacentHTML('beforeend', `${words}<button></button>`);
        }"""
    )
    assert [each.partition(":")[0] for each in visit.findings()] == ["button-name", "color-contrast"]
    assert [each.partition(":")[0] for each in visit.findings(colours_only=True)] == ["color-contrast"]


def test_a_window_comes_back_empty(chromium: Browser, service: Service, tmp_path: Path) -> None:
    """What one test leaves in it, the next does not find."""
    windows = Windows(chromium)
    with Visits(windows, service.url, tmp_path) as visits:
        page = visits("/login").page
        page.evaluate("document.cookie = localStorage.kept = sessionStorage.kept = 'a=1'")
        page.route("**/*", lambda route: route.abort())
    assert windows.take() is page
    page.goto(f"{service.url}/login")
    left = "[document.cookie, localStorage.length, sessionStorage.length]"
    assert page.evaluate(left) == ["", 0, 0]
    page.context.close()
