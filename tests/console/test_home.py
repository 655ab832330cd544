"""The home of a place in a real browser: what needs looking at, and that each card fails alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_acceptance import make_place
from tests.console.test_screens import PETS, check_access, new_pet
from tests.world import PATIENCE_SECONDS


def test_home_names_what_needs_looking_at(page: Page, demo: Demo) -> None:
    demo.ask("POST", "/objects/custom_objects.pet/records", {"properties": {"name": "Home", "species": "unicorn"}})
    show(page, demo)
    refused = page.locator(".card", has=page.get_by_role("heading", name="Refused in the last hour"))
    expect(refused.get_by_text("unicorn").first).to_be_visible()
    state = page.locator(".card", has=page.get_by_role("heading", name="State"))
    expect(state).to_contain_text("Deliveries given up")
    expect(state).to_contain_text("not limited")
    state.locator("dt", has_text="Last backup").locator("xpath=following-sibling::dd[1]").get_by_role("link").click()
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_role("region", name="Backups")).to_be_visible()
    show(page, demo)
    expect(state.get_by_text("none yet")).to_have_count(0)
    refused.get_by_role("link", name="All of them").click()
    expect(page.get_by_label("Refused only")).to_be_checked()


@pytest.mark.parametrize(
    ("path", "heading"),
    [("**/console/requests*", "Refused in the last hour"), ("**/console/places/*/state", "State")],
)
def test_a_card_of_home_fails_alone(page: Page, demo: Demo, path: str, heading: str) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.route(path, fail)
    show(page, demo)
    expect(page.get_by_role("alert")).to_have_count(1)
    card = page.locator(".card", has=page.get_by_role("heading", name=heading))
    expect(card.get_by_role("alert")).to_contain_text("The database is not available")
    expect(page.locator(".figure", has_text="Pets").locator("strong")).not_to_have_text("–")
    check_access(page)
    page.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_columns_and_views_are_there_in_another_browser(page: Page, demo: Demo) -> None:
    new_pet(demo, name="Anywhere")
    show(page, demo, *PETS, query="q=Anywhere")
    with page.expect_response("**/choices"):
        page.get_by_role("button", name="Views").click()
        page.get_by_label("Save what is shown now as").fill("Everywhere")
        page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("button", name="Everywhere", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.get_by_role("checkbox", name="Breed").uncheck()
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": 1360, "height": 820})
    other = context.new_page()
    other.goto(demo.make_link())
    other.wait_for_selector(".shell")
    show(other, demo, *PETS)
    expect(other.get_by_role("columnheader", name="Name", exact=True)).to_be_visible()
    expect(other.get_by_role("columnheader", name="Breed")).to_have_count(0)
    other.get_by_role("button", name="Views").click()
    other.get_by_role("button", name="Everywhere", exact=True).click()
    expect(other.get_by_label("Search Pets")).to_have_value("Anywhere")
    settle(other)
    other.get_by_role("button", name="Columns").click()
    with other.expect_response(lambda answer: answer.request.method == "PUT"):
        other.get_by_role("button", name="As at first").click()
    context.close()


def test_a_viewer_sees_everything_and_is_offered_no_change(page: Page, demo: Demo) -> None:
    own = {"X-GroundLevel-Console": "1", "Origin": demo.url}
    viewer = {"email": "viewer@example.com", "password": "a long enough password", "role": "viewer"}
    made = page.request.post(f"{demo.url}/console/operators", data=viewer, headers=own)
    assert made.ok, made.text()
    pet = new_pet(demo, name="Looked at")
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": 1360, "height": 820})
    other = context.new_page()
    other.goto(f"{demo.url}/console/")
    other.get_by_label("E-mail").fill(viewer["email"])
    other.get_by_label("Password").fill(viewer["password"])
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_selector(".shell")
    for parts in ((), ("schema",), ("schema", "custom_objects.pet"), PETS, (*PETS, pet), ("webhooks",), ("requests",)):
        show(other, demo, *parts)
        expect(other.locator("main [role=alert]")).to_have_count(0)
        for name in ("Move ", "Edit", "Delete", "Save", "Replay", "New", "Add"):
            expect(other.locator("main").get_by_role("button", name=re.compile(f"^{name}"))).to_have_count(0)
    expect(other.locator(".side").get_by_role("link", name="Tokens")).to_have_count(0)
    context.close()


def test_home_and_schema_say_how_far_an_index_is(page: Page, demo: Demo) -> None:
    """What a build says is tested with the builder; here it stands still, as none of a demo takes long enough."""

    def build(route: Route) -> None:
        state = route.fetch().json()
        one = {"objectKey": PETS[1], "field": "Weight (kg)", "fieldKey": "weight_kg", "percent": 43}
        other = {"objectKey": PETS[1], "field": "Breed", "fieldKey": "breed", "percent": None}
        route.fulfill(json={**state, "building": [one, other]})

    def mark(route: Route) -> None:
        found = route.fetch().json()
        for field in found["fields"]:
            field["index"] = "building" if field["fieldKey"].endswith((".weight_kg", ".breed")) else "none"
        route.fulfill(json=found)

    page.route("**/console/places/*/state", build)
    page.route(f"**/objects/{PETS[1]}?*", mark)
    show(page, demo)
    state = page.locator(".card", has=page.get_by_role("heading", name="State"))
    expect(state.locator("dd", has_text="Index of Weight (kg)").first).to_contain_text("of Pets 43 %")
    expect(state.get_by_text("Index of Breed")).to_be_visible()
    check_access(page)
    show(page, demo, "schema", PETS[1])
    expect(page.get_by_role("row", name=re.compile("Weight"))).to_contain_text("building 43 %")
    breed = page.get_by_role("row", name=re.compile("Breed"))
    expect(breed.locator("td", has_text="building")).to_have_text("building")


def test_an_empty_place_is_filled_with_the_demo(page: Page, demo: Demo) -> None:
    place = make_place(demo, page, "Empty")
    page.goto(f"{demo.url}/console/#/{place}")
    settle(page)
    offer = page.locator(".card", has=page.get_by_role("heading", name="This place is empty"))
    expect(offer).to_be_visible()
    check_access(page)

    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.route("**/demo", fail)
    offer.get_by_role("button", name="Fill with demo data").click()
    expect(offer.get_by_role("alert")).to_contain_text("The database is not available")
    page.unroute("**/demo")
    offer.get_by_role("button", name="Fill with demo data").click()
    expect(offer).to_have_count(0, timeout=PATIENCE_SECONDS * 1000)
    expect(page.get_by_role("navigation", name="Console").get_by_role("link", name="Pets")).to_be_visible()
    expect(page.locator(".figure", has_text="Pets").locator("strong")).to_have_text("14")
    show(page, demo)
    expect(offer).to_have_count(0)
