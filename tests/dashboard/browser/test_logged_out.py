"""Open pages whose session has ended."""

from pathlib import Path

from playwright.sync_api import expect

from tests.dashboard.browser.harness import Visits, Windows
from tests.dashboard.conftest import WRITE_TOKEN, Serving
from tests.dashboard.seeding import MAIN


def test_a_page_of_an_ended_session_says_so(serving: Serving, windows: Windows, tmp_path: Path) -> None:
    service = serving(write_token=WRITE_TOKEN)
    with Visits(windows, service.url, tmp_path) as visits:
        visit = visits("/studies")
        page = visit.page
        page.get_by_label("Token").fill(WRITE_TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.goto(f"{service.url}/studies/{MAIN}")
        other = page.context.new_page()
        other.goto(f"{service.url}/studies")
        other.get_by_role("button", name="Log out").click()
        told = page.locator('#banners [data-reason="login"]')
        expect(told).to_contain_text("You are logged out: log in again.", timeout=30_000)
        expect(page.locator('#banners [data-reason="away"]')).to_have_count(0)
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(page.locator("#banners .banner")).to_have_count(1)
        told.get_by_role("link", name="Log in").click()
        page.get_by_label("Token").fill(WRITE_TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**/studies/{MAIN}")
        assert not [each for each in visit.problems if "importNode" in each]
