"""Puts the fields of an object into another order, and into other folders."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import Field, Object
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.storage.transaction import Transaction, find_object, raise_schema_version
from groundlevel.kernel.usecase import Call, changing_schema
from groundlevel.schema import store
from groundlevel.schema.changes import log_field
from groundlevel.schema.field_rules import lock_schema


class PlacedField(Struct, frozen=True):
    """A field in its new place; without a folder it stays in the one that it is in."""

    id: str
    folder_id: str | None = None


class FieldOrder(Struct, frozen=True):
    """The fields that come first, in their order; those that are not named keep theirs behind them."""

    object_key: str
    fields: Sequence[PlacedField]


@changing_schema
async def order_fields(tx: Transaction, call: Call, request: FieldOrder) -> Object:
    """The object with its fields in another order. Raises ObjectNotFound, NotSupported, InvalidValue."""
    definition = await lock_schema(tx, canonical_key(request.object_key), fresh=True)
    placed = _place(definition, request.fields)
    for position, (before, folder_id) in enumerate(placed):
        if (before.position, before.folder_id) == (position, folder_id):
            continue
        moved_at = max(call.ids.now(), before.updated_at + 1)
        after = replace(before, position=position, folder_id=folder_id, updated_at=moved_at)
        await store.update_field(tx, after)
        log_field(tx, before, after)
    await raise_schema_version(tx)
    changed = await find_object(tx, definition.key)
    assert changed is not None
    return changed


def _place(definition: Object, named: Sequence[PlacedField]) -> list[tuple[Field, str]]:
    """All fields in their new order, each with its folder. Raises InvalidValue."""
    fields = {field.id: field for field in definition.fields}
    folders = {folder.id for folder in definition.folders}
    placed: dict[str, str] = {}
    for each in named:
        field = fields.get(each.id)
        if field is None or each.id in placed:
            problem = "is named twice" if each.id in placed else f"is no field of {definition.key}"
            raise InvalidValue(f"fields: {each.id} {problem}", hint="Name each field once, by its id.")
        if each.folder_id is not None and each.folder_id not in folders:
            raise InvalidValue(
                f"parentId: {definition.key} has no folder {each.folder_id}",
                hint="GET /custom-fields/object-key/{objectKey} lists the folders.",
                field_key=field.full_key,
            )
        placed[each.id] = each.folder_id or field.folder_id
    rest = {field.id: field.folder_id for field in definition.fields if field.id not in placed}
    return [(fields[field_id], folder_id) for field_id, folder_id in (placed | rest).items()]
