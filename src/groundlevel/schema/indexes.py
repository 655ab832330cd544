"""Builds the index of a field when filters or sorts of a large object want it (decision 0005)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.errors import Refusal, Unavailable
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Field, IndexState, Object, Origin
from groundlevel.kernel.observe import logger
from groundlevel.kernel.query.ast import Every, Not, Operand, Plan, PropertyOperand, Related, Some, Test
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, raise_schema_version
from groundlevel.kernel.usecase import Call, changing_schema, perform
from groundlevel.schema import store

THRESHOLD = 10_000
"""Records below which a scan is as good as an index."""
CHUNK = 500
"""Records a transaction; writers of the location wait for one chunk at most."""
LOOK_SECONDS = 0.5
"""How often it is looked for indexes that searches have missed."""
_log = logger("indexes")


class IndexKey(Struct, frozen=True):
    """Which index."""

    object_key: str
    field_number: int


class IndexProgress(Struct, frozen=True):
    """How far its building has come."""

    key: IndexKey
    record_id: str


async def note_missed_indexes(tx: Transaction, schema: CompiledObject, plan: Plan) -> None:
    """Notes which indexes the plan would have used, if the object is large enough to need them."""
    missed = [operand.field_number for operand in _operands(plan) if _is_indexable(schema, operand)]
    if missed and await tx.records.count(schema) >= THRESHOLD:
        for number in missed:
            tx.cache.note_missed_index((tx.location.id, schema.object.key, number))


def _operands(plan: Plan) -> Iterator[PropertyOperand]:
    if plan.where is not None:
        yield from (operand for operand in _tested_operands(plan.where) if isinstance(operand, PropertyOperand))
    if plan.order and isinstance(plan.order[0].operand, PropertyOperand):
        yield plan.order[0].operand


def _tested_operands(test: Test) -> Iterator[Operand]:
    match test:
        case Every(tests) | Some(tests):
            for each in tests:
                yield from _tested_operands(each)
        case Not(inner):
            yield from _tested_operands(inner)
        case Related():
            return
        case _:
            yield test.operand


def _is_indexable(schema: CompiledObject, operand: PropertyOperand) -> bool:
    field = _field(schema.object, operand.field_number)
    return field is not None and field.index is IndexState.NONE and type_of(field.data_type).may_be_indexed


def _field(definition: Object, number: int) -> Field | None:
    return next((field for field in definition.fields if field.number == number), None)


async def build_index(storage: Storage, call: Call, key: IndexKey) -> None:
    """Builds an index online, or carries on with one: readers are not affected, writers wait for a chunk at most.

    Raises ObjectNotFound.
    """
    if not await perform(storage, call, begin_index, key):
        return
    progress: IndexProgress | None = IndexProgress(key, "")
    while progress is not None:
        progress = await perform(storage, call, fill_index, progress)
    _log.info("index ready", object=key.object_key, field=key.field_number)


@changing_schema
async def begin_index(tx: Transaction, call: Call, key: IndexKey) -> bool:
    """Makes writers keep the index from now on; whether there is anything to build."""
    definition = (await tx.read_schema(key.object_key)).object
    field = _field(definition, key.field_number)
    if field is None or field.index is IndexState.READY or not type_of(field.data_type).may_be_indexed:
        return False
    if field.index is IndexState.NONE:
        await store.update_field(tx, msgspec.structs.replace(field, index=IndexState.BUILDING))
        await raise_schema_version(tx)
    return True


@changing_schema
async def fill_index(tx: Transaction, call: Call, progress: IndexProgress) -> IndexProgress | None:
    """Adds the values of the next records; None when that was the last and the index is ready."""
    schema = await tx.read_schema(progress.key.object_key)
    field = _field(schema.object, progress.key.field_number)
    if field is None or field.index is not IndexState.BUILDING:
        return None
    records = await tx.records.list_after(schema, progress.record_id, CHUNK)
    number = field.number
    entries = []
    for record in records:
        held = schema.index_entries(decode_object(record.properties))
        entries.append((record.id, frozenset(entry for entry in held if entry[0] == number)))
    if entries:
        await tx.records.insert_entries(schema, entries)
    if len(records) == CHUNK:
        return IndexProgress(progress.key, records[-1].id)
    await store.update_field(tx, msgspec.structs.replace(field, index=IndexState.READY))
    await raise_schema_version(tx)
    return None


async def keep_indexes(storage: Storage) -> None:
    """Builds whatever searches miss, one index after the other, until cancelled; first what a crash cut off.

    An index that cannot be built now is left to the next search that misses it; an unexpected error, or a database
    that cannot be reached, ends the task, which is started again.
    """
    wanted = storage.cache.wanted
    for unfinished in await storage.read(None, store.list_unfinished_indexes):
        wanted[unfinished] = None
    while True:
        while wanted:
            missed = next(iter(wanted))
            try:
                await _build(storage, missed)
            except Unavailable:
                raise
            except Refusal as refusal:
                _log.warning("index not built", object=missed[1], field=missed[2], reason=refusal.message)
            wanted.pop(missed, None)
        await asyncio.sleep(LOOK_SECONDS)


async def _build(storage: Storage, missed: tuple[str, str, int]) -> None:
    location_id, object_key, number = missed
    location = await storage.read(None, lambda tx: access_store.find_location(tx, location_id))
    if location is not None:
        call = Call(location, Origin("", "", ""), storage.ids)
        await build_index(storage, call, IndexKey(object_key, number))
