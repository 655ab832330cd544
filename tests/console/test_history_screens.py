"""What was changed and the way back, in a real browser."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_screens import HOSTILE, PETS, check_access, new_pet

RECORDS = "/objects/custom_objects.pet/records"


def change_pet(demo: Demo, pet: str, **properties: Any) -> None:
    """Changes a pet, as a program does."""
    demo.ask("PUT", f"{RECORDS}/{pet}?locationId={demo.place}", {"properties": properties})


def test_a_record_is_led_back_to_a_version(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Versioned", weight_kg=3)
    change_pet(demo, pet, weight_kg=4, breed="Beagle")
    change_pet(demo, pet, breed=None, species="cat")
    show(page, demo, *PETS, pet)
    history = page.locator(".changes li")
    expect(history).to_have_count(3)
    expect(history.first.locator("del").first).to_have_text(re.compile("Beagle|Dog"))
    expect(history.nth(1)).to_contain_text("Weight (kg)")
    check_access(page)
    history.nth(1).get_by_role("button", name="Restore version").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Breed")).to_have_value("Beagle")
    expect(history).to_have_count(4)
    expect(history.first).to_contain_text("to version")
    found = demo.ask("GET", f"{RECORDS}/{pet}?locationId={demo.place}")["record"]["properties"]
    assert (found["breed"], found["species"], found["weight_kg"]) == ("Beagle", "dog", 4)


def test_what_is_saved_appears_in_the_history_at_once(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS, new_pet(demo, name="Saved"))
    page.get_by_label("Breed").fill("Poodle")
    page.keyboard.press("Control+s")
    expect(page.locator(".changes li")).to_have_count(2)
    expect(page.locator(".changes li").first).to_contain_text("Poodle")
    expect(page.locator(".changes li").first).to_contain_text("WEB_USER")


def test_a_deleted_record_comes_back_with_its_relations(page: Page, demo: Demo) -> None:
    association = {
        "key": "pet_sitter",
        "firstObjectLabel": "Sat pet",
        "firstObjectKey": "custom_objects.pet",
        "secondObjectLabel": "Sitter",
        "secondObjectKey": "contact",
    }
    made = demo.ask("POST", "/associations/", association)
    contact = demo.ask("POST", "/contacts/search", {"page": 1, "pageLimit": 1})["contacts"][0]["id"]
    pet = new_pet(demo, name="Lost and found")
    ends = {"associationId": made["id"], "firstRecordId": pet, "secondRecordId": contact}
    demo.ask("POST", "/associations/relations", ends)
    show(page, demo, *PETS, pet)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("grid")).to_be_visible()
    show(page, demo, "bin", query="object=custom_objects.pet")
    check_access(page)
    page.get_by_role("button", name="Restore Lost and found").click()
    expect(page.get_by_role("heading", name="Lost and found")).to_be_visible()
    assert page.url.endswith(pet)
    expect(page.locator(".related", has_text="Sitter").get_by_role("link")).to_have_count(1)
    expect(page.locator(".changes li").first).to_contain_text("restored")
    demo.ask("DELETE", f"/associations/{made['id']}")


def test_the_audit_is_narrowed_opened_and_exported(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Audited")
    change_pet(demo, pet, name="Audited again")
    show(page, demo, "audit", query="object=custom_objects.pet&kind=record")
    first = page.get_by_role("region", name="Changes").get_by_role("row").nth(1)
    expect(first).to_contain_text("changed")
    first.get_by_role("button", name="More").click()
    expect(first.locator("ins")).to_have_text("Audited again")
    check_access(page)
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Audited again")).to_be_visible()
    show(page, demo, "audit", query="kind=record&from=2099-01-01")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Show everything").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export as NDJSON").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["kind"]


def test_texts_of_the_past_are_texts(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Hostile", breed=HOSTILE)
    change_pet(demo, pet, breed="tame", name=HOSTILE)
    show(page, demo, *PETS, pet)
    expect(page.locator("del", has_text=HOSTILE)).to_be_visible()
    demo.ask("DELETE", f"{RECORDS}/{pet}?locationId={demo.place}")
    show(page, demo, "bin")
    expect(page.get_by_role("row", name=HOSTILE).first).to_be_visible()
    show(page, demo, "audit", query="kind=record")
    page.get_by_role("button", name="More").first.click()
    expect(page.locator("del", has_text=HOSTILE).first).to_be_visible()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("name", ["bin", "audit"])
def test_a_screen_of_the_past_that_fails_says_why(page: Page, demo: Demo, name: str) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.route(f"**/x/{name}?*", fail)
    show(page, demo, name)
    expect(page.get_by_role("alert")).to_contain_text("The database is not available")
    check_access(page)
    page.unroute(f"**/x/{name}?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    settle(page)
