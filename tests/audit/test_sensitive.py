"""Of the values of sensitive fields the log of changes keeps nothing, and whatever is read from it shows none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction
from tests.audit.test_history_routes import RECORDS, change, create, send
from tests.audit.test_history_routes import pets as history_pets
from tests.kernel.http.world import World, open_world

SECRET, OTHER = "secret-one", "secret-two"
_DETAILS = Statement.query("SELECT detail FROM audit WHERE detail IS NOT NULL")
OBJECT = "custom_objects.pet"


@asynccontextmanager
async def pets(storage: Storage, *, sensitive: bool = True, **settings: Any) -> AsyncIterator[tuple[World, str]]:
    """A world with the object `pet` that has a field `ssn`, and the id of that."""
    async with history_pets(storage) as world:
        located = {"locationId": world.location, "objectKey": OBJECT, "showInForms": True}
        folder = (await send(world, "GET", f"/custom-fields/object-key/{OBJECT}?locationId={world.location}")).json()
        members = {"fieldKey": f"{OBJECT}.ssn", "name": "SSN", "dataType": "TEXT", "isSensitive": sensitive, **settings}
        reply = await send(
            world, "POST", "/custom-fields/", {**located, "parentId": folder["folders"][0]["id"], **members}
        )
        assert reply.status_code == 201, reply.text
        assert reply.json()["field"].get("isSensitive", False) is sensitive
        yield world, reply.json()["field"]["id"]


async def mark(world: World, field_id: str, *, sensitive: bool) -> None:
    """Makes a field sensitive, or no longer."""
    body = {"locationId": world.location, "showInForms": True, "isSensitive": sensitive}
    assert (await send(world, "PUT", f"/custom-fields/{field_id}", body)).status_code == 200


async def logged(storage: Storage) -> str:
    """All that is kept of changes."""

    async def read(tx: Transaction) -> str:
        return "\n".join(str(row[0]) for row in await tx.connection.rows(_DETAILS))

    return await storage.read(None, read)


async def history(world: World, record_id: str) -> list[Any]:
    """The changes of a record, the newest first."""
    changes: list[Any] = (await send(world, "GET", f"/x{RECORDS}/{record_id}/history")).json()["changes"]
    return changes


async def value_of(world: World, record_id: str) -> Any:
    """What a record holds in the field."""
    reply = await send(world, "GET", f"{RECORDS}/{record_id}?locationId={world.location}")
    return reply.json()["record"]["properties"].get("ssn")


async def test_a_change_says_that_and_not_what(storage: Storage) -> None:
    async with pets(storage) as (world, _):
        record_id = await create(world, name="Rex", ssn=SECRET)
        await change(world, record_id, name="Max", ssn=OTHER)
        newest, first = await history(world, record_id)
        assert sorted(newest["changed"]) == ["name", "ssn"]
        assert newest["before"] == {"properties": {"name": "Rex", "ssn": None}}
        assert newest["after"] == {"properties": {"name": "Max", "ssn": None}}
        assert first["after"]["properties"] == {"name": "Rex", "ssn": None}
        feed = await send(world, "GET", "/x/changes")
        assert feed.status_code == 200
        assert SECRET not in feed.text
        assert OTHER not in feed.text
    assert SECRET not in await logged(storage)
    assert OTHER not in await logged(storage)


async def test_a_return_to_a_version_leaves_the_value(storage: Storage) -> None:
    async with pets(storage) as (world, _):
        record_id = await create(world, name="Rex", ssn=SECRET)
        await change(world, record_id, name="Max", ssn=OTHER)
        reply = await send(world, "POST", f"/x{RECORDS}/{record_id}/restore", {"version": 1})
        assert reply.json()["record"]["properties"] == {"name": "Rex", "ssn": OTHER}


@pytest.mark.parametrize("required", [False, True])
async def test_a_deleted_record_comes_back_without_the_value(storage: Storage, *, required: bool) -> None:
    async with pets(storage, isRequired=required, isUnique=True) as (world, _):
        record_id = await create(world, name="Rex", ssn=SECRET)
        await send(world, "DELETE", f"{RECORDS}/{record_id}?locationId={world.location}")
        assert SECRET not in await logged(storage)
        assert SECRET not in (await send(world, "GET", f"/x/bin?object={OBJECT}")).text
        reply = await send(world, "POST", f"/x/bin/{record_id}/restore")
        assert reply.status_code == 200, reply.text
        assert reply.json()["record"]["properties"] == {"name": "Rex"}
        assert await create(world, name="Max", ssn=SECRET), "the unique value is free"


async def test_whatever_else_is_required_still_is_in_the_bin(storage: Storage) -> None:
    async with pets(storage, isRequired=True) as (world, field_id):
        record_id = await create(world, name="Rex", ssn=SECRET)
        await send(world, "DELETE", f"{RECORDS}/{record_id}?locationId={world.location}")
        field = (await send(world, "GET", f"/custom-fields/{field_id}")).json()["field"]
        late = {"fieldKey": f"{OBJECT}.late", "name": "Late", "dataType": "TEXT", "isRequired": True}
        placed = {"locationId": world.location, "objectKey": OBJECT, "parentId": field["parentId"]}
        made = await send(world, "POST", "/custom-fields/", {**placed, **late, "showInForms": True})
        assert made.status_code == 201, made.text
        refused = await send(world, "POST", f"/x/bin/{record_id}/restore")
        assert refused.status_code == 400
        assert "late" in refused.text


async def test_what_was_logged_before_is_shown_no_more(storage: Storage) -> None:
    async with pets(storage, sensitive=False) as (world, field_id):
        record_id = await create(world, name="Rex", ssn=SECRET)
        await change(world, record_id, ssn=OTHER)
        assert (await history(world, record_id))[0]["before"] == {"properties": {"ssn": SECRET}}
        await mark(world, field_id, sensitive=True)
        assert (await history(world, record_id))[0]["before"] == {"properties": {"ssn": None}}
        await change(world, record_id, ssn="third")
        await mark(world, field_id, sensitive=False)
        changes = await history(world, record_id)
        assert (changes[0]["changed"], changes[0]["after"]) == (["ssn"], {"properties": {"ssn": None}})
        assert changes[1]["before"] == {"properties": {"ssn": SECRET}}
        assert await value_of(world, record_id) == "third"


async def test_each_box_of_a_list_is_untold(storage: Storage) -> None:
    boxes = [{"label": "First"}, {"label": "Second"}]
    async with pets(storage, dataType="TEXTBOX_LIST", options=boxes) as (world, _):
        record_id = await create(world, name="Rex", ssn={"first": SECRET, "second": OTHER})
        await change(world, record_id, ssn={"first": "third"})
        newest, first = await history(world, record_id)
        assert newest["before"] == {"properties": {"ssn.first": None}}
        assert first["after"]["properties"] == {"name": "Rex", "ssn.first": None, "ssn.second": None}


async def test_that_a_field_is_sensitive_is_logged_itself(storage: Storage) -> None:
    async with pets(storage) as (world, field_id):
        await mark(world, field_id, sensitive=False)
        newest = (await send(world, "GET", "/x/audit?kind=field&limit=1")).json()["changes"][0]
        assert (newest["changed"], newest["after"]) == (["sensitive"], {"sensitive": False})
        fields = await send(world, "GET", f"/custom-fields/object-key/{OBJECT}?locationId={world.location}")
        assert "isSensitive" not in fields.text


async def test_the_primary_property_cannot_be_sensitive(storage: Storage) -> None:
    async with pets(storage) as (world, _):
        fields = await send(world, "GET", f"/custom-fields/object-key/{OBJECT}?locationId={world.location}")
        primary = next(field["id"] for field in fields.json()["fields"] if field["fieldKey"] == f"{OBJECT}.name")
        body = {"locationId": world.location, "showInForms": True, "isSensitive": True}
        refused = await send(world, "PUT", f"/custom-fields/{primary}", body)
        assert refused.status_code == 400
        assert "primary display property" in refused.json()["message"]


async def test_fields_of_contacts_can_be_sensitive(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        path = f"/locations/{world.location}/customFields"
        made = await send(world, "POST", path, {"name": "SSN", "dataType": "TEXT", "isSensitive": True})
        assert made.status_code == 201, made.text
        field = made.json()["customField"]
        assert field["isSensitive"] is True
        values = [{"id": field["id"], "field_value": SECRET}]
        body = {"locationId": world.location, "firstName": "Ann", "customFields": values}
        contact = (await send(world, "POST", "/contacts/", body)).json()["contact"]["id"]
        values = [{"id": field["id"], "field_value": OTHER}]
        changed = await send(world, "PUT", f"/contacts/{contact}", {"customFields": values})
        assert changed.status_code == 200, changed.text
        await send(world, "DELETE", f"/contacts/{contact}")
        kept = await logged(storage)
        assert "ssn" in kept
        assert SECRET not in kept
        assert OTHER not in kept
        open_ = await send(world, "PUT", f"{path}/{field['id']}", {"name": "SSN", "isSensitive": False})
        assert "isSensitive" not in open_.json()["customField"]


@pytest.mark.parametrize("path", ["/custom-fields/", "/locations/{location}/customFields"])
async def test_the_live_platform_knows_nothing_of_it(storage: Storage, path: str) -> None:
    async with open_world(storage, Settings(profile="live")) as world:
        body = {"locationId": world.location, "name": "SSN", "dataType": "TEXT", "isSensitive": True}
        refused = await send(world, "POST", path.format(location=world.location), body)
    assert refused.status_code == 422
    assert "isSensitive" in str(refused.json()["message"])
