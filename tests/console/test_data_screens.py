"""The screens that connect objects and bring data in, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_screens import HOSTILE, PETS, check_access, new_pet

SHEET = "Name,Species,Weight (kg)\nImported One,dog,12\nImported Two,dog,heavy\nImported Three,cat,4.5\n"


def write_file(directory: Path, content: str, name: str = "pets.csv") -> Path:
    """A file to be uploaded."""
    path = directory / name
    path.write_text(content, encoding="utf-8")
    return path


def upload(page: Page, demo: Demo, path: Path) -> None:
    """Uploads a file into the pets, and waits until its columns are shown."""
    show(page, demo, "import")
    page.get_by_label("Into").select_option("custom_objects.pet")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Which field does each column fill?")).to_be_visible()


# --- associations -------------------------------------------------------------------------------------------------


def test_objects_are_connected_relabelled_and_parted(page: Page, demo: Demo) -> None:
    show(page, demo, "associations")
    page.get_by_role("button", name="Connect two objects").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="First object").select_option("custom_objects.visit")
    dialog.get_by_role("combobox", name="Second object").select_option("contact")
    dialog.get_by_label("Its records are called").nth(1).fill("Payer")
    dialog.get_by_label("How many").select_option("MANY_TO_ONE")
    expect(dialog.get_by_label("Key")).to_have_value("visit_payer")
    check_access(page)
    dialog.get_by_role("button", name="Connect").click()
    row = page.get_by_role("row", name="visit_payer")
    expect(row).to_contain_text("n : 1")
    expect(row).to_contain_text("Each visit has one payer")
    expect(page.get_by_role("img", name="associations between them")).to_contain_text("Visit")
    check_access(page)
    page.get_by_role("button", name="Edit visit_payer").click()
    page.get_by_label("Second label").fill("Visit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("label")
    page.get_by_label("Second label").fill("Who pays")
    page.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Who pays")
    page.get_by_role("button", name="Delete visit_payer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete association")).to_be_disabled()
    dialog.get_by_label("Type visit_payer to go on").fill("visit_payer")
    dialog.get_by_role("button", name="Delete association").click()
    expect(row).to_have_count(0)


def test_a_record_shows_how_many_relations_it_may_still_have(page: Page, demo: Demo) -> None:
    association = {
        "key": "pet_walker",
        "firstObjectLabel": "Walked pet",
        "firstObjectKey": "custom_objects.pet",
        "secondObjectLabel": "Walker",
        "secondObjectKey": "contact",
        "firstObjectToSecondObjectCardinality": "MANY_TO_ONE",
    }
    made = demo.ask("POST", "/associations/", association)
    pet = new_pet(demo, name="Walked")
    show(page, demo, *PETS, pet)
    group = page.locator(".related", has_text="Walker")
    expect(group).to_contain_text("0 of at most 1, 1 more possible")
    group.get_by_role("button", name="Link walker").click()
    expect(page.get_by_role("dialog")).to_contain_text("0 of at most 1")
    page.get_by_role("dialog").get_by_role("button", name="Elowen Trask").click()
    expect(group).to_contain_text("1 of at most 1, no more possible")
    expect(group.get_by_role("button", name="Link walker")).to_be_disabled()
    show(page, demo, "associations")
    expect(page.get_by_role("row", name="pet_walker")).to_contain_text("1")
    demo.ask("DELETE", f"/associations/{made['id']}")


def test_both_sides_of_an_object_with_itself_are_shown(page: Page, demo: Demo) -> None:
    association = {
        "key": "pet_parent",
        "firstObjectLabel": "Parent",
        "firstObjectKey": "custom_objects.pet",
        "secondObjectLabel": "Child",
        "secondObjectKey": "custom_objects.pet",
    }
    made = demo.ask("POST", "/associations/", association)
    parent, child = new_pet(demo, name="The parent"), new_pet(demo, name="The child")
    ends = {"associationId": made["id"], "firstRecordId": parent, "secondRecordId": child}
    demo.ask("POST", "/associations/relations", ends)
    show(page, demo, *PETS, parent)
    expect(page.locator(".related", has_text="Child")).to_contain_text("The child")
    expect(page.locator(".related", has_text="Parent")).to_contain_text("None")
    show(page, demo, *PETS, child)
    expect(page.locator(".related", has_text="Parent")).to_contain_text("The parent")
    expect(page.locator(".related", has_text="Child")).to_contain_text("None")
    demo.ask("DELETE", f"/associations/{made['id']}")


# --- import -------------------------------------------------------------------------------------------------------


def test_a_file_is_checked_imported_and_its_refused_rows_are_saved(page: Page, demo: Demo, tmp_path: Path) -> None:
    upload(page, demo, write_file(tmp_path, SHEET))
    expect(page.get_by_label("Field for Weight (kg)")).to_have_value("weight_kg")
    check_access(page)
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("region", name="Refused rows")).to_contain_text("expected a plain decimal number")
    expect(page.get_by_role("region", name="Refused rows").get_by_role("row").nth(1)).to_contain_text("3")
    check_access(page)
    page.reload()
    settle(page)
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("link", name="Show the records")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Refused rows as CSV").click()
    assert saved.value.suggested_filename == "pets.csv.errors.csv"
    text = saved.value.path().read_text(encoding="utf-8")
    assert text.splitlines()[1].endswith("Imported Two,dog,heavy")
    page.get_by_role("link", name="Show the records").click()
    settle(page)
    page.keyboard.press("/")
    page.keyboard.type("Imported")
    expect(page.get_by_role("gridcell", name="Imported Three").first).to_be_visible()


def test_records_are_recognised_and_columns_become_fields(page: Page, demo: Demo, tmp_path: Path) -> None:
    new_pet(demo, name="Known")
    sheet = "Name,Species,Nickname\nKnown,dog,Nick\nNew one,cat,Newt\n"
    upload(page, demo, write_file(tmp_path, sheet))
    expect(page.get_by_label("Field for Nickname")).to_have_value("")
    page.get_by_label("Field for Nickname").select_option("nickname")
    page.get_by_label("Type of Nickname").select_option("TEXT")
    page.get_by_label("Recognise records by").select_option("name")
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("link", name="Show the records")).to_be_visible()
    expect(page.locator(".figure", has_text="updated")).to_contain_text("1")
    search = {"page": 1, "pageLimit": 1, "query": "Known"}
    found = demo.ask("POST", "/objects/custom_objects.pet/records/search", search)
    assert found["records"][0]["properties"]["nickname"] == "Nick"


def test_an_object_is_made_from_a_file(page: Page, demo: Demo, tmp_path: Path) -> None:
    show(page, demo, "import")
    page.get_by_label("Into").select_option("")
    page.get_by_label("One is called").fill("Boat")
    page.get_by_label("File", exact=True).set_input_files(write_file(tmp_path, "Hull,Length\nB 1,12\n", "boats.csv"))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_role("button", name="Import 1 row").click()
    page.get_by_role("link", name="Show the records").click()
    expect(page.get_by_role("gridcell", name="B 1")).to_be_visible()
    expect(page.get_by_role("link", name="Boats")).to_be_visible()


def test_a_file_that_cannot_be_read_says_why(page: Page, demo: Demo, tmp_path: Path) -> None:
    show(page, demo, "import")
    page.get_by_label("File", exact=True).set_input_files(write_file(tmp_path, 'name\n"Rex\n'))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2: a quotation mark opens a cell and is never closed")
    check_access(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Upload a file")).to_be_visible()
    page.get_by_label("File", exact=True).set_input_files(write_file(tmp_path, "name\n", "pets.xls"))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("name must end in one of")


def test_texts_of_a_file_are_texts(page: Page, demo: Demo, tmp_path: Path) -> None:
    upload(page, demo, write_file(tmp_path, f'{HOSTILE},name\n"{HOSTILE}",{HOSTILE}\n'))
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", name="Refused rows")).to_be_visible()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(
    ("screen", "path"),
    [("associations", "**/x/associations/usage*"), ("import", "**/x/imports*")],
)
def test_a_screen_that_fails_says_why_and_can_be_tried_again(page: Page, demo: Demo, screen: str, path: str) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    page.route(path, fail)
    show(page, demo, screen)
    expect(page.get_by_role("alert")).to_contain_text("The database is not available")
    check_access(page)
    page.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
