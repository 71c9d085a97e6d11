"""The playground: what is moved is answered at once, the latest answer stays, the URL keeps the point."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.dashboard.browser.harness import Visits

SPACE = "/spaces/lenet?data=digits"


@pytest.fixture
def page(visits: Visits) -> Page:
    return visits(SPACE).page


def params(page: Page) -> str:
    return page.locator("[data-cost=params] [data-value]").inner_text()


def slide(page: Page, name: str, value: int) -> None:
    page.locator(f"#c-{name}").fill(str(value))


def test_a_slider_moves_costs_drawing_command_and_url(page: Page) -> None:
    before, drawn = params(page), page.locator("#drawing").inner_html()
    slide(page, "maps-1", 30)
    expect(page.locator("[data-cost=params] [data-value]")).not_to_have_text(before)
    expect(page.locator("[data-cost=params] [data-change]")).to_contain_text("+")
    assert page.locator("#c-maps-1-n").input_value() == "30"
    assert page.locator("#drawing").inner_html() != drawn
    expect(page.locator("#command")).to_contain_text("maps=6,30")
    page.wait_for_url("**set=maps%3D6%2C30**")
    now = params(page)
    page.reload()
    assert params(page) == now
    assert page.locator("#c-maps-1").input_value() == "30"


def test_an_infeasible_point_says_why_at_its_field(page: Page) -> None:
    slide(page, "maps-0", 30)
    field = page.locator("[data-field=maps]")
    expect(field.locator("[data-reason]")).to_contain_text("maps[s] - maps[s - 1]")
    expect(page.locator("#c-maps-0")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#verdict-reason")).to_be_visible()
    slide(page, "maps-0", 4)
    expect(field.locator("[data-reason]")).to_be_empty()
    expect(page.locator("#playground")).to_have_attribute("data-feasible", "yes")


def test_the_latest_answer_stays_however_late_the_others_are(page: Page) -> None:
    asked: list[int] = []
    held: list[Route] = []

    def late(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "")["point"]["maps"][1])
        held.append(route) if len(asked) == 1 else route.continue_()

    page.route("**/price", late)
    with page.expect_request("**/price"):
        slide(page, "maps-1", 18)
    for value in range(20, 32, 2):
        slide(page, "maps-1", value)
    held[0].continue_()
    expect(page.locator("#command")).to_contain_text("maps=6,30")
    assert asked == [18, 30], "steps were asked of which the answers came too late"
    assert page.locator("#c-maps-1").input_value() == "30"


def test_a_published_network_is_a_preset(visits: Visits) -> None:
    page = visits("/spaces/lenet").page
    slide(page, "maps-1", 30)
    page.get_by_role("button", name="lenet5").click()
    expect(page.get_by_role("button", name="lenet5")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#c-maps-1-n")).to_have_value("16")
    page.wait_for_url("**reference=lenet5**")
    page.get_by_role("radio", name="relu").check(force=True)
    expect(page.get_by_role("button", name="lenet5")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#base-label")).to_have_text("lenet5")


def test_vectors_grow_with_what_they_depend_on(visits: Visits) -> None:
    page = visits("/spaces/vgg?data=digits").page
    assert page.locator("[data-field=convs] [data-item]").count() > 1
    page.get_by_role("button", name="Open all").click()
    expect(page.locator("#drawing .nas-details").first).to_be_visible()
    page.wait_for_url("**unfold=**")


def test_a_sample_opens_in_the_playground(page: Page) -> None:
    page.locator("#samples-part").scroll_into_view_if_needed()
    expect(page.locator(".sample svg")).to_have_count(6)
    said = page.locator(".sample .words").nth(3).inner_text()
    page.locator(".sample button").nth(3).click()
    first = said.split(" · ")[0].removeprefix("maps ").replace(" ", "")
    expect(page.locator("#command")).to_contain_text(f"maps={first}")


def test_a_point_that_cannot_be_is_told_and_the_first_is_shown(visits: Visits) -> None:
    page = visits("/spaces/lenet?set=kernel=4").page
    expect(page.locator(".say[role=alert]")).to_contain_text("kernel")
    expect(page.locator("#drawing svg")).to_be_visible()


def test_a_published_network_that_cannot_be_here_says_why(page: Page) -> None:
    page.get_by_role("button", name="lenet5").click()
    expect(page.locator("#verdict-reason")).to_contain_text("kernel larger than its map")
    slide(page, "maps-1", 20)
    expect(page.locator("#playground")).to_have_attribute("data-feasible", "yes")
