"""Getting about in the console by keys: to anything, through a list of records, and never away from what is unsaved."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.console.browser import Demo, settle, show
from tests.console.test_acceptance import make_place
from tests.console.test_screens import HOSTILE, PETS, check_access, new_pet


def go_to(page: Page, text: str) -> None:
    """Opens the palette, types, and opens what is found first."""
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to")
    expect(box).to_be_focused()
    page.keyboard.type(text)
    expect(page.get_by_role("option", name=text).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Go to")).to_have_count(0)


# --- to anything --------------------------------------------------------------------------------------------------


def test_any_screen_object_place_and_record_is_reached_by_keys_alone(page: Page, demo: Demo) -> None:
    other = make_place(demo, page, "Reached by keys")
    new_pet(demo, name="Quillfeather")
    show(page, demo)
    for text, heading in (
        ("Webhooks", "Webhooks"),
        ("Pets schema", "Pets"),
        ("Pets", "Pets"),
        ("Settings", "Settings"),
    ):
        go_to(page, text)
        expect(page.locator("main h1")).to_have_text(heading)
    assert page.url.endswith("#/settings")
    show(page, demo)
    go_to(page, "Quillfeather")
    expect(page.get_by_role("heading", name="Quillfeather")).to_be_visible()
    go_to(page, "Reached by keys")
    expect(page.get_by_role("heading", name="Reached by keys")).to_be_visible()
    assert other in page.url


def test_arrows_choose_and_escape_leads_back_to_where_one_was(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS)
    page.locator("[data-cell='0,1']").focus()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to")
    expect(box).to_be_focused()
    options = page.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    chosen = options.nth(1).get_attribute("id")
    expect(box).to_have_attribute("aria-activedescendant", str(chosen))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-cell='0,1']")).to_be_focused()
    assert "/o/custom_objects.pet" in page.url


def test_the_palette_is_whole(page: Page, demo: Demo) -> None:
    new_pet(demo, name="Wholesome")
    show(page, demo)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to").fill("Wholesome")
    expect(page.get_by_role("option", name="Wholesome").first).to_be_visible()
    check_access(page)
    page.get_by_role("combobox", name="Go to").fill("nothing is called like that")
    expect(page.get_by_text("Nothing is called that.")).to_be_visible()
    check_access(page)


def test_records_that_cannot_be_searched_leave_the_rest_to_be_found(page: Page, demo: Demo) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"statusCode": 503, "message": "The database is not available"})

    show(page, demo)
    page.route("**/records/search", fail)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to").fill("audit")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("The database is not available")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()


def test_hostile_names_are_texts_in_the_palette(page: Page, demo: Demo) -> None:
    new_pet(demo, name=HOSTILE)
    show(page, demo)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to").fill("onerror")
    expect(page.get_by_role("option", name=HOSTILE).first).to_be_visible()
    assert page.locator("img").count() == 0


# --- through a list -----------------------------------------------------------------------------------------------


def test_j_and_k_walk_through_the_list_that_a_record_was_opened_from(page: Page, demo: Demo) -> None:
    pets = [new_pet(demo, name=f"Walker {number}") for number in range(3)]
    show(page, demo, *PETS, pets[2], query="q=Walker&s=-name")
    heading = page.locator("main h1")
    expect(heading).to_have_text("Walker 2")
    expect(page.locator(".crumbs")).to_contain_text("1 of 3")
    page.keyboard.press("j")
    expect(heading).to_have_text("Walker 1")
    page.keyboard.press("j")
    expect(heading).to_have_text("Walker 0")
    page.keyboard.press("j")
    expect(page.get_by_text("The list ends here")).to_be_visible()
    expect(page.get_by_role("button", name="Next record")).to_be_disabled()
    page.keyboard.press("k")
    expect(heading).to_have_text("Walker 1")
    page.reload()
    settle(page)
    page.get_by_role("button", name="Previous record").click()
    expect(heading).to_have_text("Walker 2")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search Pets")).to_have_value("Walker")
    assert "s=-name" in page.url


def test_a_record_opens_beside_its_list(page: Page, demo: Demo) -> None:
    name = "Beside its list"
    for number in range(3):
        new_pet(demo, name=f"{name} {number}")
    show(page, demo, *PETS, query=f"q={name.replace(' ', '+')}&s=-name")
    page.locator("[data-cell='0,0']").focus()
    page.keyboard.press(" ")
    panel = page.get_by_role("complementary", name="Pet")
    heading = panel.get_by_role("heading", level=2).first
    expect(heading).to_have_text(f"{name} 2")
    expect(panel).to_be_focused()
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.locator(".grid-row[aria-current]")).to_contain_text(f"{name} 2")
    settle(page)
    check_access(page)
    page.keyboard.press("j")
    expect(heading).to_have_text(f"{name} 1")
    expect(panel.locator(".crumbs")).to_contain_text("2 of 3")
    page.reload()
    settle(page)
    expect(heading).to_have_text(f"{name} 1")
    page.keyboard.press("k")
    expect(heading).to_have_text(f"{name} 2")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.locator("[data-cell='0,0']")).to_be_focused()
    assert "open=" not in page.url
    page.locator("[data-cell='1,0']").hover()
    page.locator("[data-cell='1,0']").get_by_role("button", name="Open").click()
    panel.get_by_role("link", name="Full page").click()
    expect(page.locator("main h1")).to_have_text(f"{name} 1")
    page.go_back()
    expect(panel.get_by_role("heading", level=2).first).to_have_text(f"{name} 1")
    panel.get_by_role("link", name="Close").click()
    expect(panel).to_have_count(0)


def test_what_the_panel_and_the_grid_store_shows_in_the_other(page: Page, demo: Demo) -> None:
    new_pet(demo, name="Shared", breed="Before")
    show(page, demo, *PETS, query="q=Shared")
    page.locator("[data-cell='0,0']").focus()
    page.keyboard.press(" ")
    panel = page.get_by_role("complementary", name="Pet")
    breed = panel.get_by_label("Breed")
    expect(breed).to_have_value("Before")
    breed.fill("By the panel")
    page.keyboard.press("Control+s")
    cell = page.get_by_role("gridcell", name="By the panel")
    expect(cell).to_be_visible()
    cell.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("By the grid")
    page.keyboard.press("Enter")
    expect(breed).to_have_value("By the grid")
    breed.fill("Once more")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("gridcell", name="Once more")).to_be_visible()
    breed.fill("Not stored")
    breed.blur()
    page.keyboard.press("j")
    expect(page.get_by_text("The list ends here")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()
    page.get_by_role("button", name="Stay").click()
    expect(breed).to_have_value("Not stored")
    panel.get_by_role("button", name="Discard").click()
    panel.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel).to_have_count(0)
    expect(page.get_by_role("gridcell", name="Once more")).to_have_count(0)


def test_letters_in_the_grid_edit_while_a_record_is_open(page: Page, demo: Demo) -> None:
    for number in range(2):
        new_pet(demo, name=f"Letters {number}")
    show(page, demo, *PETS, query="q=Letters&s=name")
    page.locator("[data-cell='0,0']").focus()
    page.keyboard.press(" ")
    heading = page.get_by_role("complementary", name="Pet").get_by_role("heading", level=2).first
    expect(heading).to_have_text("Letters 0")
    page.locator("[data-cell='1,0']").click()
    page.keyboard.press("j")
    expect(page.locator("[data-cell='1,0'] input")).to_have_value("j")
    page.keyboard.press("Escape")
    expect(heading).to_have_text("Letters 0")
    page.keyboard.press("Escape")
    expect(heading).to_have_count(0)


def test_a_phone_shows_the_open_record_alone(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Narrow")
    page.set_viewport_size({"width": 390, "height": 780})
    show(page, demo, *PETS, query=f"q=Narrow&open={pet}")
    panel = page.get_by_role("complementary", name="Pet")
    expect(panel.get_by_role("heading", name="Narrow")).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    assert box["width"] == 390
    expect(page.get_by_role("grid")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    panel.get_by_role("link", name="Close").click()
    expect(page.get_by_role("grid")).to_be_visible()


def test_a_record_that_is_gone_says_so_beside_its_list(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS, query="open=65f0c0ffee0000000000dead")
    panel = page.get_by_role("complementary", name="Pet")
    expect(panel.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_a_new_record_has_its_place_in_the_list(page: Page, demo: Demo) -> None:
    show(page, demo, *PETS, new_pet(demo, name="Older"))
    expect(page.locator(".crumbs")).to_contain_text("1 of")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New pet").click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Newer")
    page.get_by_role("dialog").get_by_label("Species").select_option("cat")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.locator("main h1")).to_have_text("Newer")
    expect(page.locator(".crumbs")).to_contain_text("1 of")
    page.keyboard.press("j")
    expect(page.locator("main h1")).to_have_text("Older")


def test_letters_in_a_control_are_no_commands(page: Page, demo: Demo) -> None:
    new_pet(demo, name="Jakob 1")
    show(page, demo, *PETS, new_pet(demo, name="Jakob 2"), query="q=Jakob")
    expect(page.locator(".crumbs")).to_contain_text("of 2")
    page.get_by_label("Breed").focus()
    page.keyboard.type("jk")
    expect(page.get_by_label("Breed")).to_have_value("jk")
    expect(page.locator("main h1")).to_have_text("Jakob 2")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Breed")).to_have_value("")


# --- away from what is unsaved ------------------------------------------------------------------------------------


def test_whoever_leaves_unsaved_changes_is_asked(page: Page, demo: Demo) -> None:
    pet = new_pet(demo, name="Half done")
    show(page, demo, *PETS, pet)
    page.get_by_label("Breed").fill("Kept")
    page.get_by_label("Breed").blur()
    for leave in ("Escape", "g s"):
        for key in leave.split():
            page.keyboard.press(key)
        expect(page.get_by_role("dialog", name="Leave without saving?")).to_contain_text("1 unsaved change")
        page.get_by_role("button", name="Stay").click()
        expect(page.get_by_label("Breed")).to_have_value("Kept")
        assert page.url.endswith(pet)
    check_access(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("grid")).to_be_visible()
    show(page, demo, *PETS, pet)
    expect(page.get_by_label("Breed")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.get_by_role("grid")).to_be_visible()
