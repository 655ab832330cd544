"""The console in a real browser: every screen in light and dark, the keyboard, and what must not happen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.compat.node.driver import MODULES
from tests.console.browser import Demo, settle, show
from tests.needs import missing

AXE = MODULES / "axe-core" / "axe.min.js"
PETS = ("o", "custom_objects.pet")
SCREENS = {
    "home": (),
    "records": PETS,
    "contacts": ("o", "contact"),
    "opportunities": ("o", "opportunity"),
    "schema": ("schema",),
    "object": ("schema", "custom_objects.pet"),
    "associations": ("associations",),
    "import": ("import",),
    "requests": ("requests",),
    "webhooks": ("webhooks",),
    "audit": ("audit",),
    "bin": ("bin",),
    "tokens": ("tokens",),
}
HOSTILE = "<img src=x onerror=alert(1)>"


def new_pet(demo: Demo, **properties: Any) -> str:
    """The id of a new record."""
    body = {"properties": {"species": "dog", **properties}}
    return str(demo.ask("POST", "/objects/custom_objects.pet/records", body)["record"]["id"])


def check_access(page: Page) -> None:
    """Nothing that axe calls serious or critical is wrong with the page, in light and in dark; it is light after that.

    Of all that axe looks at, only the contrast of colours depends on which of them is shown.
    """
    if not AXE.is_file():
        missing("axe-core is not installed: make node-sdk")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text() + "; 0")
    for scheme, rules in (("dark", "{runOnly: ['color-contrast']}"), ("light", "{}")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # the tuple's texts are those it takes
        found = page.evaluate(f"async () => (await axe.run(document, {rules})).violations")
        serious = [
            f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], scheme


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_whole(looking: Page, demo: Demo, name: str) -> None:
    show(looking, demo, *SCREENS[name])
    expect(looking.locator("main h1")).not_to_be_empty()
    expect(looking.locator("main [role=alert]")).to_have_count(0)
    assert looking.title().endswith("GroundLevel")
    check_access(looking)


@pytest.mark.parametrize("hash_", ["#/places", "#/operators", "#/apps", "#/settings"])
def test_a_screen_of_the_server_is_whole(looking: Page, demo: Demo, hash_: str) -> None:
    looking.goto(f"{demo.url}/console/{hash_}")
    settle(looking)
    check_access(looking)


def test_a_record_is_whole(looking: Page, demo: Demo) -> None:
    show(looking, demo, *PETS, new_pet(demo, name="Whole"))
    expect(looking.get_by_role("heading", name="Whole")).to_be_visible()
    check_access(looking)


@pytest.mark.parametrize("name", [name for name in SCREENS if name not in ("contacts", "opportunities", "schema")])
def test_a_phone_is_wide_enough(looking: Page, demo: Demo, name: str) -> None:
    looking.set_viewport_size({"width": 390, "height": 780})
    show(looking, demo, *SCREENS[name])
    assert looking.evaluate("document.documentElement.scrollWidth") <= 390
    looking.get_by_role("button", name="Menu").click()
    expect(looking.get_by_role("link", name="Schema").first).to_be_visible()


def test_what_is_typed_into_the_search_arrives_whole(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS)
    page.keyboard.press("/")
    page.keyboard.type("norwegian forest cat", delay=10)
    expect(page.get_by_label("Search Pets")).to_have_value("norwegian forest cat")
    expect(page.locator(".head-title .quiet")).to_have_text("1")
    expect(page.get_by_label("Search Pets")).to_be_focused()
    expect(page.get_by_role("gridcell", name="Nimbus")).to_be_visible()
    assert "q=norwegian" in page.url


def test_a_cell_is_edited_by_keys_alone(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Keyboard", weight_kg=3)
    show(page, demo, *PETS, query="q=Keyboard")
    page.locator("[data-cell='0,0']").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.type("heavy")
    page.keyboard.press("Enter")
    cell = page.locator("[data-cell='0,5']")
    expect(cell.get_by_role("alert")).to_contain_text("expected a number")
    expect(cell.get_by_role("link")).to_have_attribute("href", "/docs/errors/invalid_value")
    expect(cell).to_contain_text(re.compile(r"^\s*3"))
    page.keyboard.press("F2")
    page.keyboard.type("4.5")
    page.keyboard.press("Enter")
    expect(cell.get_by_role("alert")).to_have_count(0)
    expect(cell).to_have_text("4.5")
    record = demo.ask("GET", f"/objects/custom_objects.pet/records/{pet}?locationId={demo.place}")["record"]
    assert record["properties"]["weight_kg"] == 4.5
    assert record["lastUpdatedBy"]["source"] == "WEB_USER"


def test_escape_leaves_a_cell_as_it_was(page: Page, demo: Demo) -> None:
    new_pet(demo, name="Unchanged")
    show(page, demo, *PETS, query="q=Unchanged")
    page.locator("[data-cell='0,0']").focus()
    page.keyboard.type("Other")
    page.keyboard.press("Escape")
    expect(page.locator("[data-cell='0,0']")).to_contain_text("Unchanged")
    expect(page.locator("[data-cell='0,0']")).to_be_focused()


def test_a_long_list_grows_and_keeps_few_rows(page: Page, demo: Demo) -> None:
    demo.add_pets(330)
    show(page, demo, *PETS)
    grid = page.get_by_role("grid")
    body = {"page": 1, "pageLimit": 1}
    total = demo.ask("POST", "/objects/custom_objects.pet/records/search", body)["total"]
    expect(grid).to_have_attribute("aria-rowcount", str(total + 1))
    page.locator("[data-cell='0,0']").focus()
    for shown in range(100, total, 100):
        page.wait_for_function("n => document.querySelector('.grid-body').offsetHeight >= n * 36", arg=shown)
        page.keyboard.press("Control+End")
    page.wait_for_function("n => document.querySelector('.grid-body').offsetHeight === n * 36", arg=total)
    page.keyboard.press("Control+End")
    expect(page.locator(f"[aria-rowindex='{total + 1}']")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 4_000
    page.get_by_role("button", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name", exact=False).first).to_have_attribute("aria-sort", "ascending")
    page.wait_for_function("() => document.querySelector('.grid').scrollTop === 0")


def test_filters_stand_in_the_address(page: Page, demo: Demo) -> None:
    new_pet(demo, name="Heaviest", weight_kg=999)
    show(page, demo, *PETS)
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Field").select_option("weight_kg")
    page.get_by_label("Condition").select_option("gte")
    page.get_by_label("Value").fill("900")
    page.get_by_role("button", name="Add filter").click()
    expect(page.locator(".head-title .quiet")).to_have_text("1")
    page.reload()
    settle(page)
    expect(page.get_by_role("gridcell", name="Heaviest")).to_be_visible()
    page.get_by_role("button", name="Remove the filter on Weight (kg)").click()
    expect(page.locator(".chips")).to_have_count(0)


def test_texts_are_texts_on_every_screen(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name=HOSTILE, breed=HOSTILE, notes=HOSTILE)
    demo.ask("POST", "/objects/custom_objects.pet/records", {"properties": {"name": "x", HOSTILE: HOSTILE}})
    show(page, demo, *PETS)
    expect(page.get_by_role("gridcell", name=HOSTILE).first).to_be_visible()
    show(page, demo, *PETS, pet)
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    show(page, demo, "requests", query="refused=true")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    page.locator(".requests tbody tr").first.click()
    expect(page.locator(".detail pre").first).to_contain_text("onerror")
    assert page.locator("img").count() == 0


def test_a_record_is_made_changed_and_deleted(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS)
    page.get_by_role("button", name="New pet").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Fresh")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("species")
    dialog.get_by_label("Species").select_option("cat")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Fresh")).to_be_visible()
    settle(page)
    page.get_by_label("Breed").fill("Ragdoll")
    expect(page.get_by_text("1 unsaved change")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("unsaved")).to_have_count(0)
    page.reload()
    settle(page)
    expect(page.get_by_label("Breed")).to_have_value("Ragdoll")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("grid")).to_be_visible()


def test_an_object_with_a_field_is_made_and_its_first_record_linked(page: Page, demo: Demo) -> None:
    show(page, demo, "schema")
    page.get_by_role("button", name="New object").click()
    page.get_by_role("button", name="Vehicle").click()
    page.get_by_role("button", name="Create object").click()
    expect(page.get_by_role("heading", name="Vehicles")).to_be_visible()
    page.get_by_role("button", name="Add a field").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Fuel")
    dialog.get_by_label("Type").select_option("SINGLE_OPTIONS")
    dialog.get_by_label("Options").fill("Petrol\nElectric")
    dialog.get_by_role("button", name="Add field").click()
    expect(page.get_by_role("row", name="Fuel")).to_contain_text("2 options")
    association = {
        "key": "vehicle_keeper",
        "firstObjectLabel": "Vehicle",
        "firstObjectKey": "custom_objects.vehicle",
        "secondObjectLabel": "Keeper",
        "secondObjectKey": "contact",
    }
    demo.ask("POST", "/associations/", association)
    page.get_by_role("link", name="Vehicles").click()
    expect(page.get_by_role("heading", name="No vehicles yet")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="New vehicle").first.click()
    page.get_by_role("dialog").get_by_label("Plate").fill("GL 1")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Link keeper").click()
    page.get_by_role("dialog").get_by_role("button", name="Elowen Trask").click()
    expect(page.locator(".related").get_by_role("link", name="Elowen Trask")).to_be_visible()
    page.get_by_role("button", name="Unlink Elowen Trask").click()
    expect(page.locator(".related").get_by_role("link")).to_have_count(0)


def test_a_refused_request_shows_its_reason_and_how_to_send_it_again(page: Page, demo: Demo) -> None:
    page.clock.install()
    show(page, demo, "requests")
    demo.ask("POST", "/objects/custom_objects.pet/records", {"properties": {"name": "Max", "species": "unicorn"}})
    page.clock.fast_forward(1_500)
    row = page.locator(".requests tbody tr", has_text="Species").first
    expect(row).to_contain_text("ghl-node 3.1.0")
    row.click()
    detail = page.get_by_label("Request", exact=True)
    expect(detail.locator(".problem")).to_contain_text("Species")
    expect(detail.get_by_role("button", name="Copy as curl")).to_be_visible()
    expect(detail.locator("pre").first).to_contain_text("unicorn")
    check_access(page)


def test_a_token_is_made_works_and_is_revoked(page: Page, demo: Demo) -> None:
    show(page, demo, "tokens")
    page.get_by_role("button", name="New token").click()
    page.get_by_label("Name").fill("for n8n")
    page.get_by_role("button", name="Read only").click()
    page.get_by_role("button", name="Create token").click()
    found = re.search(r"pit-[\w-]+", page.get_by_role("dialog").locator("pre").inner_text())
    assert found is not None
    path = f"/objects/?locationId={demo.place}"
    assert "objects" in demo.ask("GET", path, token=found.group())
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Revoke for n8n").click()
    expect(page.get_by_role("row", name="for n8n")).to_contain_text("revoked")


def test_a_webhook_is_added_and_tested(page: Page, demo: Demo) -> None:
    show(page, demo, "webhooks")
    page.get_by_role("button", name="Add a URL").click()
    page.get_by_role("textbox", name="URL").fill("http://127.0.0.1:4/hook")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("row", name=re.compile("Test|Install|Record")).first).to_be_visible()


def test_without_the_server_nothing_typed_is_lost(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS, new_pet(demo, name="Offline"))
    page.get_by_label("Breed").fill("Kept")

    def cut(route: Route) -> None:
        route.abort()

    page.route("**/objects/**", cut)
    page.keyboard.press("Control+s")
    expect(page.locator(".banner")).to_contain_text("cannot be reached")
    expect(page.get_by_label("Breed")).to_have_value("Kept")
    page.unroute("**/objects/**")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("unsaved")).to_have_count(0)
    expect(page.locator(".banner")).to_have_count(0)


def test_a_list_that_fails_says_why_and_can_be_tried_again(page: Page, demo: Demo) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.route("**/records/search", fail)
    show(page, demo, *PETS)
    expect(page.get_by_role("alert")).to_contain_text("The database is not available")
    check_access(page)
    page.unroute("**/records/search")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("grid")).to_be_visible()


def test_whoever_is_signed_out_meanwhile_signs_in_over_what_they_typed(demo: Demo, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 1360, "height": 820})
    mine = context.new_page()
    mine.goto(demo.make_link())
    mine.wait_for_selector(".shell")
    show(mine, demo, *PETS, new_pet(demo, name="Expired"))
    mine.get_by_label("Breed").fill("Kept")
    # Ended elsewhere, with the tokens that it was given.
    context.request.delete(f"{demo.url}/console/session", headers={"X-GroundLevel-Console": "1", "Origin": demo.url})
    mine.keyboard.press("Control+s")
    expect(mine.get_by_role("heading", name="Sign in again")).to_be_visible()
    expect(mine.get_by_label("Breed")).to_have_value("Kept")
    context.close()


def test_a_stranger_sees_how_to_sign_in(chromium: Any, demo: Demo) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{demo.url}/console/#link=used")
    expect(page.get_by_role("alert")).to_contain_text("used or expired")
    expect(page.get_by_text("groundlevel console", exact=True)).to_be_visible()
    check_access(page)
    context.close()


def test_keys_lead_from_screen_to_screen(page: Page, demo: Demo) -> None:
    show(page, demo)
    for keys, heading in (
        ("gs", "Schema"),
        ("ga", "Associations"),
        ("gi", "Import"),
        ("gq", "Requests"),
        ("gw", "Webhooks"),
        ("gu", "Audit"),
        ("gb", "Bin"),
        ("gt", "Tokens"),
        ("?", "Settings"),
    ):
        page.keyboard.type(keys)
        expect(page.locator("main h1")).to_have_text(heading)
