"""A study's page: charts, brushes, events, notes, actions; and a store or service that goes away."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from nas.records import TrialState, Wanted
from nas.store.rows import Outcome
from tests.dashboard.browser.conftest import Browse
from tests.dashboard.browser.harness import Visit, Visits
from tests.dashboard.conftest import Service, Serving
from tests.dashboard.seeding import MAIN, PARETO, report_epoch

MARKUP = "<script>alert(1)</script><b>wide</b> & deep"


@pytest.fixture
def own(serving: Serving) -> Service:
    """A service that the test may change."""
    return serving()


def watching(browse: Browse, service: Service, path: str = f"/studies/{MAIN}") -> Visit:
    """A page that hears of what happens from now on."""
    visit = browse(service)(path)
    expect(visit.page.locator("#pulse")).to_have_text("live")
    return visit


def traces(page: Page, chart: str) -> dict[str, list[float]]:
    """What a chart draws: x by name."""
    found: dict[str, list[float]] = page.evaluate(
        "id => Object.fromEntries(document.getElementById(id).data.map(each => [each.name, [...each.x]]))",
        chart,
    )
    return found


def test_charts_show_what_the_service_tells(visits: Visits) -> None:
    visit = visits(f"/studies/{MAIN}")
    page = visit.page
    history = traces(page, "history")
    assert len(history["complete"]) == 23
    assert len(history["pruned"]) == 2
    assert len(traces(page, "curves")) > 20
    assert set(traces(page, "timeline")) >= {"complete", "pruned", "running", "diverged"}
    page.get_by_label("Metric").first.select_option("loss")
    data = page.locator('[data-twin="history"]')
    expect(data).to_have_attribute("href", f"/api/studies/{MAIN}/history?metric=loss&points=1000")
    visit.until("() => document.getElementById('history').layout.yaxis.title.text === 'loss'")


def test_few_epochs_are_named_once_each(visits: Visits) -> None:
    page = visits(f"/studies/{MAIN}/trials/29").page
    assert page.locator("#curve .xtick text").all_text_contents() == ["1", "2", "3"]


def test_the_front_is_of_any_two_metrics(visits: Visits) -> None:
    visit = visits(f"/studies/{PARETO}")
    page = visit.page
    assert page.locator("#front-x").input_value() == "macs"
    before = traces(page, "front")["front"]
    page.locator("#front-x").select_option("layers")
    visit.until("() => document.getElementById('front').layout.xaxis.title.text.startsWith('layers')")
    assert traces(page, "front")["front"] != before


def test_lines_are_chosen_by_keyboard_and_shown_as_trials(visits: Visits) -> None:
    page = visits(f"/studies/{MAIN}").page
    trials = page.get_by_role("link", name="Show these trials")
    expect(trials).to_be_hidden()
    knob = page.get_by_role("slider", name="macs, at most")
    knob.focus()
    for _ in range(2):
        page.keyboard.press("PageDown")
    expect(page.locator("#parallel-text")).to_contain_text("chosen out of")
    expect(page.get_by_role("slider", name="macs, at most")).to_be_focused()
    expect(knob).to_have_attribute("aria-valuenow", "50")
    (where,) = parse_qs(urlsplit(trials.get_attribute("href") or "").query)["where"]
    assert re.fullmatch(r"macs<=\d+(\.\d+)?", where)
    page.keyboard.press("Escape")
    expect(trials).to_be_hidden()


def test_lines_are_chosen_by_pointer(visits: Visits) -> None:
    page = visits(f"/studies/{MAIN}").page
    field = page.locator(".axes .axis").filter(has_text="macs").locator(".field")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(x, box["y"] + 0.9 * box["height"], steps=4)
    page.mouse.up()
    expect(page.locator("#parallel-text")).to_contain_text("chosen out of")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#parallel-text")).not_to_contain_text("chosen")


def test_charts_change_their_colours_with_the_scheme(visits: Visits) -> None:
    visit = visits(f"/studies/{MAIN}")
    ink = "document.getElementById('history').layout.font.color"
    light = visit.page.evaluate(ink)
    visit.page.emulate_media(color_scheme="dark")
    visit.until(f"() => {ink} !== '{light}'")


def test_an_epoch_shows_on_an_open_page(own: Service, browse: Browse) -> None:
    visit = watching(browse, own)
    study = own.store.study(MAIN)
    driver = own.store.drivers(study.id)[0].id
    report_epoch(own.store, study, driver, 29, 4, 0.1234)
    there = """() => document.getElementById('curves').data
      .some((each) => each.name === 'trial 29' && each.y.includes(0.1234))"""
    visit.until(there)
    assert visit.problems == []


def test_a_trial_that_ends_changes_numbers_and_charts_in_place(own: Service, browse: Browse) -> None:
    page = watching(browse, own).page
    study = own.store.study(MAIN)
    driver = own.store.drivers(study.id)[0].id
    ended = Outcome(
        number=30, attempt=1, state=TrialState.COMPLETE, values=(0.001,), metrics={"error": 0.001}
    )
    own.store.tell(study.id, driver, [ended])
    expect(page.locator('[data-fact="best"]')).to_have_text("0.001")
    expect(page.locator('[data-fact="best-of"]')).to_have_text("trial 30")
    expect(page.locator('[data-fact="counts"]')).to_contain_text("24 complete")
    expect(page.locator("#answer")).to_contain_text("trial 30")
    assert 30 in traces(page, "history")["best so far"]


def test_a_store_that_goes_away_is_told_and_found_again(own: Service, browse: Browse) -> None:
    page = watching(browse, own).page
    away = own.path.with_name("elsewhere.db")
    own.path.rename(away)
    expect(page.locator("#banners")).to_contain_text("The store does not answer")
    away.rename(own.path)
    expect(page.locator("#banners")).to_be_empty()
    expect(page.locator("#pulse")).to_have_text("live")


def test_notes_are_text_and_can_be_deleted(own: Service, browse: Browse) -> None:
    visit = browse(own)(f"/studies/{MAIN}")
    page = visit.page
    page.get_by_label("Add a note").fill(MARKUP)
    page.get_by_role("button", name="Add note").click()
    note = page.locator(".notes li").filter(has_text="& deep")
    expect(note.locator(".said")).to_have_text(MARKUP)
    page.reload()
    expect(note.locator(".said")).to_have_text(MARKUP)
    note.get_by_role("button", name="Delete this note").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(note).to_have_count(0)
    page.reload()
    expect(page.locator(".notes li")).to_have_count(1)
    assert visit.problems == []


def test_stopping_is_asked_twice_and_told_to_the_drivers(own: Service, browse: Browse) -> None:
    page = watching(browse, own).page
    page.get_by_role("button", name="Stop", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert own.store.study(MAIN).wanted is Wanted.RUN
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.locator('[data-fact="drivers"]')).to_contain_text("stops after the trials that run")
    assert own.store.study(MAIN).wanted is Wanted.DRAIN


def test_the_keyboard_reaches_everything(visits: Visits) -> None:
    reached = " ".join(visits(f"/studies/{MAIN}").walk())
    wanted = ("Skip to content", "Stop", "Trials", "select", "macs, at most", "Add note", "Copy", "data")
    for name in wanted:
        assert name in reached, f"Tab does not reach {name}"


def held(page: Page, pattern: str) -> list[Route]:
    """Requests that are not answered before the test lets them go."""
    found: list[Route] = []
    page.route(re.compile(pattern), lambda route: found.append(route))
    return found


def test_a_second_click_does_nothing_more(own: Service, browse: Browse) -> None:
    page = browse(own)(f"/studies/{MAIN}").page
    asked = held(page, "/notes$")
    page.get_by_label("Add a note").fill("once")
    button = page.get_by_role("button", name="Add note")
    button.click()
    expect(button).to_be_disabled()
    page.evaluate("document.querySelector('[data-note-form]').requestSubmit()")
    asked[0].continue_()
    expect(page.locator(".notes .said").last).to_have_text("once")
    expect(button).to_be_enabled()
    assert len(asked) == 1


def test_a_study_is_begun_once_though_its_form_is_looked_at_meanwhile(own: Service, browse: Browse) -> None:
    page = browse(own)("/new?space=lenet").page
    start = page.get_by_role("button", name="Start the search")
    expect(start).to_be_enabled()
    asked = held(page, "/api/studies$")
    page.get_by_label("Trials", exact=True).fill("7")
    start.click()
    expect(page.locator("#verdict")).to_contain_text("7 trials")
    expect(start).to_be_disabled()
    asked[0].fulfill(status=409, json={"error": {"what": "not now", "kind": "Conflict", "field": None}})
    expect(page.locator("#verdict")).to_have_text("not now")
    expect(start).to_be_enabled()
    assert len(asked) == 1


def test_a_cluster_that_cannot_be_renewed_says_so(own: Service, browse: Browse) -> None:
    page = browse(own)("/cluster").page
    away = own.path.with_name("elsewhere.db")
    own.path.rename(away)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#banners")).to_contain_text("does not answer")
    away.rename(own.path)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#banners")).to_be_empty()


def test_a_study_is_deleted_by_typing_its_name(own: Service, browse: Browse) -> None:
    list_of = watching(browse, own, "/studies")
    visit = watching(browse, own, f"/studies/{PARETO}")
    page = visit.page
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog", name=f"Delete {PARETO}?")
    field, yes = dialog.get_by_role("textbox"), dialog.get_by_role("button", name="Delete the study")
    field.fill(MAIN)
    yes.click()
    expect(dialog).to_be_visible()
    assert PARETO in own.store.study_names()
    browse(own).picture(visit, "study-delete")
    field.fill(PARETO)
    yes.click()
    page.wait_for_url("**/studies")
    expect(page.locator("#deleted")).to_have_text(
        f"{PARETO} is deleted with 12 trials and all that was kept of them."
    )
    for each in (page, list_of.page):
        expect(each.locator(f'tr[data-study="{PARETO}"]')).to_have_count(0)
    browse(own).picture(visit, "studies-deleted")
    page.reload()
    expect(page.locator("#deleted")).to_be_hidden()
    assert visit.problems == list_of.problems == []


def test_a_study_that_is_driven_has_no_button_for_it(visits: Visits) -> None:
    page = visits(f"/studies/{MAIN}").page
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Delete…")).to_be_hidden()
