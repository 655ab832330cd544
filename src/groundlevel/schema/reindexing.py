"""Rebuilds the search texts of an object's records after what they are made of has changed.

The first slice belongs to the change itself, so that a small object is never seen half done. What is left is carried
out in the background, a transaction for each slice; meanwhile text searches read the records themselves (decision
0028).
"""

from __future__ import annotations

import msgspec

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import ObjectNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Object
from groundlevel.kernel.storage.transaction import Transaction, find_object, raise_schema_version
from groundlevel.kernel.usecase import Call, changing_schema, reading
from groundlevel.schema import store
from groundlevel.schema.store import ReindexProgress

CHUNK = 100
"""Records a transaction; writers of the location wait for one chunk at most."""


async def begin_reindexing(tx: Transaction, before: Object, after: Object) -> Object:
    """Rebuilds the first search texts in the transaction of a change, if the change is one of them.

    Returns `after`, which is marked as `reindexing` when more are left: `reindex_chunk` carries on.
    """
    if CompiledObject(before).search_layout == CompiledObject(after).search_layout:
        return after
    progress = await _make_texts(tx, after, ReindexProgress(b"", 0))
    await store.set_reindex_progress(tx, after, progress)
    return msgspec.structs.replace(after, reindexing=progress is not None)


@changing_schema
async def reindex_chunk(tx: Transaction, call: Call, object_key: str) -> bool:
    """Rebuilds the texts of the next records; whether there may be more. Raises ObjectNotFound.

    It runs alone among the location's writers, so that no text is made from properties another one is replacing.
    """
    definition = await find_object(tx, object_key)
    if definition is None:
        raise ObjectNotFound(object_key)
    progress = await store.find_reindex_progress(tx, definition)
    if progress is None:
        return False
    progress = await _make_texts(tx, definition, progress)
    await store.set_reindex_progress(tx, definition, progress)
    if progress is None:
        # Schemas read before say that there is work left.
        await raise_schema_version(tx)
    return progress is not None


async def _make_texts(tx: Transaction, definition: Object, progress: ReindexProgress) -> ReindexProgress | None:
    """How far the texts are once those of the next records are made; None when that was the last."""
    schema = CompiledObject(definition)
    records, more = await tx.records.list_after(schema, progress.position.hex(), CHUNK)
    texts = [(record.id, schema.search_text(schema.visible(decode_object(record.properties)))) for record in records]
    await tx.records.update_search_texts(schema, texts)
    if not more:
        return None
    return ReindexProgress(bytes.fromhex(records[-1].id), progress.done + len(records))


@reading
async def reindexed_percent(tx: Transaction, call: Call, object_key: str) -> int | None:
    """How many percent of an object's search texts are rebuilt; None when all are. Raises ObjectNotFound."""
    return await texts_percent(tx, (await tx.schema(object_key)).object)


async def texts_percent(tx: Transaction, definition: Object) -> int | None:
    """How many percent of an object's search texts are rebuilt; None when all are."""
    progress = await store.find_reindex_progress(tx, definition)
    if progress is None:
        return None
    return min(99, progress.done * 100 // max(await tx.records.count(CompiledObject(definition)), 1))
