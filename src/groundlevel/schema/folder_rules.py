"""Creates, renames and deletes folders of fields (operations F5 to F7; docs/contract.md#custom-fields)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.errors import InUse
from groundlevel.kernel.model import Folder
from groundlevel.kernel.storage.transaction import Transaction, raise_schema_version
from groundlevel.kernel.usecase import Call, changing_schema
from groundlevel.schema import store
from groundlevel.schema.changes import log_folder
from groundlevel.schema.errors import FieldNotFound, FolderNotFound
from groundlevel.schema.field_rules import FieldView, find_field, lock_schema, refuse_without_records


class NewFolder(Struct, frozen=True):
    """The folder to be created."""

    object_key: str
    name: str


class FolderChange(Struct, frozen=True):
    """A folder's new name."""

    id: str
    name: str


@changing_schema
async def create_folder(tx: Transaction, call: Call, request: NewFolder) -> FieldView:
    """Creates a folder. Raises ObjectNotFound, NotSupported."""
    definition = await lock_schema(tx, request.object_key, fresh=True)
    now = call.ids.now()
    folder = Folder(call.ids.short_id(), request.name, standard=False, created_at=now, updated_at=now)
    await store.insert_folder(tx, definition.number, folder)
    log_folder(tx, definition, None, folder)
    await raise_schema_version(tx)
    return await find_field(tx, folder.id)


@changing_schema
async def rename_folder(tx: Transaction, call: Call, request: FolderChange) -> FieldView:
    """Renames a folder. Raises FolderNotFound, NotSupported."""
    before = await _find_folder(tx, request.id)
    await store.rename_folder(tx, request.id, request.name, now=call.ids.now())
    await raise_schema_version(tx)
    after = await find_field(tx, request.id)
    log_folder(tx, after.object, before.folder, after.folder)
    return after


@changing_schema
async def delete_folder(tx: Transaction, call: Call, folder_id: str) -> FieldView:
    """Deletes an empty folder. Raises FolderNotFound, InUse, NotSupported."""
    view = await _find_folder(tx, folder_id)
    assert view.folder is not None
    if view.folder.standard:
        raise InUse(f"{view.folder.name} is the default folder of {view.object.singular} and cannot be deleted")
    if any(field.folder_id == folder_id for field in view.object.fields):
        raise InUse(f"{view.folder.name} has fields and cannot be deleted", hint="Delete its fields first.")
    await store.delete_folder(tx, folder_id)
    log_folder(tx, view.object, view.folder, None)
    await raise_schema_version(tx)
    return view


async def _find_folder(tx: Transaction, folder_id: str) -> FieldView:
    try:
        view = await find_field(tx, folder_id)
    except FieldNotFound:
        raise FolderNotFound(folder_id) from None
    if view.folder is None:
        raise FolderNotFound(folder_id)
    refuse_without_records(view.object.key)
    return view
