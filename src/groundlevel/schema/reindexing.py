"""Makes the search texts of an object's records again after what they are made of has changed."""

from __future__ import annotations

from groundlevel.access import store as access_store
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import ObjectNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Object, Origin
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, find_object
from groundlevel.kernel.usecase import Call, changing_schema, perform
from groundlevel.schema import store

CHUNK = 500
"""Records a transaction; writers of the location wait for one chunk at most."""


async def begin_reindexing(tx: Transaction, before: Object, after: Object) -> None:
    """Notes in the changing transaction that search texts have to be made again, if they have.

    The note outlives a crash: a server that starts carries on from it.
    """
    if CompiledObject(before).search_layout != CompiledObject(after).search_layout:
        await store.set_reindex_position(tx, after, b"")


async def reindex(storage: Storage, call: Call, object_key: str) -> None:
    """Carries out or carries on what begin_refill noted, if anything."""
    while await perform(storage, call, reindex_chunk, object_key):
        pass


@changing_schema
async def reindex_chunk(tx: Transaction, call: Call, object_key: str) -> bool:
    """Makes the texts of the next records; whether there may be more.

    It runs alone among the location's writers, so that no text is made from properties another one is replacing.
    """
    definition = await find_object(tx, object_key)
    if definition is None:
        raise ObjectNotFound(object_key)
    position = await store.find_reindex_position(tx, definition)
    if position is None:
        return False
    schema = CompiledObject(definition)
    records = await tx.records.list_after(schema, position.hex(), CHUNK)
    texts = [(record.id, schema.search_text(schema.visible(decode_object(record.properties)))) for record in records]
    await tx.records.update_search_texts(schema, texts)
    await store.set_reindex_position(tx, definition, bytes.fromhex(records[-1].id) if len(records) == CHUNK else None)
    return len(records) == CHUNK


async def resume_reindexing(storage: Storage) -> None:
    """Carries on every refill that a crash cut off."""
    for location_id, object_key in await storage.read(None, store.list_unfinished_reindexing):
        await _resume(storage, location_id, object_key)


async def _resume(storage: Storage, location_id: str, object_key: str) -> None:
    location = await storage.read(None, lambda tx: access_store.find_location(tx, location_id))
    if location is not None:
        await reindex(storage, Call(location, Origin("", "", ""), storage.ids), object_key)
