"""The page of a record: what two people change at once, what was sent to webhooks, and how programs ask for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.compat.node.driver import NODE
from tests.console.browser import Demo, settle, show
from tests.console.test_screens import PETS, check_access, new_pet


def change(demo: Demo, pet: str, **properties: Any) -> None:
    """Changes a record as another program does."""
    path = f"/objects/custom_objects.pet/records/{pet}?locationId={demo.place}"
    answer = demo.ask("PUT", path, {"properties": properties})
    assert "record" in answer, answer


def stored(demo: Demo, pet: str) -> dict[str, Any]:
    """The properties of a record."""
    path = f"/objects/custom_objects.pet/records/{pet}?locationId={demo.place}"
    properties: dict[str, Any] = demo.ask("GET", path)["record"]["properties"]
    return properties


# --- two at once --------------------------------------------------------------------------------------------------


def test_of_what_both_have_changed_one_value_is_chosen(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Contested", breed="Collie", weight_kg=3)
    show(page, demo, *PETS, pet)
    page.get_by_label("Breed").fill("Mine")
    page.get_by_label("Weight (kg)").fill("4")
    page.get_by_label("Notes").fill("only mine")
    change(demo, pet, breed="Theirs", weight_kg=5)
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Changed meanwhile")
    expect(dialog.get_by_role("row", name="Breed")).to_contain_text("Collie")
    expect(dialog).to_contain_text("One other property of yours is saved with it")
    assert stored(demo, pet)["breed"] == "Theirs", "nothing is stored before somebody has chosen"
    check_access(page)
    dialog.get_by_role("row", name="Breed").get_by_label("Theirs").check()
    dialog.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_label("Breed")).to_have_value("Theirs")
    expect(page.get_by_text("unsaved")).to_have_count(0)
    now = stored(demo, pet)
    assert (now["breed"], now["weight_kg"], now["notes"]) == ("Theirs", 4, "only mine")


def test_what_only_one_has_changed_is_saved_beside_the_other(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Beside", breed="Collie", weight_kg=3)
    show(page, demo, *PETS, pet)
    page.get_by_label("Breed").fill("Mine")
    change(demo, pet, weight_kg=5)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("beside what somebody else has changed")).to_be_visible()
    expect(page.get_by_label("Weight (kg)")).to_have_value("5")
    assert (stored(demo, pet)["breed"], stored(demo, pet)["weight_kg"]) == ("Mine", 5)


def test_theirs_everywhere_stores_nothing(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Theirs", breed="Collie")
    show(page, demo, *PETS, pet)
    page.get_by_label("Breed").fill("Mine")
    change(demo, pet, breed="Theirs")
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Changed meanwhile")
    dialog.get_by_role("button", name="Go on editing").click()
    expect(page.get_by_label("Breed")).to_have_value("Mine")
    page.keyboard.press("Control+s")
    dialog.get_by_role("button", name="Theirs everywhere").click()
    dialog.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_label("Breed")).to_have_value("Theirs")
    expect(page.locator(".changes li")).to_have_count(2)


def test_an_opportunity_that_somebody_else_has_changed_is_not_overwritten(page: Page, demo: Demo) -> None:
    found = demo.ask("GET", f"/opportunities/search?location_id={demo.place}&limit=1")["opportunities"][0]
    deal = f"/opportunities/{found['id']}"
    show(page, demo, "o", "opportunity", found["id"])
    page.get_by_label("Name", exact=True).fill("Mine")
    demo.ask("PUT", deal, {"name": "Theirs", "monetaryValue": 4711})
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Changed meanwhile")
    expect(dialog.get_by_role("row", name="Name")).to_contain_text("Theirs")
    dialog.get_by_role("button", name="Save what is chosen").click()
    expect(dialog).to_have_count(0)
    stored = demo.ask("GET", deal)["opportunity"]
    assert (stored["name"], stored["monetaryValue"]) == ("Mine", 4711)
    demo.ask("PUT", deal, {"name": found["name"], "monetaryValue": found.get("monetaryValue", 0)})


def test_a_contact_that_somebody_else_has_changed_is_not_overwritten(page: Page, demo: Demo) -> None:
    contact = demo.ask("POST", "/contacts/", {"firstName": "Contested", "city": "Here"})["contact"]["id"]
    show(page, demo, "o", "contact", contact)
    page.get_by_label("City").fill("Mine")
    demo.ask("PUT", f"/contacts/{contact}", {"city": "Theirs"})
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Changed meanwhile")
    expect(dialog.get_by_role("row", name="City")).to_contain_text("Theirs")
    dialog.get_by_role("button", name="Save what is chosen").click()
    expect(dialog).to_have_count(0)
    assert demo.ask("GET", f"/contacts/{contact}")["contact"]["city"] == "Mine"


# --- deliveries ---------------------------------------------------------------------------------------------------


def test_what_was_sent_of_a_record_shows_on_its_page_and_is_sent_again(page: Page, demo: Demo) -> None:
    for other_hook in demo.ask("GET", f"/x/webhooks?locationId={demo.place}")["webhooks"]:
        demo.ask("DELETE", f"/x/webhooks/{other_hook['id']}")
    hook = demo.ask("POST", "/x/webhooks", {"url": "http://127.0.0.1:4/records", "events": ["RecordCreate"]})
    pet, other = new_pet(demo, name="Sent"), new_pet(demo, name="Other")
    show(page, demo, *PETS, pet)
    card = page.locator(".card", has=page.get_by_role("heading", name="Deliveries"))
    expect(card.get_by_text("RecordCreate")).to_have_count(1)
    card.get_by_role("button", name="1 attempt").click()
    expect(card.locator(".attempts li")).to_have_count(1)
    check_access(page)
    card.get_by_role("button", name="Replay RecordCreate").click()
    expect(page.get_by_text("Sent again")).to_be_visible()
    show(page, demo, "webhooks", query=f"id={hook['webhook']['id']}")
    page.get_by_role("checkbox", name="Choose all").check()
    page.get_by_role("button", name="Replay 2 chosen").click()
    expect(page.get_by_text("2 sent again")).to_be_visible()
    expect(page.get_by_role("region", name="Deliveries")).to_contain_text(other)
    page.get_by_role("combobox", name="State").select_option("delivered")
    expect(page.get_by_text("Nothing is delivered.")).to_be_visible()
    check_access(page)
    demo.ask("DELETE", f"/x/webhooks/{hook['webhook']['id']}")


# --- copies -------------------------------------------------------------------------------------------------------


def copied(page: Page, name: str) -> str:
    """What a button has put into the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("kind", ["curl", "Python", "JS"])
def test_a_copied_request_does_what_it_says(page: Page, demo: Demo, tmp_path: Path, kind: str) -> None:
    pet = new_pet(demo, name='It\'s "copied"', breed="Collie")
    show(page, demo, *PETS, pet)
    page.get_by_label("Breed").fill('It\'s a "Lurcher" – £5 \\ 日')
    program = copied(page, f"Copy as {kind}")
    assert demo.token not in program
    commands = {"curl": ["bash"], "Python": [sys.executable], "JS": [str(NODE)]}
    names = {"curl": "sent.sh", "Python": "sent.py", "JS": "sent.mjs"}
    (tmp_path / names[kind]).write_text(program, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "GHL_API_KEY": demo.token}
    done = subprocess.run(
        [*commands[kind], names[kind]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert stored(demo, pet)["breed"] == 'It\'s a "Lurcher" – £5 \\ 日', done.stdout
    page.get_by_role("button", name="Discard").click()


def test_a_logged_request_is_copied_in_each_language(page: Page, demo: Demo) -> None:
    demo.ask("POST", "/objects/custom_objects.pet/records", {"properties": {"name": "Copied", "species": "unicorn"}})
    page.clock.install()
    show(page, demo, "requests", query="refused=true")
    page.locator(".requests tbody tr", has_text="Species").first.click()
    for kind, part in (("curl", "-d '{"), ("Python", "httpx.request("), ("JS", "body: JSON.stringify({")):
        program = copied(page, f"Copy as {kind}")
        assert part in program
        assert "unicorn" in program
        page.clock.fast_forward(1_500)
        expect(page.get_by_role("button", name="Copied")).to_have_count(0)
    settle(page)


# --- requests -----------------------------------------------------------------------------------------------------


def test_a_request_is_found_by_its_trace(page: Page, demo: Demo) -> None:
    wrong = {"properties": {"name": "Traced", "species": "unicorn"}}
    trace = demo.ask("POST", "/objects/custom_objects.pet/records", wrong)["traceId"]
    demo.ask("POST", "/objects/custom_objects.pet/records", wrong)
    show(page, demo, "requests")
    page.keyboard.press("/")
    page.keyboard.type(trace, delay=5)
    expect(page.get_by_label("Search requests")).to_have_value(trace)
    expect(page.locator(".requests tbody tr")).to_have_count(1)
    page.reload()
    settle(page)
    page.locator(".requests tbody tr").click()
    expect(page.get_by_label("Request", exact=True)).to_contain_text(trace)
    page.get_by_label("Search requests").fill("nothing is called that")
    page.get_by_role("button", name="Clear search").click()
    expect(page.locator(".requests tbody tr").nth(1)).to_be_visible()


def test_too_many_requests_are_counted_down(page: Page, demo: Demo) -> None:
    def refuse(route: Route) -> None:
        headers = {"x-ratelimit-interval-milliseconds": "2000"}
        route.fulfill(status=429, headers=headers, json={"statusCode": 429, "message": "Too many requests"})

    page.route("**/records/search", refuse)
    page.clock.install()
    show(page, demo, *PETS)
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_disabled()
    expect(again).to_contain_text("in 2 s")
    page.unroute("**/records/search")
    for left in ("in 1 s", "Try again"):
        page.clock.fast_forward(1_000)
        expect(again).to_contain_text(left)
    expect(again).to_be_enabled()
    again.click()
    expect(page.get_by_role("grid")).to_be_visible()
