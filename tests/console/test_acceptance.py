"""What the console has to keep at any size, for any keyboard and against any text, in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, Route, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_data_screens import write_file
from tests.console.test_screens import HOSTILE, SCREENS, check_access, new_pet

USUAL, MILLION, SCROLLED = 20_000, 1_000_000, 5_000
MOST_NODES, MOST_HEAP = 4_000, 15 * 1024 * 1024
SERVER_SCREENS = ("places", "operators", "apps", "settings")
TICKETS = "custom_objects.ticket"


def make_place(demo: Demo, page: Page, name: str) -> str:
    """The id of a new location."""
    answer = page.request.post(
        f"{demo.url}/console/places", data={"name": name}, headers={"X-GroundLevel-Console": "1", "Origin": demo.url}
    )
    return str(answer.json()["place"]["id"])


def open_screen(page: Page, demo: Demo, place: str, *parts: str) -> None:
    """Opens a screen of a place."""
    page.goto(f"{demo.url}/console/#/{'/'.join((place, *parts))}")
    settle(page)


# --- size ---------------------------------------------------------------------------------------------------------


def fill_tickets(demo: Demo, many: int) -> None:
    """An object with so many records."""
    details = {"key": "name", "name": "Name", "dataType": "TEXT"}
    labels = {"singular": "Ticket", "plural": "Tickets"}
    demo.ask("POST", "/objects/", {"labels": labels, "key": "ticket", "primaryDisplayPropertyDetails": details})
    headers = {"Authorization": f"Bearer {demo.token}", "Version": "2021-07-28", "Content-Type": "application/x-ndjson"}
    path = f"/x/objects/{TICKETS}/records/bulk?locationId={demo.place}&chunk=1000"
    for first in range(0, many, USUAL):
        numbers = range(first, first + USUAL)
        lines = "\n".join(json.dumps({"properties": {"name": f"Ticket {number:07}"}}) for number in numbers)
        httpx.post(demo.url + path, content=lines, headers=headers, timeout=120).raise_for_status()


def test_a_very_long_list_takes_few_nodes_and_little_memory(page: Page, demo: Demo, long: bool) -> None:
    many = MILLION if long else USUAL
    fill_tickets(demo, many)
    show(page, demo, "o", TICKETS, query="s=name")
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(many + 1))
    assert page.get_by_role("grid").count() == 1
    probe = page.context.new_cdp_session(page)
    probe.send("Performance.enable")

    def heap() -> float:
        probe.send("HeapProfiler.collectGarbage")
        metrics = probe.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"))

    page.locator("[data-cell='0,0']").focus()
    for shown in range(100, SCROLLED + 1, 100):
        page.wait_for_function("n => document.querySelector('.grid-body').offsetHeight >= n * 36", arg=shown)
        page.keyboard.press("Control+End")
    expect(page.locator(f"[aria-rowindex='{SCROLLED + 1}']")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") <= MOST_NODES
    assert heap() <= MOST_HEAP
    page.keyboard.press("Control+Home")
    expect(page.locator("[data-cell='0,0']")).to_be_focused()


# --- the keyboard alone -------------------------------------------------------------------------------------------


def test_a_record_is_found_mended_linked_and_led_back_by_keys_alone(page: Page, demo: Demo) -> None:
    association = {
        "key": "pet_groomer",
        "firstObjectLabel": "Groomed pet",
        "firstObjectKey": "custom_objects.pet",
        "secondObjectLabel": "Groomer",
        "secondObjectKey": "contact",
    }
    made = demo.ask("POST", "/associations/", association)
    pet = new_pet(demo, name="Keysonly", weight_kg=3)
    show(page, demo)

    def reach(name: str, role: Any = "button") -> None:
        """Goes by Tab to a control."""
        wanted = page.get_by_role(role, name=name).first
        for _ in range(120):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {name}")

    reach("Pets", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("grid")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("Keysonly", delay=10)
    expect(page.locator(".head-title .quiet")).to_have_text("1")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.cell") is not None:
            break
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.type("heavy")
    page.keyboard.press("Enter")
    cell = page.locator("[data-cell='0,5']")
    expect(cell.get_by_role("alert")).to_contain_text("expected a number")
    page.keyboard.press("F2")
    page.keyboard.type("4.5")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("4.5")
    page.keyboard.press("Control+z")
    expect(cell).to_have_text("3")
    page.keyboard.press(" ")
    expect(page.get_by_role("heading", name="Keysonly")).to_be_visible()
    settle(page)
    reach("Link groomer…")
    page.keyboard.press("Enter")
    reach("Elowen Trask")
    page.keyboard.press("Enter")
    expect(page.locator(".related", has_text="Groomer").get_by_role("link")).to_have_text("Elowen Trask")
    expect(page.locator(".changes li")).to_have_count(3)
    reach("Restore version 2")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    while not dialog.get_by_role("button", name="Restore").evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Weight (kg)")).to_have_value("4.5")
    record = demo.ask("GET", f"/objects/custom_objects.pet/records/{pet}?locationId={demo.place}")["record"]
    assert record["properties"]["weight_kg"] == 4.5
    demo.ask("DELETE", f"/associations/{made['id']}")


# --- every screen -------------------------------------------------------------------------------------------------


def test_hostile_texts_are_texts_on_every_screen(page: Page, demo: Demo) -> None:
    details = {"key": "name", "name": HOSTILE, "dataType": "TEXT"}
    labels = {"singular": HOSTILE, "plural": HOSTILE}
    hostile = {"labels": labels, "key": "hostile", "description": HOSTILE, "primaryDisplayPropertyDetails": details}
    demo.ask("POST", "/objects/", hostile)
    key = "custom_objects.hostile"
    association = {
        "key": "hostile_contact",
        "firstObjectLabel": HOSTILE,
        "firstObjectKey": key,
        "secondObjectLabel": f"{HOSTILE} too",
        "secondObjectKey": "contact",
    }
    demo.ask("POST", "/associations/", association)
    body = {"properties": {"name": HOSTILE}}
    record = str(demo.ask("POST", f"/objects/{key}/records", body)["record"]["id"])
    demo.ask("POST", "/contacts/", {"firstName": HOSTILE, "email": "hostile@example.com"})
    own = {"X-GroundLevel-Console": "1", "Origin": demo.url}
    tokens = {"name": HOSTILE, "locationId": demo.place}
    page.request.post(f"{demo.url}/console/tokens", data=tokens, headers=own)
    app = {"name": HOSTILE, "redirectUris": ["https://app.example.com/back"]}
    page.request.post(f"{demo.url}/console/apps", data=app, headers=own)
    place = make_place(demo, page, HOSTILE)
    for parts in [*SCREENS.values(), ("o", key), ("o", key, record), ("schema", key)]:
        open_screen(page, demo, demo.place, *parts)
        assert page.locator("img").count() == 0, parts
    open_screen(page, demo, place)
    for name in SERVER_SCREENS:
        page.goto(f"{demo.url}/console/#/{name}")
        settle(page)
        assert page.locator("img").count() == 0, name
    page.request.put(f"{demo.url}/console/places/{place}", data={"archived": True}, headers=own)
    demo.ask("DELETE", f"/objects/{key}?locationId={demo.place}")


def test_every_screen_of_an_empty_place_says_what_to_do(page: Page, demo: Demo) -> None:
    place = make_place(demo, page, "Empty")
    screens = [parts for parts in SCREENS.values() if "custom_objects.pet" not in parts]
    for parts in [*screens, ("o", "business")]:
        open_screen(page, demo, place, *parts)
        expect(page.locator("main [role=alert]")).to_have_count(0)
        assert page.locator("main").inner_text().strip(), parts
        check_access(page)


def test_every_screen_that_fails_says_why(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Failing")

    def fail(route: Route) -> None:
        if re.search(r"/console/(assets/|session|#|$)", route.request.url):
            route.continue_()
        else:
            route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.goto(f"{demo.url}/console/#/places")
    settle(page)
    page.route("**/*", fail)
    hashes = ["/".join((demo.place, *parts)) for parts in [*SCREENS.values(), ("o", "custom_objects.pet", pet)]]
    for hash_ in [*hashes, *SERVER_SCREENS[1:]]:
        page.evaluate("hash => { location.hash = hash }", f"#/{hash_}")
        expect(page.locator("main [role=alert]").first).to_contain_text("The database is not available")
        check_access(page)
    page.unroute("**/*")


# --- a person's journey -------------------------------------------------------------------------------------------


def test_a_person_goes_from_the_first_run_to_a_backup(chromium: Browser, fresh: dict[str, Any], tmp_path: Path) -> None:
    page = chromium.new_context(viewport={"width": 1360, "height": 820}).new_page()

    # The first run: an operator, a place, and an object from a template.
    page.goto(fresh["console"])
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("textbox", name="Password", exact=False).first.fill("a long enough password")
    page.get_by_label("The password again").fill("a long enough password")
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("button", name="Create the first place").click()
    page.get_by_label("Name").fill("A journey")
    page.get_by_role("button", name="Create place").click()
    expect(page.get_by_role("heading", name="A journey")).to_be_visible()
    place = page.url.rpartition("/")[2]
    demo = Demo(fresh["url"], "", place, fresh["console"], tmp_path)
    page.get_by_role("link", name="Create an object").click()
    page.get_by_role("button", name="New object").click()
    page.get_by_role("button", name="Policy").click()
    page.get_by_role("button", name="Create object").click()
    expect(page.get_by_role("row", name="Premium")).to_be_visible()

    # A file comes in; one row is refused, corrected and imported.
    open_screen(page, demo, place, "import")
    sheet = write_file(tmp_path, "Number,Premium\nP 1,100\nP 2,dear\nP 3,300\n", "policies.csv")
    page.get_by_label("File", exact=True).set_input_files(sheet)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_role("button", name="Import 2 rows").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Refused rows as CSV").click()
    mended = saved.value.path().read_text(encoding="utf-8").replace("dear", "200")
    open_screen(page, demo, place, "import")
    page.get_by_label("File", exact=True).set_input_files(write_file(tmp_path, mended, "policies.csv.errors.csv"))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_role("link", name="Show the records")).to_be_visible()

    # Objects are connected, and a policy is linked to a new contact.
    open_screen(page, demo, place, "o", "contact")
    page.get_by_role("button", name="New contact").first.click()
    page.get_by_role("dialog").get_by_label("First name", exact=True).fill("Ines")
    page.get_by_role("dialog").get_by_label("E-mail", exact=True).fill("ines@example.com")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Ines")).to_be_visible()
    open_screen(page, demo, place, "associations")
    page.get_by_role("button", name="Connect two objects").click()
    page.get_by_role("dialog").get_by_role("button", name="Connect").click()
    open_screen(page, demo, place, "o", "custom_objects.policy")
    expect(page.locator(".head-title .quiet")).to_have_text("3")
    page.get_by_role("gridcell", name="P 2").click()
    page.keyboard.press(" ")
    settle(page)
    policy = page.url.rpartition("open=")[2]
    page.get_by_role("button", name="Link contact…").click()
    page.get_by_role("dialog").get_by_role("button", name="Ines").click()
    expect(page.locator(".related").get_by_role("link", name="Ines")).to_be_visible()

    # A program gets a token, is refused, and its request says why; what it changes is sent to a webhook, again too.
    open_screen(page, demo, place, "webhooks")
    page.get_by_role("button", name="Add a URL").click()
    page.get_by_role("textbox", name="URL").fill("http://127.0.0.1:4/hook")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    open_screen(page, demo, place, "tokens")
    page.get_by_role("button", name="New token").click()
    page.get_by_label("Name").fill("for n8n")
    page.get_by_role("button", name="Create token").click()
    found = re.search(r"pit-[\w-]+", page.get_by_role("dialog").locator("pre").inner_text())
    assert found is not None
    token, path = found.group(), "/objects/custom_objects.policy/records"
    wrong = {"locationId": place, "properties": {"number": "P 4", "premium": "cheap"}}
    assert "premium" in str(demo.ask("POST", path, wrong, token=token)).lower()
    demo.ask("POST", path, {**wrong, "properties": {"number": "P 4", "premium": 400}}, token=token)
    open_screen(page, demo, place, "requests")
    page.get_by_label("Refused only").check()
    page.locator(".requests tbody tr", has_text="custom_objects.policy").first.click()
    expect(page.get_by_label("Request", exact=True).locator(".problem")).to_contain_text("Premium")
    open_screen(page, demo, place, "webhooks")
    page.get_by_role("button", name="Replay").first.click()
    expect(page.get_by_text("Sent again")).to_be_visible()

    # A record is deleted and comes back, and everything is backed up.
    open_screen(page, demo, place, "o", "custom_objects.policy", policy)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("grid")).to_be_visible()
    open_screen(page, demo, place, "bin")
    page.get_by_role("button", name="Restore P 2").click()
    expect(page.get_by_role("heading", name="P 2")).to_be_visible()
    expect(page.locator(".related").get_by_role("link", name="Ines")).to_be_visible()
    page.goto(f"{demo.url}/console/#/settings")
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_role("region", name="Backups")).to_contain_text(re.compile("[KM]B"))
