"""Stores objects, fields and folders, how far their search texts and indexes are, and what deleted objects leave."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Field, Folder, Object
from groundlevel.kernel.storage.transaction import Transaction, find_object, raise_schema_version

_decode_object = msgspec.json.Decoder(Object).decode


class ReindexProgress(Struct, frozen=True, gc=False):
    """How far the search texts of an object have been rebuilt, in the order of the records' ids."""

    position: bytes
    """The id of the last record that is done; empty before the first."""
    done: int
    """How many records are done."""


async def insert_object(tx: Transaction, definition: Object) -> Object:
    """Stores a new object with its folders and fields; numbers are given here. Returns it as stored."""
    await _insert_definition(tx, definition)
    return await _raise_version_and_read(tx, definition.key)


async def insert_objects(tx: Transaction, definitions: Iterable[Object]) -> list[Object]:
    """Stores new objects with their folders and fields. Returns them with their numbers; their fields are without."""
    stored = [
        msgspec.structs.replace(definition, number=await _insert_definition(tx, definition))
        for definition in definitions
    ]
    await raise_schema_version(tx)
    return stored


async def _insert_definition(tx: Transaction, definition: Object) -> int:
    """Stores an object with its folders and fields; the caller raises the schema version. The object's number."""
    tx.cache.schema_changed = True
    row = await tx.connection.row(
        tx.sql["insert_object"],
        tx.loc,
        definition.id,
        definition.key,
        definition.singular,
        definition.plural,
        definition.description,
        definition.primary,
        encode_text(definition.searchable),
        int(definition.standard),
        definition.icon,
        definition.created_at,
    )
    assert row is not None
    for folder in definition.folders:
        await insert_folder(tx, row[0], folder)
    for field in definition.fields:
        await insert_field(tx, row[0], field)
    return int(row[0])


async def update_object(tx: Transaction, definition: Object) -> Object:
    """Stores labels, description, searchable and retired keys of an object. Returns it as stored."""
    tx.cache.schema_changed = True
    await tx.connection.run(
        tx.sql["update_object"],
        tx.loc,
        definition.number,
        definition.singular,
        definition.plural,
        definition.description,
        encode_text(definition.searchable),
        encode_text(sorted(definition.retired_keys)),
        definition.updated_at,
    )
    return await _raise_version_and_read(tx, definition.key)


async def delete_object(tx: Transaction, definition: Object) -> None:
    """Deletes an object's definition with its fields and folders; its records are deleted apart."""
    tx.cache.schema_changed = True
    for name in ("delete_fields_of", "delete_folders_of", "delete_object"):
        await tx.connection.run(tx.sql[name], tx.loc, definition.number)
    await raise_schema_version(tx)


async def insert_deleted_object(tx: Transaction, definition: Object) -> None:
    """Keeps the definition of a deleted object for the removal of its records."""
    await tx.connection.run(tx.sql["insert_deleted_object"], tx.loc, definition.number, encode_text(definition))


async def list_deleted_objects(tx: Transaction) -> list[tuple[str, int]]:
    """Location id and number of every deleted object whose records are not all removed."""
    return [(row[0], row[1]) for row in await tx.connection.rows(tx.sql["list_deleted_objects"])]


async def deleted_objects(tx: Transaction) -> list[Object]:
    """The deleted objects of the location whose records are not all removed."""
    rows = await tx.connection.rows(tx.sql["list_deleted_object_definitions"], tx.loc)
    return [_decode_object(row[0]) for row in rows]


async def lock_deleted_object(tx: Transaction, number: int) -> Object | None:
    """A deleted object as it was, locked against other processes until the transaction ends; None when all is gone."""
    row = await tx.connection.row(tx.sql["lock_deleted_object"], tx.loc, number)
    return None if row is None else _decode_object(row[0])


async def forget_deleted_object(tx: Transaction, number: int) -> None:
    """Notes that nothing is left of a deleted object."""
    await tx.connection.run(tx.sql["forget_deleted_object"], tx.loc, number)


async def _raise_version_and_read(tx: Transaction, key: str) -> Object:
    await raise_schema_version(tx)
    stored = await find_object(tx, key)
    assert stored is not None
    return stored


async def insert_field(tx: Transaction, object_number: int, field: Field) -> None:
    """Stores a new field; the caller raises the schema version."""
    tx.cache.schema_changed = True
    await tx.connection.run(
        tx.sql["insert_field"],
        tx.loc,
        object_number,
        field.id,
        field.key,
        field.folder_id,
        field.position,
        encode_text(field),
        field.created_at,
    )


async def update_field(tx: Transaction, field: Field) -> None:
    """Stores a changed field; the caller raises the schema version."""
    tx.cache.schema_changed = True
    await tx.connection.run(
        tx.sql["update_field"],
        tx.loc,
        field.number,
        encode_text(field),
        field.updated_at,
        field.position,
        field.folder_id,
    )


async def delete_field(tx: Transaction, field: Field) -> None:
    """Deletes a field's definition; the caller retires its stored key and raises the schema version."""
    tx.cache.schema_changed = True
    await tx.connection.run(tx.sql["delete_field"], tx.loc, field.number)


async def insert_folder(tx: Transaction, object_number: int, folder: Folder) -> None:
    """Stores a new folder; the caller raises the schema version."""
    tx.cache.schema_changed = True
    await tx.connection.run(
        tx.sql["insert_folder"],
        tx.loc,
        object_number,
        folder.id,
        folder.name,
        int(folder.standard),
        folder.created_at,
    )


async def rename_folder(tx: Transaction, folder_id: str, name: str, *, now: int) -> None:
    """Renames a folder; the caller raises the schema version."""
    tx.cache.schema_changed = True
    await tx.connection.run(tx.sql["rename_folder"], tx.loc, folder_id, name, now)


async def delete_folder(tx: Transaction, folder_id: str) -> None:
    """Deletes an empty folder; the caller raises the schema version."""
    tx.cache.schema_changed = True
    await tx.connection.run(tx.sql["delete_folder"], tx.loc, folder_id)


async def find_field_owner(tx: Transaction, field_id: str) -> str | None:
    """The key of the object that has the field or folder with this id, or None."""
    row = await tx.connection.row(tx.sql["find_field_owner"], tx.loc, field_id)
    return None if row is None else str(row[0])


async def find_reindex_progress(tx: Transaction, definition: Object) -> ReindexProgress | None:
    """How far the search texts of an object have been rebuilt; None when all are as they should be."""
    row = await tx.connection.row(tx.sql["find_reindex_position"], tx.loc, definition.number)
    return None if row is None or row[0] is None else ReindexProgress(row[0], row[1])


async def set_reindex_progress(tx: Transaction, definition: Object, progress: ReindexProgress | None) -> None:
    """Notes how far the search texts have been rebuilt; None when they all are. The caller raises the schema
    version when that begins or ends."""
    position, done = (None, 0) if progress is None else (progress.position, progress.done)
    await tx.connection.run(tx.sql["set_reindex_position"], tx.loc, definition.number, position, done)


async def list_unfinished_reindexing(tx: Transaction) -> list[tuple[str, str]]:
    """Location id and key of every object some of whose search texts have to be rebuilt."""
    return [(row[0], row[1]) for row in await tx.connection.rows(tx.sql["list_unfinished_reindexing"])]


async def list_unfinished_indexes(tx: Transaction) -> list[tuple[str, str, int]]:
    """Location id, object key and field number of every index that is being built or dropped."""
    rows = await tx.connection.rows(tx.sql["list_unfinished_indexes"])
    return [(row[0], row[1], row[2]) for row in rows]


async def list_ready_indexes(tx: Transaction) -> list[tuple[str, str, int]]:
    """Location id, object key and field number of every index that searches ask."""
    return [(row[0], row[1], row[2]) for row in await tx.connection.rows(tx.sql["list_ready_indexes"])]


async def locations_with_field(tx: Transaction, company_id: str, field_id: str) -> list[str]:
    """The ids of a company's locations that have a field or folder with this id."""
    return [row[0] for row in await tx.connection.rows(tx.sql["locations_with_field"], company_id, field_id)]
