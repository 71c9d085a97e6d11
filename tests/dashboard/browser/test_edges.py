"""What happens beside the straight way: reloads, the way back, a service that goes, names that are taken."""

import pytest
from playwright.sync_api import Page, expect

from nas.dashboard.serving import running
from nas.dashboard.settings import Settings
from nas.store import open_store
from tests.dashboard.browser.conftest import Browse
from tests.dashboard.browser.harness import PATIENT_MS, Visits
from tests.dashboard.conftest import READ_TOKEN, Service, Serving
from tests.dashboard.seeding import MAIN
from tests.service.actions.pasted import MINE

TRIAL = f"/studies/{MAIN}/trials/3"


def test_a_note_that_is_being_written_outlives_a_reload(serving: Serving, browse: Browse) -> None:
    page = browse(serving())(TRIAL).page
    page.get_by_label("Add a note").fill("half a sentence")
    page.reload()
    expect(page.get_by_label("Add a note")).to_have_value("half a sentence")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes .said")).to_have_text("half a sentence")
    page.reload()
    expect(page.get_by_label("Add a note")).to_have_value("")


def test_the_way_back_after_a_login_asks_nothing_again(guarded: Service, browse: Browse) -> None:
    page = browse(guarded)("/login?next=/studies").page
    for token in ("not-the-token-of-this-service", READ_TOKEN):
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{guarded.url}/studies")
    page.go_back()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_service_that_goes_away_is_told_once(serving: Serving, browse: Browse) -> None:
    kept = serving()
    url = f"sqlite:///{kept.path}"
    with open_store(url) as store, running(store, Settings(port=0, store=url)) as gone:
        page = browse(Service(gone.url, kept.store, kept.path, kept.desk))(f"/studies/{MAIN}").page
        expect(page.locator("#pulse")).to_have_text("live")
    expect(page.locator(".banner")).to_contain_text("The service does not answer.")
    with page.expect_event("requestfailed", lambda asked: "/curves" in asked.url):
        page.locator("#curves-top").select_option("5")
    expect(page.locator(".banner")).to_have_count(1)


def test_a_reader_is_told_and_nothing_fails(guarded: Service, browse: Browse) -> None:
    page = browse(guarded)("/login?next=/new").page
    asked: list[str] = []
    page.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
    page.get_by_label("Token").fill(READ_TOKEN)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("reading only")
    assert [each for each in asked if each.startswith(("4", "5"))] == [f"403 {guarded.url}/new"]


@pytest.fixture
def form(visits: Visits) -> Page:
    page = visits("/new?space=lenet").page
    expect(page.locator("#verdict")).to_have_attribute("data-is", "good", timeout=PATIENT_MS)
    return page


def test_a_taken_name_is_told_before_the_click(form: Page) -> None:
    form.get_by_label("Name", exact=True).fill(MAIN)
    expect(form.locator("#verdict")).to_contain_text(f"the name '{MAIN}' is taken", timeout=PATIENT_MS)
    expect(form.locator("#verdict li")).to_have_text("space: vgg in the study, lenet asked for")
    expect(form.get_by_role("button", name="Start the search")).to_be_disabled()


def test_messages_name_fields_by_their_labels(form: Page) -> None:
    form.get_by_label("Trials", exact=True).fill("-3")
    expect(form.locator("#w-trials")).to_contain_text("Trials -3", timeout=PATIENT_MS)
    expect(form.locator("#verdict")).not_to_contain_text("--")


def test_a_space_is_pasted(form: Page) -> None:
    form.get_by_text("A space of your own").click()
    box = form.get_by_role("textbox", name="A space of your own")
    box.fill(MINE.replace("step: 4", "stop: 4"))
    expect(form.locator("#w-space_yaml")).to_contain_text("YAML:6: parameters.width", timeout=PATIENT_MS)
    box.fill(MINE)
    expect(form.locator("#verdict")).to_have_text("24 trials of mine on digits.", timeout=PATIENT_MS)
    expect(form.get_by_label("Space", exact=True)).to_be_disabled()


def test_a_wrong_entry_is_marked_and_no_old_cost_stays(visits: Visits) -> None:
    page = visits("/spaces/lenet?data=digits").page
    page.locator("#c-maps-1-n").fill("900")
    expect(page.locator("[data-field=maps] [data-reason]")).to_contain_text("maps[1] = 900")
    expect(page.locator("#c-maps-1-n")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#c-maps-0-n")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-cost=params] [data-value]")).to_have_text("–")
    expect(page.locator("#drawing svg")).to_have_count(0)
    page.locator("#c-maps-1-n").fill("16")
    expect(page.locator("#drawing svg")).to_have_count(1)


def test_more_at_the_side_shows(visits: Visits) -> None:
    page = visits(TRIAL, width=390).page
    for box in ("#drawing", ".scroll.tall"):
        assert page.locator(box).evaluate("box => box.scrollWidth > box.clientWidth")
        style = page.locator(box).evaluate("box => getComputedStyle(box).backgroundAttachment")
        assert style.startswith("local, local, scroll, scroll")
