"""Lists, creates, changes and deletes the fields that a location has added to its contacts and opportunities."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.model import Object
from groundlevel.kernel.names import key_stem
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, changing_schema, perform, reading
from groundlevel.schema.errors import FieldNotFound
from groundlevel.schema.field_rules import (
    FieldChange,
    FieldView,
    NewField,
    find_field,
    insert_field,
    remove_field,
    replace_field,
)
from groundlevel.standard.objects import CONTACT, OPPORTUNITY

MODELS = (CONTACT, OPPORTUNITY)
"""The objects whose fields these operations manage."""


class NewLocationField(Struct, frozen=True):
    """The field to be created: its object, its members, and the choices that those without one leave to be made."""

    field: NewField
    position: int | None = None


class LocationFieldChange(Struct, frozen=True):
    """What changes in a field, and the object that it is said to be of; None for either."""

    change: FieldChange
    model: str | None = None


@reading
async def list_location_fields(tx: Transaction, call: Call, models: Sequence[str]) -> list[FieldView]:
    """The added fields of these objects, in the order of their positions."""
    views = []
    for model in models:
        definition = (await tx.schema(model)).object
        views += [_view(definition, position) for position, field in enumerate(definition.fields) if not field.standard]
    return views


@reading
async def get_location_field(tx: Transaction, call: Call, field_id: str) -> FieldView:
    """The field. Raises FieldNotFound, also for a standard field, a folder, and one of another object."""
    return await _find(tx, field_id)


@changing_schema
async def create_location_field(tx: Transaction, call: Call, request: NewLocationField) -> FieldView:
    """A new field, in the default folder unless another one is named.

    Raises InvalidKey, DuplicateKey, InvalidValue.
    """
    field = request.field
    definition = (await tx.read_schema(field.object_key)).object
    default = next(folder for folder in definition.folders if folder.standard)
    key = field.key or _key_of(field.name or "")
    named = NewField(
        **{
            **{name: getattr(field, name) for name in NewField.__struct_fields__},
            "key": key,
            "folder_id": field.folder_id or default.id,
        }
    )
    view = await insert_field(tx, call, named)
    if request.position is None:
        return view
    assert view.field is not None
    moved = FieldChange(view.field.id, view.field.visible_in_forms, position=request.position)
    return await replace_field(tx, call, view, moved)


async def update_location_field(storage: Storage, call: Call, request: LocationFieldChange) -> FieldView:
    """Changes a field; most search texts that depend on changed options are rebuilt afterwards, in the background.

    Raises FieldNotFound, InvalidValue, DuplicateKey.
    """
    view = await perform(storage, call, apply_location_field_change, request)
    if view.object.reindexing:
        storage.long_work.set()
    return view


@changing_schema
async def apply_location_field_change(tx: Transaction, call: Call, request: LocationFieldChange) -> FieldView:
    """The part of update_location_field that is one transaction."""
    view = await _find(tx, request.change.id)
    assert view.field is not None
    if request.model not in (None, view.object.key):
        raise InvalidValue(
            f"model: {view.field.name} is a field of {view.object.key}, which cannot change",
            hint="Leave out model, or create a field of the other one.",
            field_key=view.field.full_key,
        )
    return await replace_field(tx, call, view, request.change)


@changing_schema
async def delete_location_field(tx: Transaction, call: Call, field_id: str) -> FieldView:
    """Deletes a field; its values vanish from every contact or opportunity. Raises FieldNotFound, InUse."""
    return await remove_field(tx, await _find(tx, field_id))


async def _find(tx: Transaction, field_id: str) -> FieldView:
    view = await find_field(tx, field_id)
    if view.field is None or view.field.standard or view.object.key not in MODELS:
        raise FieldNotFound(field_id)
    return view


def _view(definition: Object, position: int) -> FieldView:
    return FieldView(definition, field=definition.fields[position])


def _key_of(name: str) -> str:
    """A key made from a name: of one that begins with no Latin letter, behind `field_`."""
    stem = key_stem(name)[:90]
    return stem if stem and stem[0].isalpha() else f"field_{stem}".rstrip("_")
