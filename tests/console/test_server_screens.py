"""The screens of the server in a real browser: operators, apps, places, settings with backups, and the first set-up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.console.browser import Demo, settle
from tests.console.test_screens import check_access
from tests.world import PATIENCE_SECONDS

PASSWORD = "a long enough password"


def open_screen(page: Page, demo: Demo, name: str) -> None:
    """Opens a screen of the server."""
    page.goto(f"{demo.url}/console/#/{name}")
    settle(page)


def test_an_operator_is_made_signs_in_and_is_removed(page: Page, demo: Demo, chromium: Browser) -> None:
    open_screen(page, demo, "operators")
    page.get_by_role("button", name="New operator").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="E-mail").first.fill("eve@example.com")
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("radio", name="viewer").check()
    check_access(page)
    dialog.get_by_role("button", name="Create operator").click()
    row = page.get_by_role("row", name="eve@example.com")
    expect(row).to_contain_text("viewer")
    check_access(page)
    context = chromium.new_context()
    other = context.new_page()
    other.goto(f"{demo.url}/console/")
    other.get_by_label("E-mail").fill("eve@example.com")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("link", name="Settings")).to_be_visible()
    expect(other.get_by_role("link", name="Operators")).to_have_count(0)
    other.goto(f"{demo.url}/console/#/{demo.place}/o/custom_objects.pet")
    expect(other.get_by_role("grid")).to_be_visible()
    expect(other.get_by_role("button", name="New pet")).to_have_count(0)
    page.get_by_role("button", name="Edit eve@example.com").click()
    page.get_by_label("Only some places").check()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("group", name="Reaches").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Harbour Lane")
    page.get_by_role("button", name="Remove eve@example.com").click()
    page.get_by_role("button", name="Remove operator").click()
    expect(row).to_have_count(0)
    other.reload()
    expect(other.get_by_role("heading", name="As an operator")).to_be_visible()
    context.close()


def test_an_app_is_made_installed_and_deleted(page: Page, demo: Demo) -> None:
    open_screen(page, demo, "apps")
    page.get_by_role("button", name="New app").click()
    page.get_by_label("Name").fill("Pet tags")
    page.get_by_label("Redirect URIs").fill("javascript:alert(1)")
    page.get_by_role("button", name="Create app").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("redirect URI")
    page.get_by_label("Redirect URIs").fill("https://tags.example.com/back")
    page.get_by_role("button", name="Create app").click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"client secret  [0-9a-f]{64}"))
    check_access(page)
    page.get_by_role("button", name="Done").click()
    card = page.get_by_role("region", name="Pet tags")
    card.get_by_role("button", name="Install…").click()
    page.get_by_role("dialog").get_by_role("button", name="Harbour Lane").click()
    expect(card.get_by_role("button", name="Uninstall from Harbour Lane")).to_be_visible()
    check_access(page)
    card.get_by_role("button", name="Uninstall from Harbour Lane").click()
    expect(card).to_contain_text("Nowhere yet")
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete app").click()
    expect(card).to_have_count(0)


def test_a_place_is_made_renamed_archived_and_brought_back(page: Page, demo: Demo) -> None:
    open_screen(page, demo, "places")
    page.get_by_role("button", name="New place").click()
    page.get_by_label("Name").fill("Second clinic")
    page.get_by_role("button", name="Create place").click()
    expect(page.get_by_role("heading", name="Second clinic")).to_be_visible()
    open_screen(page, demo, "places")
    page.get_by_role("button", name="Edit Second clinic").click()
    page.get_by_label("Name").fill("Third clinic")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("button", name="Edit Third clinic").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("link", name="Third clinic")).to_have_count(0)
    page.get_by_label(re.compile(r"Archived \(\d+\)")).check()
    expect(page.get_by_role("link", name="Third clinic")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Edit Third clinic").click()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # Other tests leave archived places behind, and then the tick stays: a page loaded anew shows what is not archived.
    page.reload()
    settle(page)
    expect(page.get_by_role("link", name="Third clinic")).to_be_visible()


def test_a_backup_is_made_and_downloaded(page: Page, demo: Demo) -> None:
    open_screen(page, demo, "settings")
    page.get_by_role("button", name="Back up now").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").first.click()
    assert saved.value.suggested_filename.startswith("groundlevel-")
    assert saved.value.path().read_bytes()[:2] == b"\x1f\x8b"
    expect(page.get_by_role("region", name="Backups")).to_contain_text(re.compile("[KM]B"))
    page.get_by_text("All settings").click()
    expect(page.get_by_role("row", name="port TCP port")).to_contain_text("--port")
    check_access(page)


@pytest.mark.parametrize("name", ["operators", "apps", "settings"])
def test_a_screen_of_the_server_that_fails_says_why(page: Page, demo: Demo, name: str) -> None:
    path = f"**/console/{'server' if name == 'settings' else name}"

    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.route(path, fail)
    open_screen(page, demo, name)
    expect(page.get_by_role("alert")).to_contain_text("The database is not available")
    check_access(page)
    page.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("name", ["operators", "apps", "settings", "places"])
def test_a_phone_is_wide_enough_for_the_server(page: Page, demo: Demo, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    open_screen(page, demo, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# --- the first set-up ---------------------------------------------------------------------------------------------


def test_the_first_operator_is_made_and_makes_a_place(chromium: Browser, fresh: dict[str, Any]) -> None:
    assert "#setup=" in fresh["console"]
    context = chromium.new_context()
    page = context.new_page()
    page.goto(fresh["console"])
    expect(page.get_by_role("heading", name="Set up GroundLevel")).to_be_visible()
    assert "setup" not in page.url, "the code does not stay in the address"
    check_access(page)
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("textbox", name="Password", exact=False).first.fill(PASSWORD)
    page.get_by_label("The password again").fill("something else")
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    expect(page.get_by_role("button", name="Set up")).to_be_disabled()
    page.get_by_label("The password again").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="No place yet")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Create the first place").click()
    page.get_by_label("Name").fill("First")
    page.get_by_role("button", name="Create place").click()
    expect(page.get_by_role("heading", name="First")).to_be_visible()
    context.close()


def test_a_backup_is_restored_instead(
    page: Page, demo: Demo, chromium: Browser, fresh: dict[str, Any], tmp_path: Path
) -> None:
    open_screen(page, demo, "settings")
    page.get_by_role("button", name="Back up now").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").first.click()
    context = chromium.new_context()
    other = context.new_page()
    other.goto(fresh["console"])
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(saved.value.path().read_bytes()[:-100])
    other.get_by_label("A file that groundlevel backup wrote").set_input_files(damaged)
    other.get_by_role("button", name="Restore").click()
    expect(other.get_by_role("alert")).to_be_visible()
    whole = tmp_path / "whole.tar.gz"
    whole.write_bytes(saved.value.path().read_bytes())
    other.get_by_label("A file that groundlevel backup wrote").set_input_files(whole)
    other.get_by_role("button", name="Restore").click()
    sound = other.get_by_role("heading", name="The backup is sound")
    expect(sound).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    check_access(other)
    assert httpx.get(f"{fresh['url']}/ready").status_code == 200
    context.close()
