"""The list of trials: the URL is its state, only the list moves, and mistakes are told beside the filters."""

import csv
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser.harness import Visits
from tests.dashboard.seeding import MAIN, SCRIPT

LIST = f"/studies/{MAIN}/trials"


@pytest.fixture
def page(visits: Visits) -> Page:
    return visits(LIST).page


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def column(page: Page, name: str) -> list[str]:
    heads = page.locator("#trials thead th").all_inner_texts()
    place = [head.rstrip(" ↓↑") for head in heads].index(name) + 1
    return page.locator(f"#trials tbody tr > :nth-child({place})").all_inner_texts()


def test_a_header_sorts_up_then_down_then_not(page: Page) -> None:
    page.evaluate("window.kept = true")
    head = page.get_by_role("columnheader", name="error").get_by_role("link")
    for asked, sort in (("error", "ascending"), ("error:desc", "descending"), (None, None)):
        head.click()
        page.wait_for_function("asked => new URL(location).searchParams.get('sort') === asked", arg=asked)
        if sort:
            expect(page.get_by_role("columnheader", name="error")).to_have_attribute("aria-sort", sort)
            errors = [float(text) for text in column(page, "error") if text != "–"]
            assert errors == sorted(errors, reverse=sort == "descending")
            assert len(errors) > 20
    assert page.evaluate("window.kept"), "the page was loaded anew"


def test_a_condition_is_added_taken_away_and_kept_by_the_url(page: Page) -> None:
    page.get_by_label("Only trials whose").select_option("params")
    page.get_by_label("is", exact=True).select_option("between")
    page.get_by_label("value", exact=True).fill("10k")
    page.get_by_label("and", exact=True).fill("200k")
    page.get_by_role("button", name="Add condition").click()
    page.wait_for_url("**where=**")
    assert query(page)["where"] == ["params>=10k", "params<=200k"]
    numbers = column(page, "number")
    page.reload()
    assert column(page, "number") == numbers != []
    page.get_by_label("Take the condition params<=200k away").click()
    expect(page.locator(".condition")).to_have_count(1)
    page.go_back()
    expect(page.locator(".condition")).to_have_count(2)
    assert column(page, "number") == numbers


def test_chips_choose_states_and_the_links_follow(page: Page) -> None:
    page.locator("#state-failed").check(force=True)
    page.wait_for_url("**state=failed**")
    assert set(column(page, "state")) == {"failed"}
    page.locator("#state-pruned").check(force=True)
    page.wait_for_url("**pruned**")
    assert set(column(page, "state")) == {"failed", "pruned"}
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with download.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == column(page, "state")


def test_columns_are_chosen(page: Page) -> None:
    page.locator("#columns summary").click()
    page.locator("#column-worker").check()
    page.wait_for_url("**columns=**")
    assert "node-1/1" in column(page, "worker")
    expect(page.locator("#columns")).to_have_attribute("open", "")


def test_a_filter_that_does_not_parse_is_told_beside_the_others(visits: Visits) -> None:
    page = visits(f"{LIST}?where=colour%3Dred").page
    expect(page.get_by_role("alert")).to_contain_text("unknown name 'colour'")
    page.get_by_label("Take the condition colour=red away").click()
    expect(page.locator("#trials tbody tr")).to_have_count(31)


def test_what_a_trial_said_shows_as_text(visits: Visits) -> None:
    visit = visits(f"/studies/{MAIN}/trials/17")
    expect(visit.page.locator(".say").first).to_contain_text(SCRIPT)
    visit.page.get_by_text("Log", exact=True).click()
    expect(visit.page.locator("#log-text")).to_contain_text(SCRIPT)
    assert visit.page.locator("main img, main script:not([type])").count() == 0
    assert visit.problems == []


def test_a_note_shows_as_text_and_goes_when_it_is_deleted(visits: Visits) -> None:
    visit = visits(f"/studies/{MAIN}/trials/4")
    page = visit.page
    page.get_by_label("Add a note").fill(SCRIPT)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes .said")).to_have_text(SCRIPT)
    page.reload()
    expect(page.locator(".notes .said")).to_have_text(SCRIPT)
    page.get_by_role("button", name="Delete this note").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".notes li")).to_have_count(0)
    assert visit.problems == []


def test_stages_unfold_by_keyboard_and_the_url_keeps_them(visits: Visits) -> None:
    page = visits(f"/studies/{MAIN}/trials/3").page
    stage = page.locator("#drawing [data-stage='1']").first
    stage.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawing [data-of='1']")).to_be_visible()
    page.wait_for_url("**unfold=1")
    assert page.evaluate("document.activeElement.dataset.stage") == "1"
    page.reload()
    expect(page.locator("#drawing [data-of='1']")).to_be_visible()
