"""The grid as a spreadsheet in a real browser: ranges, clipboard, undo, columns, views, and many records at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_screens import PETS, check_access, new_pet

RECORDS = "/objects/custom_objects.pet/records"


def make_pets(demo: Demo, name: str, number: int) -> list[str]:
    """The ids of new pets, which a search for the name finds."""
    return [new_pet(demo, name=f"{name} {count}", weight_kg=count) for count in range(number)]


def properties_of(demo: Demo, pet: str) -> dict[str, Any]:
    """What is stored of a pet."""
    found = demo.ask("GET", f"{RECORDS}/{pet}?locationId={demo.place}")
    return dict(found["record"]["properties"])


def show_pets(page: Page, demo: Demo, name: str) -> None:
    """The pets of a name, by name, with the keyboard in the first cell."""
    show(page, demo, *PETS, query=f"q={name}&s=name")
    expect(page.locator("[data-cell='0,0']")).to_contain_text(f"{name} 0")
    page.locator("[data-cell='0,0']").focus()


def column_of(page: Page, name: str) -> int:
    """The place of a column among those of fields."""
    heads = page.locator("[role=columnheader]").all_inner_texts()
    return [head.strip(" ↑↓") for head in heads].index(name) - 1


def paste(page: Page, text: str) -> None:
    """Pastes a text that another program has copied."""
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const how = { clipboardData, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )


def copied(page: Page) -> str:
    """What a copy of the selection gives to other programs."""
    return str(
        page.evaluate(
            """() => {
                const clipboardData = new DataTransfer();
                const how = { clipboardData, bubbles: true, cancelable: true };
                document.activeElement.dispatchEvent(new ClipboardEvent("copy", how));
                return clipboardData.getData("text/plain");
            }"""
        )
    )


def test_a_range_is_selected_with_shift_and_copied_as_a_table(page: Page, demo: Demo) -> None:
    make_pets(demo, "Ranged", 3)
    show_pets(page, demo, "Ranged")
    assert copied(page) == "Ranged 0"
    for key in ("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".cell.selected")).to_have_count(9)
    lines = copied(page).split("\n")
    assert [line.split("\t")[0] for line in lines] == ["Ranged 0", "Ranged 1", "Ranged 2"]
    assert {line.split("\t")[column_of(page, "Species")] for line in lines} == {"Dog"}
    check_access(page)
    page.keyboard.press("Escape")
    expect(page.locator(".cell.selected")).to_have_count(0)
    page.locator("[data-cell='0,0']").click()
    page.locator("[data-cell='1,1']").click(modifiers=["Shift"])
    expect(page.locator(".cell.selected")).to_have_count(4)


def test_a_table_is_pasted_undone_and_refused_cell_by_cell(page: Page, demo: Demo) -> None:
    pets = make_pets(demo, "Pasted", 3)
    show_pets(page, demo, "Pasted")
    weight = column_of(page, "Weight (kg)")
    page.locator(f"[data-cell='0,{weight}']").focus()
    paste(page, "10\r\n20\r\nheavy\r\n")
    expect(page.locator(f"[data-cell='1,{weight}']")).to_have_text("20")
    expect(page.locator(f"[data-cell='2,{weight}']").get_by_role("alert")).to_contain_text("number")
    expect(page.get_by_text("2 records changed, 1 refused")).to_be_visible()
    assert [properties_of(demo, pet)["weight_kg"] for pet in pets] == [10, 20, 2]
    page.keyboard.press("Control+z")
    expect(page.locator(f"[data-cell='1,{weight}']")).to_have_text("1")
    assert [properties_of(demo, pet)["weight_kg"] for pet in pets] == [0, 1, 2]
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Nothing to undo")).to_be_visible()


def test_options_are_pasted_by_their_labels_and_one_cell_fills_a_range(page: Page, demo: Demo) -> None:
    pets = make_pets(demo, "Filled", 3)
    show_pets(page, demo, "Filled")
    species = column_of(page, "Species")
    page.locator(f"[data-cell='0,{species}']").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    paste(page, "Cat")
    expect(page.locator(f"[data-cell='2,{species}']")).to_have_text("Cat")
    assert [properties_of(demo, pet)["species"] for pet in pets] == ["cat"] * 3


def test_a_text_with_tabs_and_lines_goes_there_and_back(page: Page, demo: Demo) -> None:
    pets = make_pets(demo, "Quoted", 2)
    show_pets(page, demo, "Quoted")
    breed = column_of(page, "Breed")
    page.locator(f"[data-cell='0,{breed}']").focus()
    text = 'a\tb "c"'
    paste(page, '"a\tb ""c"""\nplain')
    expect(page.locator(f"[data-cell='1,{breed}']")).to_have_text("plain")
    assert properties_of(demo, pets[0])["breed"] == text
    assert copied(page) == '"a\tb ""c"""\nplain'


def test_delete_clears_a_range_and_undo_brings_it_back(page: Page, demo: Demo) -> None:
    pets = make_pets(demo, "Cleared", 2)
    show_pets(page, demo, "Cleared")
    weight = column_of(page, "Weight (kg)")
    page.locator(f"[data-cell='0,{weight}']").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    expect(page.locator(f"[data-cell='1,{weight}']")).to_have_text("")
    assert all("weight_kg" not in properties_of(demo, pet) for pet in pets)
    page.keyboard.press("Control+z")
    expect(page.locator(f"[data-cell='1,{weight}']")).to_have_text("1")
    assert [properties_of(demo, pet)["weight_kg"] for pet in pets] == [0, 1]


def test_columns_are_ordered_hidden_and_kept(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS)
    page.get_by_role("button", name="Columns").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="Breed").uncheck()
    for _ in range(column_of(page, "Species")):
        dialog.get_by_role("button", name="Move Species up").click()
    dialog.get_by_label("Stay in sight at the left").select_option("2")
    check_access(page)
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("columnheader", name="Breed")).to_have_count(0)
    assert column_of(page, "Species") == 0
    page.reload()
    settle(page)
    assert column_of(page, "Species") == 0
    expect(page.locator(".grid-head .frozen")).to_have_count(2)
    page.locator(".grid").evaluate("grid => { grid.scrollLeft = 400 }")
    left = page.locator(".grid-head .frozen").nth(1).evaluate("cell => cell.getBoundingClientRect().left")
    edge = page.locator(".grid").evaluate("grid => grid.getBoundingClientRect().left")
    assert left - edge < 400
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="As at first").click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("columnheader", name="Breed")).to_be_visible()


def test_a_view_is_saved_opened_and_deleted(page: Page, demo: Demo) -> None:
    make_pets(demo, "Viewed", 1)
    show(page, demo, *PETS, query="q=Viewed&s=-name")
    page.get_by_role("button", name="Views").click()
    check_access(page)
    page.get_by_label("Save what is shown now as").fill("My pets")
    page.get_by_role("button", name="Save view").click()
    page.get_by_role("button", name="Cancel").click()
    show(page, demo, *PETS)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="My pets", exact=True).click()
    expect(page.get_by_label("Search Pets")).to_have_value("Viewed")
    expect(page.get_by_role("gridcell", name="Viewed 0")).to_be_visible()
    assert "s=-name" in page.url
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Delete the view My pets").click()
    expect(page.get_by_role("button", name="My pets", exact=True)).to_have_count(0)


def test_many_records_are_edited_and_deleted_once_their_number_is_typed(page: Page, demo: Demo) -> None:
    pets = make_pets(demo, "Several", 4)
    show_pets(page, demo, "Several")
    page.get_by_label("Select row 1").click()
    page.get_by_label("Select row 3").click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected records")
    expect(bar).to_contain_text("3 selected")
    check_access(page)
    bar.get_by_role("button", name="Edit a field").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("breed")
    dialog.get_by_label("New value").last.fill("Mixed")
    expect(dialog.get_by_role("button", name="Change")).to_be_disabled()
    dialog.get_by_label("Type 3 to go on").fill("3")
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_text("3 changed")).to_be_visible()
    assert [properties_of(demo, pet).get("breed") for pet in pets] == ["Mixed"] * 3 + [None]
    page.get_by_label("Select row 4").click()
    bar.get_by_role("button", name="Delete").click()
    page.get_by_label("Type 1 to go on").fill("1")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 deleted")).to_be_visible()
    expect(page.locator(".head-title .quiet")).to_have_text("3")


def test_a_refusal_of_many_is_said_once(page: Page, demo: Demo) -> None:
    make_pets(demo, "Unfit", 2)
    show_pets(page, demo, "Unfit")
    page.get_by_label("Select all that are shown").click()
    page.get_by_role("button", name="Edit a field").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("weight_kg")
    dialog.get_by_label("New value").last.fill("heavy")
    dialog.get_by_label("Type 2 to go on").fill("2")
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_role("region", name="Selected records").get_by_role("alert")).to_contain_text("2 refused")


def test_everything_that_matches_is_exported_and_deleted(page: Page, demo: Demo, tmp_path: Path) -> None:
    demo.add_pets(130)
    total = demo.ask("POST", f"{RECORDS}/search", {"page": 1, "pageLimit": 1, "query": "Pet 0"})["total"]
    show(page, demo, *PETS, query="q=Pet 0&s=name")
    page.get_by_label("Select all that are shown").click()
    bar = page.get_by_role("region", name="Selected records")
    expect(bar).to_contain_text("100 selected")
    bar.get_by_role("button", name=re.compile("Select all")).click()
    expect(bar).to_contain_text(f"{total} selected")
    with page.expect_download() as saved:
        bar.get_by_role("button", name="Export as CSV").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == total + 1
    assert lines[0].startswith("name,")
    bar.get_by_role("button", name="Delete").click()
    page.get_by_label(f"Type {total} to go on").fill(str(total))
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


@pytest.mark.parametrize(
    ("screen", "button", "fields", "title"),
    [
        ("contact", "New contact", {"First name": "Ines", "E-mail": "ines@example.com"}, "Ines"),
        (
            "opportunity",
            "New opportunity",
            {"Name": "A large order", "Pipeline": 1, "Contact": 1, "Status": 1},
            "A large order",
        ),
        ("business", "New company", {"Company Name": "Harbour Ltd"}, "Harbour Ltd"),
    ],
)
def test_a_record_of_a_standard_object_is_made(  # Parameters: the columns of a table
    page: Page, demo: Demo, screen: str, button: str, fields: dict[str, str | int], title: str
) -> None:
    show(page, demo, "o", screen)
    page.get_by_role("button", name=button).first.click()
    dialog = page.get_by_role("dialog")
    for name, value in fields.items():
        editor = dialog.get_by_label(name, exact=True).last
        if isinstance(value, int):
            editor.select_option(index=value)
        else:
            editor.fill(value)
    check_access(page)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=re.compile(title))).to_be_visible()
    show(page, demo, "o", screen)
    page.get_by_label("Select row 1").click()
    expect(page.get_by_role("region", name="Selected records")).to_contain_text("1 selected")
