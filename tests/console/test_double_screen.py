"""The screen of the test double in a real browser, at a double of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.console.browser import Demo, serve_demo, settle, sign_in
from tests.console.test_screens import check_access
from tests.world import PET


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A double with the demo."""
    with serve_demo(tmp_path_factory.mktemp("double"), program="double") as found:
        yield found


@pytest.fixture(scope="module")
def signed_in(double: Demo, chromium: Browser) -> Iterator[Page]:
    """A page that the link of the double has signed in, as which every reset leaves it."""
    context = chromium.new_context(viewport={"width": 1360, "height": 820})
    yield sign_in(context, double)
    context.close()


@pytest.fixture
def screen(double: Demo, signed_in: Page) -> Page:
    """The screen, of a double that is as it started."""
    httpx.post(f"{double.url}/control/reset", json={}).raise_for_status()
    signed_in.unroute_all()
    open_screen(signed_in, double)
    return signed_in


def open_screen(page: Page, double: Demo) -> None:
    """Opens the screen anew."""
    page.goto("about:blank")
    page.goto(f"{double.url}/console/#/double")
    settle(page)


def card(page: Page, heading: str) -> Any:
    """A part of the screen."""
    return page.locator(".card", has=page.get_by_role("heading", name=heading, exact=True))


def test_the_screen_is_whole(screen: Page) -> None:
    expect(screen.get_by_role("heading", name="Test double")).to_be_visible()
    expect(card(screen, "Faults")).to_contain_text("Every request is answered as it should be")
    expect(card(screen, "Inboxes")).to_contain_text("/control/inbox/mine")
    check_access(screen)
    screen.get_by_role("button", name="Add a fault").click()
    check_access(screen)
    screen.keyboard.press("Escape")
    screen.set_viewport_size({"width": 390, "height": 780})
    assert screen.evaluate("document.documentElement.scrollWidth") <= 390
    screen.set_viewport_size({"width": 1360, "height": 820})


def test_a_checkpoint_is_taken_shows_changes_and_is_restored(screen: Page, double: Demo) -> None:
    screen.get_by_label("Name of the checkpoint").fill("before")
    screen.get_by_role("button", name="Take a checkpoint").click()
    row = screen.get_by_role("row", name=re.compile("before"))
    expect(row).to_be_visible()
    made = double.ask("POST", f"/objects/{PET}/records", {"properties": {"name": "Later", "species": "dog"}})
    path = f"/objects/{PET}/records/{made['record']['id']}"
    screen.get_by_role("button", name="Changes since before").click()
    dialog = screen.get_by_role("dialog")
    expect(dialog).to_contain_text("record created")
    expect(dialog).to_contain_text("Later")
    check_access(screen)
    screen.keyboard.press("Escape")
    screen.get_by_role("button", name="Restore before").click()
    expect(screen.get_by_role("status")).to_contain_text("As in before again")
    assert "record" not in double.ask("GET", path)
    screen.get_by_role("button", name="Changes since before").click()
    expect(screen.get_by_role("dialog")).to_contain_text("Nothing has changed")
    screen.keyboard.press("Escape")
    screen.get_by_role("button", name="Delete before").click()
    expect(row).to_have_count(0)


def test_everything_is_emptied_and_back(screen: Page, double: Demo) -> None:
    screen.get_by_role("button", name="Empty everything").click()
    expect(screen.get_by_role("status")).to_contain_text("Everything is empty")
    screen.get_by_role("link", name="Places").first.click()
    expect(screen.locator("main .place-tile")).to_have_count(0)
    open_screen(screen, double)
    screen.get_by_role("button", name="Reset to the seed").click()
    expect(screen.get_by_role("status")).to_contain_text("As when the server started")
    screen.goto(f"{double.url}/console/#/{double.place}/o/{PET}")
    expect(screen.get_by_role("gridcell", name="Nimbus")).to_be_visible()


def test_the_clock_is_moved_and_stopped(screen: Page, double: Demo) -> None:
    clock = card(screen, "Clock")
    clock.get_by_label("Advance by").fill("soon")
    clock.get_by_role("button", name="Advance").click()
    expect(screen.get_by_role("alert")).to_contain_text("must be a duration")
    clock.get_by_role("button", name="Freeze").click()
    expect(clock).to_contain_text("stands still")
    expect(screen.get_by_role("alert")).to_have_count(0)
    before = httpx.get(f"{double.url}/control/clock").json()["now"]
    clock.get_by_label("Advance by").fill("36h")
    clock.get_by_role("button", name="Advance").click()
    expect(screen.get_by_role("status")).to_contain_text("The clock has moved")
    assert httpx.get(f"{double.url}/control/clock").json()["now"] > before
    clock.get_by_role("button", name="Let it run").click()
    expect(clock).not_to_contain_text("stands still")


def test_faults_are_added_and_removed(screen: Page, double: Demo) -> None:
    faults = card(screen, "Faults")
    faults.get_by_role("button", name="Add a fault").click()
    dialog = screen.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Status").fill("999")
    dialog.get_by_label("Path").fill("/objects/*")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("textbox", name="Status").fill("503")
    dialog.get_by_role("button", name="Add").click()
    expect(faults).to_contain_text("status 503")
    expect(faults).to_contain_text("/objects/*")
    assert double.ask("GET", f"/objects/{PET}?locationId={double.place}")["statusCode"] == 503
    faults.get_by_label("Scenario").select_option("slow")
    expect(faults).to_contain_text("Every answer takes a second")
    faults.get_by_role("button", name="Use it").click()
    expect(faults.get_by_role("row")).to_have_count(4)
    expect(faults).to_contain_text("1 of 1")
    check_access(screen)
    faults.get_by_role("button", name="Remove fault").first.click()
    expect(faults.get_by_role("row")).to_have_count(3)
    faults.get_by_role("button", name="Remove all").click()
    expect(faults).to_contain_text("Every request is answered as it should be")


def test_an_inbox_shows_what_has_arrived(screen: Page, double: Demo) -> None:
    httpx.post(f"{double.url}/control/inbox/mine", json={"type": "RecordCreate", "id": "one"}).raise_for_status()
    open_screen(screen, double)
    screen.get_by_role("button", name="mine", exact=True).click()
    dialog = screen.get_by_role("dialog")
    expect(dialog).to_contain_text("signature missing")
    dialog.locator("summary").click()
    expect(dialog.locator("pre")).to_contain_text('"id": "one"')
    check_access(screen)
    screen.keyboard.press("Escape")
    screen.get_by_role("button", name="Empty mine").click()
    expect(card(screen, "Inboxes")).to_contain_text("No webhook has arrived")


def test_the_screen_says_why_it_cannot_be_shown(screen: Page, double: Demo) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    screen.route("**/console/control", fail)
    open_screen(screen, double)
    expect(screen.get_by_role("alert")).to_contain_text("The database is not available")
    screen.unroute("**/console/control")
    screen.get_by_role("button", name="Try again").click()
    expect(card(screen, "Clock")).to_be_visible()


def test_a_server_that_is_no_double_has_no_such_screen(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/console/#/double")
    expect(page.get_by_role("heading", name="Places")).to_be_visible()
    expect(page.get_by_role("link", name="Test double")).to_have_count(0)
