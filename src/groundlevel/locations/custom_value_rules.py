"""Custom values: texts that a location keeps under a name."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import DuplicateKey
from groundlevel.kernel.names import key_stem
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, changing_schema, reading
from groundlevel.locations import custom_value_store as store
from groundlevel.locations.custom_value_store import CustomValue
from groundlevel.locations.errors import CustomValueNotFound


class NewCustomValue(Struct, frozen=True):
    """The custom value to be created."""

    name: str
    value: str


class CustomValueChange(Struct, frozen=True):
    """The new name and value of one."""

    id: str
    name: str
    value: str


@reading
async def list_custom_values(tx: Transaction, call: Call, request: None) -> list[CustomValue]:
    """All custom values of the location, oldest first."""
    return await store.list_custom_values(tx)


@reading
async def get_custom_value(tx: Transaction, call: Call, value_id: str) -> CustomValue:
    """The custom value. Raises CustomValueNotFound."""
    found = await store.find_custom_value(tx, value_id)
    if found is None:
        raise CustomValueNotFound(value_id)
    return found


# Marked as changes of the schema, so that two of one name do not pass each other by.
@changing_schema
async def create_custom_value(tx: Transaction, call: Call, request: NewCustomValue) -> CustomValue:
    """A new custom value. Raises DuplicateKey when another one has the key that its name makes."""
    key = key_stem(request.name) or "value"
    if any(each.key == key for each in await store.list_custom_values(tx)):
        raise DuplicateKey(f"A custom value with the key {key} already exists")
    new = CustomValue(call.ids.short_id(), key, request.name, request.value, call.ids.now())
    await store.insert_custom_value(tx, new)
    return new


@changing_schema
async def update_custom_value(tx: Transaction, call: Call, request: CustomValueChange) -> CustomValue:
    """Another name and value; the key stays, so that templates still find it. Raises CustomValueNotFound."""
    before = await get_custom_value(tx, call, request.id)
    after = msgspec.structs.replace(before, name=request.name, value=request.value)
    await store.update_custom_value(tx, after)
    return after


@changing_schema
async def delete_custom_value(tx: Transaction, call: Call, value_id: str) -> None:
    """Deletes a custom value. Raises CustomValueNotFound."""
    await get_custom_value(tx, call, value_id)
    await store.delete_custom_value(tx, value_id)
