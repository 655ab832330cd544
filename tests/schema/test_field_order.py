"""Fields are put into another order, and into other folders; nothing else of them changes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from groundlevel.kernel.errors import InvalidValue, NotSupported, ObjectNotFound, Refusal
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.rules import RecordKey, get_record
from groundlevel.schema.folder_rules import NewFolder, create_folder, delete_folder
from groundlevel.schema.order_rules import FieldOrder, PlacedField, order_fields
from tests.kernel.http.world import open_world
from tests.world import PET, World, world_in


@pytest.fixture
async def world(storage: Storage) -> World:
    world = await world_in(storage)
    await world.pet()
    for key in ("age", "breed", "colour"):
        await world.field(key)
    return world


async def keys(world: World) -> list[str]:
    """The keys of the fields of `pet`, in their order."""
    return [field.key for field in (await world.object()).fields]


async def ids(world: World) -> dict[str, str]:
    """The ids of the fields by their keys."""
    return {field.key: field.id for field in (await world.object()).fields}


async def order(world: World, *names: str) -> None:
    """Puts fields first."""
    known = await ids(world)
    await world.do(order_fields, FieldOrder(PET, [PlacedField(known[name]) for name in names]))


async def test_fields_stand_as_they_were_put(world: World) -> None:
    assert await keys(world) == ["name", "age", "breed", "colour"]
    await order(world, "colour", "name", "breed", "age")
    assert await keys(world) == ["colour", "name", "breed", "age"]
    await order(world, "age")
    assert await keys(world) == ["age", "colour", "name", "breed"]
    assert (await world.field("weight")).position == 4
    assert (await keys(world))[-1] == "weight"


async def test_only_what_moves_changes(world: World) -> None:
    before = {field.key: field for field in (await world.object()).fields}
    record = await world.create({"name": "Rex", "age": "3"})
    await order(world, "name", "age", "colour", "breed")
    after = {field.key: field for field in (await world.object()).fields}
    assert (after["name"], after["age"]) == (before["name"], before["age"])
    assert after["breed"].updated_at > before["breed"].updated_at
    assert (after["breed"].position, after["colour"].position) == (3, 2)
    view = await world.do(get_record, RecordKey(PET, record))
    wire = bytes(view.schema.to_wire(view.record.properties))
    assert msgspec.json.decode(wire) == {"name": "Rex", "age": "3"}


async def test_a_field_moves_into_another_folder(world: World) -> None:
    folder = (await world.do(create_folder, NewFolder(PET, "Looks"))).folder
    assert folder is not None
    known = await ids(world)
    moved = await world.do(order_fields, FieldOrder(PET, [PlacedField(known["colour"], folder.id)]))
    assert {field.key for field in moved.fields if field.folder_id == folder.id} == {"colour"}
    with pytest.raises(Refusal):
        await world.do(delete_folder, folder.id)
    back = next(each.id for each in moved.folders if each.standard)
    await world.do(order_fields, FieldOrder(PET, [PlacedField(known["colour"], back)]))
    await world.do(delete_folder, folder.id)


@pytest.mark.parametrize(
    ("key", "named", "refusal"),
    [
        (PET, [("nothing", None)], InvalidValue),
        (PET, [("age", None), ("age", None)], InvalidValue),
        (PET, [("age", "nothing")], InvalidValue),
        ("contact", [("age", None)], NotSupported),
        ("custom_objects.none", [("age", None)], ObjectNotFound),
    ],
)
async def test_what_is_refused_moves_nothing(
    world: World, key: str, named: list[tuple[str, str | None]], refusal: type[Refusal]
) -> None:
    known = await ids(world)
    placed = [PlacedField(known["breed"]), *(PlacedField(known.get(name, name), folder) for name, folder in named)]
    with pytest.raises(refusal):
        await world.do(order_fields, FieldOrder(key, placed))
    assert await keys(world) == ["name", "age", "breed", "colour"]


async def test_the_operation_and_the_lists_agree(storage: Storage) -> None:
    async with open_world(storage, Settings(host="0.0.0.0")) as world:

        async def ask(method: str, path: str, **given: Any) -> Any:
            response = await world.client.request(method, path, headers=world.headers("own"), **given)
            assert response.status_code in (200, 201), response.text
            return response.json()

        listed = f"/custom-fields/object-key/business?locationId={world.location}"
        before = (await ask("GET", listed))["fields"]
        reversed_ids = [{"id": field["id"]} for field in reversed(before)]
        body = {"locationId": world.location, "fields": reversed_ids}
        answer = await ask("PUT", "/x/objects/business/fields/order", json=body)
        assert [field["id"] for field in answer["fields"]] == [each["id"] for each in reversed_ids]
        assert (await ask("GET", listed))["fields"] == answer["fields"]


async def test_a_field_of_contacts_stands_at_its_position(storage: Storage) -> None:
    async with open_world(storage, Settings(host="0.0.0.0")) as world:
        path = f"/locations/{world.location}/customFields"
        for name in ("One", "Two"):
            made = await world.client.post(
                path, headers=world.headers("own"), json={"name": name, "dataType": "TEXT", "model": "contact"}
            )
            assert made.status_code == 201, made.text
        moved = {"name": "Two", "position": 0}
        field = made.json()["customField"]["id"]
        await world.client.put(f"{path}/{field}", headers=world.headers("own"), json=moved)
        shown = (await world.client.get(path, headers=world.headers("own"))).json()["customFields"]
        assert [each["name"] for each in shown] == ["Two", "One"]
