"""Makes the pictures of the console for the documentation, from the demo: `python -m checks.screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.console.browser import Demo, find_browser, open_browser, serve_demo, show, sign_in

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_RECORDS = "/objects/custom_objects.pet/records"


def main() -> int:
    """Writes the pictures; returns the exit status."""
    path = find_browser()
    if path is None:
        print("Chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, serve_demo(Path(directory)) as demo, open_browser(path) as browser:
        page = sign_in(browser.new_context(viewport={"width": 1280, "height": 760}), demo)
        take(page, demo)
    return 0


def take(page: Page, demo: Demo) -> None:
    """Takes one picture of each screen that the documentation shows."""
    search = {"page": 1, "pageLimit": 20, "query": "pepper"}
    pet = demo.ask("POST", f"{_RECORDS}/search", search)["records"][0]["id"]
    association = {
        "key": "pet_keeper",
        "firstObjectLabel": "Pet",
        "firstObjectKey": "custom_objects.pet",
        "secondObjectLabel": "Keeper",
        "secondObjectKey": "contact",
    }
    association_id = demo.ask("POST", "/associations/", association)["id"]
    contact = demo.ask("POST", "/contacts/search", {"page": 1, "pageLimit": 1})["contacts"][0]["id"]
    relation = {"associationId": association_id, "firstRecordId": pet, "secondRecordId": contact}
    demo.ask("POST", "/associations/relations", relation)
    demo.ask("GET", f"/objects/?locationId={demo.place}")
    demo.ask("POST", _RECORDS, {"properties": {"name": "Max", "species": "dog", "weight_kg": "heavy"}})
    demo.ask("POST", f"{_RECORDS}/search", {**search, "filters": []})
    screens = {
        "records": ("o", "custom_objects.pet"),
        "record": ("o", "custom_objects.pet", pet),
        "schema": ("schema", "custom_objects.pet"),
        "requests": ("requests",),
    }
    for name, parts in screens.items():
        show(page, demo, *parts)
        if name == "requests":
            page.locator(".requests tbody tr", has_text="expected a number").first.click()
        page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
