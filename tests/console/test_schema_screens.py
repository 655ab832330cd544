"""The schema in a real browser: templates, the order of fields, and what a change does before it is made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Page, Route, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_screens import check_access

BOAT = "custom_objects.sailing_boat"


@pytest.fixture
def boats(demo: Demo) -> Iterator[str]:
    """An object with three records; it ends with the test."""
    details = {"key": "name", "name": "Name", "dataType": "TEXT"}
    labels = {"singular": "Boat", "plural": "Boats"}
    demo.ask("POST", "/objects/", {"labels": labels, "key": BOAT, "primaryDisplayPropertyDetails": details})
    folder = demo.ask("GET", f"/custom-fields/object-key/{BOAT}?locationId={demo.place}")["folders"][0]["id"]
    rigs = [{"key": "sloop", "label": "Sloop"}, {"key": "ketch", "label": "Ketch"}]
    for key, kind, more in (
        ("rig", "SINGLE_OPTIONS", {"options": rigs}),
        ("length", "NUMERICAL", {}),
        ("port", "TEXT", {}),
    ):
        field = {"objectKey": BOAT, "fieldKey": f"{BOAT}.{key}", "name": key.title(), "dataType": kind}
        made = demo.ask("POST", "/custom-fields/", {**field, "parentId": folder, "showInForms": True, **more})
        assert "field" in made, made
    for name, rig in (("Ann", "sloop"), ("Bea", "sloop"), ("Cid", None)):
        demo.ask("POST", f"/objects/{BOAT}/records", {"properties": {"name": name, **({"rig": rig} if rig else {})}})
    yield BOAT
    demo.ask("DELETE", f"/objects/{BOAT}?locationId={demo.place}")


def keys(demo: Demo) -> list[str]:
    """The keys of the fields of the boats, as the API lists them."""
    found = demo.ask("GET", f"/custom-fields/object-key/{BOAT}?locationId={demo.place}")
    return [field["fieldKey"].rpartition(".")[2] for field in found["fields"]]


def shown(page: Page) -> list[str]:
    """The keys in the table of fields."""
    return [str(text) for text in page.locator("td code").all_inner_texts()]


# --- as YAML ------------------------------------------------------------------------------------------------------


def yaml_of(page: Page, demo: Demo, key: str) -> str:
    """The schema of an object as the console shows it."""
    page.goto("about:blank")
    show(page, demo, "schema", key)
    page.get_by_role("button", name="YAML").click()
    return page.get_by_role("dialog").locator("pre").inner_text()


def test_no_text_is_taken_for_anything_else_in_the_yaml(page: Page, demo: Demo, boats: str) -> None:
    path = f"/custom-fields/object-key/{boats}?locationId={demo.place}"
    port = next(field for field in demo.ask("GET", path)["fields"] if field["fieldKey"] == f"{boats}.port")
    odd = "no: 'a' \"b\" # {c} \\ [d]\u2028e\u0085f \N{SAILBOAT} <img src=x>"
    for description in (odd, "NO", "0123", "2026-11-28", "~", "- a", "*a", "1e3"):
        body = {"locationId": demo.place, "name": "Port", "showInForms": False, "description": description}
        stored = demo.ask("PUT", f"/custom-fields/{port['id']}", body)["field"]["description"]
        text = yaml_of(page, demo, boats)
        fields = {field["key"]: field for field in yaml.safe_load(text)["locations"][0]["objects"][0]["fields"]}
        assert fields["port"]["description"] == stored
        page.keyboard.press("Escape")
    assert fields["port"]["showInForms"] is False
    assert fields["rig"]["options"] == [{"key": "sloop", "label": "Sloop"}, {"key": "ketch", "label": "Ketch"}]


# --- order --------------------------------------------------------------------------------------------------------


def test_fields_are_put_into_order_by_keys(page: Page, demo: Demo, boats: str) -> None:
    show(page, demo, "schema", boats)
    handle = page.get_by_role("button", name="Move Port")
    handle.focus()
    with page.expect_response("**/fields/order"):
        page.keyboard.press("ArrowUp")
    expect(page.get_by_role("status").filter(has_text="Port is now 3 of 4")).to_have_count(1)
    expect(handle).to_be_focused()
    assert shown(page) == ["name", "rig", "port", "length"]
    with page.expect_response("**/fields/order"):
        page.keyboard.press("Home")
    assert keys(demo) == ["port", "name", "rig", "length"]
    page.reload()
    settle(page)
    assert shown(page) == ["port", "name", "rig", "length"]
    check_access(page)


def test_fields_are_dragged_into_order(page: Page, demo: Demo, boats: str) -> None:
    show(page, demo, "schema", boats)
    with page.expect_response("**/fields/order"):
        page.get_by_role("button", name="Move Length").drag_to(page.get_by_role("row", name="Rig"))
    assert keys(demo) == ["name", "length", "rig", "port"]
    assert shown(page) == ["name", "length", "rig", "port"]


def test_an_order_that_is_refused_goes_back(page: Page, demo: Demo, boats: str) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    show(page, demo, "schema", boats)
    page.route("**/fields/order", fail)
    page.get_by_role("button", name="Move Port").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("alert")).to_contain_text("The database is not available")
    expect(page.locator("tbody tr").last).to_contain_text("Port")
    assert keys(demo) == ["name", "rig", "length", "port"]


# --- a look before a change ---------------------------------------------------------------------------------------


def test_a_change_of_a_field_is_looked_at_before_it_is_made(page: Page, demo: Demo, boats: str) -> None:
    folder = demo.ask("POST", "/custom-fields/folder", {"objectKey": boats, "name": "Looks"})
    show(page, demo, "schema", boats)
    page.get_by_role("button", name="Edit Rig").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Review")).to_be_disabled()
    dialog.get_by_label("Label of sloop").fill("One mast")
    dialog.get_by_label("More options").fill("Yawl")
    dialog.get_by_label("Folder").select_option("Looks")
    dialog.get_by_label("Required").check()
    dialog.get_by_label("Sensitive").check()
    dialog.get_by_role("button", name="Review").click()
    steps = dialog.get_by_role("list", name="What changes")
    expect(steps.get_by_role("listitem").filter(has_text="Option sloop")).to_contain_text("2 records show the new name")
    expect(steps.get_by_role("listitem").filter(has_text="Required")).to_contain_text(
        "1 record has none and stays as it is"
    )
    expect(steps).to_contain_text("Yawl")
    expect(steps).to_contain_text("Looks")
    expect(steps.get_by_role("listitem").filter(has_text="Sensitive")).to_contain_text("yes")
    check_access(page)
    before = demo.ask("GET", f"/objects/{boats}?locationId={demo.place}&fetchProperties=true")["fields"]
    assert not any(field["isRequired"] for field in before if field["name"] == "Rig"), "nothing is changed before Apply"
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("row", name="Rig")).to_contain_text("3 options")
    expect(page.get_by_role("row", name="Rig")).to_contain_text("Looks")
    expect(page.get_by_role("row", name="Rig")).to_contain_text("required")
    expect(page.get_by_role("row", name="Rig")).to_contain_text("sensitive")
    fields = demo.ask("GET", f"/objects/{boats}?locationId={demo.place}&fetchProperties=true")["fields"]
    rig = next(field for field in fields if field["name"] == "Rig")
    assert [option["label"] for option in rig["options"]] == ["One mast", "Ketch", "Yawl"]
    assert rig["parentId"] == folder["id"]
    fields = yaml.safe_load(yaml_of(page, demo, boats))["locations"][0]["objects"][0]["fields"]
    assert [field["key"] for field in fields if field.get("sensitive")] == ["rig"]


def test_the_history_shows_no_value_of_a_sensitive_field(page: Page, demo: Demo, boats: str) -> None:
    show(page, demo, "schema", boats)
    page.get_by_role("button", name="Add a field").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Hull number")
    dialog.get_by_label("Sensitive").check()
    check_access(page)
    dialog.get_by_role("button", name="Add field").click()
    expect(page.get_by_role("row", name="Hull number")).to_contain_text("sensitive")
    body = {"properties": {"name": "Dora", "hull_number": "NL-1"}}
    boat = demo.ask("POST", f"/objects/{boats}/records", body)["record"]["id"]
    demo.ask("PUT", f"/objects/{boats}/records/{boat}?locationId={demo.place}", {"properties": {"hull_number": "NL-2"}})
    show(page, demo, "o", boats, boat)
    expect(page.get_by_label("Hull number")).to_have_value("NL-2")
    newest = page.locator(".changes li").first
    expect(newest.locator(".difference")).to_have_text("Hull number" + "a value that is not kept")


def test_a_field_with_values_is_deleted_only_after_its_key_was_typed(page: Page, demo: Demo, boats: str) -> None:
    show(page, demo, "schema", boats)
    page.get_by_role("button", name="Edit Rig").click()
    page.get_by_role("button", name="Delete field").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 records have a value, which is lost")
    expect(dialog.get_by_role("button", name="Delete field")).to_be_disabled()
    dialog.get_by_label("Type rig to go on").fill("rig")
    dialog.get_by_role("button", name="Delete field").click()
    expect(page.get_by_role("row", name="Rig")).to_have_count(0)
    page.get_by_role("button", name="Edit Length").click()
    page.get_by_role("button", name="Delete field").click()
    expect(dialog).to_contain_text("No record has a value")
    dialog.get_by_role("button", name="Delete field").click()
    expect(page.get_by_role("row", name="Length")).to_have_count(0)


def test_an_object_gets_other_labels_and_searched_fields(page: Page, demo: Demo, boats: str) -> None:
    show(page, demo, "schema", boats)
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Several are called").fill("Fleet")
    dialog.get_by_label("Port").check()
    dialog.get_by_role("button", name="Review").click()
    expect(dialog).to_contain_text("The search texts of 3 records are made anew")
    check_access(page)
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
    expect(page.get_by_role("row", name="Port")).to_contain_text("searched")


def test_what_goes_with_an_object_is_counted(page: Page, demo: Demo, boats: str) -> None:
    association = {
        "key": "boat_skipper",
        "firstObjectLabel": "Boat",
        "firstObjectKey": boats,
        "secondObjectLabel": "Skipper",
        "secondObjectKey": "contact",
    }
    rule = demo.ask("POST", "/associations/", association)["id"]
    boat = demo.ask("POST", f"/objects/{boats}/records", {"properties": {"name": "Dee"}})["record"]["id"]
    contact = demo.ask("POST", "/contacts/", {"firstName": "Skipper"})["contact"]["id"]
    ends = {"associationId": rule, "firstRecordId": boat, "secondRecordId": contact}
    demo.ask("POST", "/associations/relations", ends)
    show(page, demo, "schema", boats)
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    for part in ("4 records", "4 fields", "1 association with 1 relation"):
        expect(dialog).to_contain_text(part)
    expect(dialog.get_by_role("button", name="Delete object")).to_be_disabled()
    check_access(page)


# --- templates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "key", "fields"),
    [
        ("Property", "property", ["address", "city", "bedrooms", "price", "listed_on"]),
        ("Pet", "household_pet", ["name", "species", "breed", "born_on", "weight_kg", "notes"]),
        ("Policy", "policy", ["number", "kind", "insurer", "premium", "begins_on", "ends_on"]),
    ],
)
def test_an_object_is_made_with_the_fields_of_a_template(
    page: Page, demo: Demo, template: str, key: str, fields: list[str]
) -> None:
    show(page, demo, "schema")
    page.get_by_role("button", name="New object").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=template, exact=True).click()
    dialog.get_by_label("Key").fill(key)
    if template == "Property":
        dialog.get_by_label("Type", exact=True).uncheck()
    dialog.get_by_role("button", name="Create object").click()
    expect(page.locator("tbody tr")).to_have_count(len(fields))
    assert shown(page) == fields
    show(page, demo, "schema")
    expect(page.locator(".tile", has_text=f"custom_objects.{key}")).to_contain_text(f"0 records, {len(fields)} fields")
    demo.ask("DELETE", f"/objects/custom_objects.{key}?locationId={demo.place}")
