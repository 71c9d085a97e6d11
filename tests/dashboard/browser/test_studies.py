"""The list of studies, the comparison, the log-in."""

import re
from urllib.parse import quote

from playwright.sync_api import expect

from nas.records import Wanted
from tests.dashboard.browser.conftest import Browse
from tests.dashboard.browser.harness import Visits
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Service, Serving
from tests.dashboard.seeding import MAIN, ODD, PARETO


def test_what_is_asked_for_is_shown_and_the_rest_left_out(visits: Visits) -> None:
    page = visits("/studies").page
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("link", name=ODD)).to_be_visible()  # its markup is text
    page.get_by_label("Name, space or data").fill("pareto")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="All studies").click()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_two_ticked_studies_are_compared(visits: Visits) -> None:
    visit = visits("/studies")
    page = visit.page
    compare = page.get_by_role("button", name="Compare", exact=True)
    expect(compare).to_be_disabled()
    page.get_by_label(f"Compare {MAIN}").check()
    expect(page.get_by_text("tick one more")).to_be_visible()
    page.get_by_label(f"Compare {PARETO}").check()
    compare.click()
    visit.settle()
    assert page.url.endswith(f"/compare?study={PARETO}&study={MAIN}")
    assert page.evaluate("document.getElementById('edf').data.map(trace => trace.name)") == [PARETO, MAIN]
    expect(page.get_by_role("row", name=re.compile(f"{PARETO} and {MAIN}"))).to_be_visible()
    page.get_by_role("link", name=f"Leave {MAIN} out").click()
    expect(page.get_by_role("heading", name="What good networks have")).to_be_visible()


def test_a_row_changes_when_its_study_does(serving: Serving, browse: Browse) -> None:
    service = serving()
    page = browse(service)("/studies").page
    expect(page.locator("#pulse")).to_have_text("live")
    row = page.locator(f'tr[data-study="{MAIN}"]')
    expect(row.locator(".state")).to_have_text("running")
    study = service.store.study(MAIN)
    for driver in service.store.drivers(study.id):
        service.store.end_driver(driver.id)
    service.store.set_wanted(study.id, Wanted.PAUSE)
    expect(row.locator(".state")).to_have_text("stopped")
    expect(row.locator(".state")).to_have_attribute("data-state", "stopped")


def test_a_token_is_asked_for_and_reading_does_not_act(guarded: Service, browse: Browse) -> None:
    visits = browse(guarded)
    page = visits("/login?next=/studies").page
    page.get_by_label("Token").fill("not-the-token-of-this-service")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Token").fill(READ_TOKEN)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{guarded.url}/studies")
    expect(page.get_by_role("link", name="New study")).to_have_count(0)
    page.get_by_role("link", name=MAIN).click()
    expect(page.get_by_role("heading", name=MAIN)).to_be_visible()
    expect(page.get_by_role("group", name="Actions")).to_have_count(0)
    expect(page.get_by_role("button", name="Add note")).to_have_count(0)


def test_who_may_write_is_offered_to(guarded: Service, browse: Browse) -> None:
    page = browse(guarded)("/login?next=/studies").page
    page.get_by_label("Token").fill(WRITE_TOKEN)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="New study")).to_be_visible()


def test_the_keyboard_reaches_everything(visits: Visits) -> None:
    reached = " ".join(visits("/studies").walk())
    for name in (
        "Skip to content",
        "Spaces",
        "New study",
        "Show",
        f"Compare {MAIN}",
        MAIN,
        "This page as JSON",
    ):
        assert name in reached, f"Tab does not reach {name}"


def test_markup_in_a_name_is_text_in_charts_too(visits: Visits) -> None:
    visit = visits(f"/compare?study={MAIN}&study={quote(ODD)}")
    expect(visit.page.locator("#edf .legendtext").nth(1)).to_have_text(ODD)
    assert visit.problems == []
