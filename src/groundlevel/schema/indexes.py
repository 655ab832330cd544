"""Builds the index of a field once searches have paid for it, and drops it when writes have (decisions 0005, 0059)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.kernel.errors import ObjectNotFound, Refusal, Unavailable
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Field, IndexState, Object, Origin
from groundlevel.kernel.observe import logger
from groundlevel.kernel.query.ast import Every, Not, Operand, Plan, PropertyOperand, Related, Some, Test
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.demand import IndexName
from groundlevel.kernel.storage.records import Chunk, Tally
from groundlevel.kernel.storage.search import Result
from groundlevel.kernel.storage.transaction import Transaction, raise_schema_version
from groundlevel.kernel.usecase import Call, UseCase, changing_schema, perform, reading
from groundlevel.schema import store

CHUNK = 2_000
"""Records a transaction; writers of the location wait for one chunk at most."""
LOOK_SECONDS = 0.5
"""How often it is looked for indexes that searches have missed."""
REVIEW_SECONDS = 60.0
"""How often it is looked for indexes that no search uses."""
KEPT_WRITES = 2
"""Writes for each record that an index may cost between two uses: together about what building it costs."""
FEWEST_WRITES = 10_000
"""Writes below which no index is dropped."""
SHRINK = 5_000
"""Entries of a dropped index that are removed in one transaction."""
T = TypeVar("T")
_log = logger("indexes")


class IndexKey(Struct, frozen=True):
    """Which index."""

    object_key: str
    field_number: int


class IndexProgress(Struct, frozen=True):
    """How far its building has come."""

    key: IndexKey
    record_id: str


def account_for_search(tx: Transaction, schema: CompiledObject, plan: Plan, result: Result) -> None:
    """Charges what a search has cost to the indexes that it missed, and notes those that it used."""
    numbers = {operand.field_number: operand.indexed for operand in _operands(plan)}
    if not numbers:
        return
    location, key = tx.location.id, schema.object.key
    tx.cache.demand.note_use((location, key, number) for number, indexed in numbers.items() if indexed)
    if result.looked:
        missed = [(location, key, number) for number in numbers if _is_missed(schema, number)]
        tx.cache.demand.charge(missed, looked=result.looked, records=result.held)


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


def _is_missed(schema: CompiledObject, number: int) -> bool:
    field = _field(schema.object, number)
    return field is not None and field.index is IndexState.NONE and type_of(field.data_type).may_be_indexed


def _field(definition: Object, number: int) -> Field | None:
    return next((field for field in definition.fields if field.number == number), None)


async def build_index(storage: Storage, call: Call, key: IndexKey) -> None:
    """Builds an index online, or carries on with one: readers are not affected, writers wait for a chunk at most.

    Raises ObjectNotFound.
    """
    if not await perform(storage, call, begin_index, key):
        return
    filled, name = storage.cache.demand.filled, (call.location.id, key.object_key, key.field_number)
    progress: IndexProgress | None = IndexProgress(key, "")
    try:
        filled[name] = 0
        while progress is not None:
            progress = await perform(storage, call, fill_index, progress)
            filled[name] += CHUNK
    finally:
        del filled[name]
    _log.info("index ready", object=key.object_key, field=key.field_number)


@changing_schema
async def begin_index(tx: Transaction, call: Call, key: IndexKey) -> bool:
    """Makes writers keep the index from now on; whether there is anything to build."""
    definition = (await tx.read_schema(key.object_key)).object
    field = _field(definition, key.field_number)
    if field is None or not type_of(field.data_type).may_be_indexed:
        return False
    if field.index in (IndexState.READY, IndexState.DROPPING):
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
    kind = type_of(field.data_type)
    operand = PropertyOperand(field.stored_key, kind.path, kind.comparison, field.number)
    last = await tx.records.fill_index(schema, operand, Chunk(progress.record_id, CHUNK))
    if last is not None:
        return IndexProgress(progress.key, last)
    used_at = (await tx.records.tally(schema)).changes
    await store.update_field(tx, msgspec.structs.replace(field, index=IndexState.READY, index_used_at=used_at))
    await raise_schema_version(tx)
    return None


async def built_percent(tx: Transaction, definition: Object, field: Field) -> int | None:
    """How many percent of an index are built; None where none is, or another process does it."""
    done = tx.cache.demand.filled.get((tx.location.id, definition.key, field.number))
    if done is None or field.index is not IndexState.BUILDING:
        return None
    return min(99, done * 100 // max(await tx.records.count(CompiledObject(definition)), 1))


async def drop_index(storage: Storage, call: Call, key: IndexKey) -> None:
    """Drops an index, or carries on with that, in slices. Raises ObjectNotFound."""
    if not await perform(storage, call, begin_drop, key):
        return
    while await perform(storage, call, shrink_index, key):
        pass
    _log.info("index dropped", object=key.object_key, field=key.field_number)


@changing_schema
async def begin_drop(tx: Transaction, call: Call, key: IndexKey) -> bool:
    """Makes searches and writers leave the index alone from now on; whether there is anything to remove."""
    field = _field((await tx.read_schema(key.object_key)).object, key.field_number)
    if field is None or field.index not in (IndexState.READY, IndexState.DROPPING):
        return False
    if field.index is IndexState.READY:
        await store.update_field(tx, msgspec.structs.replace(field, index=IndexState.DROPPING))
        await raise_schema_version(tx)
    return True


@changing_schema
async def shrink_index(tx: Transaction, call: Call, key: IndexKey) -> bool:
    """Removes some entries of an index that is being dropped; whether any are left. The last makes it none."""
    field = _field((await tx.read_schema(key.object_key)).object, key.field_number)
    if field is None or field.index is not IndexState.DROPPING:
        return False
    if await tx.records.shrink_index(key.field_number, SHRINK):
        return True
    await store.update_field(tx, msgspec.structs.replace(field, index=IndexState.NONE))
    await raise_schema_version(tx)
    return False


@changing_schema
async def note_index_use(tx: Transaction, call: Call, key: IndexKey) -> None:
    """Notes that searches use an index, unless that was noted so few writes ago that it makes no difference."""
    schema = await tx.read_schema(key.object_key)
    field = _field(schema.object, key.field_number)
    if field is None or field.index is not IndexState.READY:
        return
    tally = await tx.records.tally(schema)
    if tally.changes - field.index_used_at >= _allowance(tally) / 4:
        await store.update_field(tx, msgspec.structs.replace(field, index_used_at=tally.changes))


@reading
async def is_idle(tx: Transaction, call: Call, key: IndexKey) -> bool:
    """Whether writers have spent more on an index, since a search last used it, than building it again would cost."""
    schema = await tx.read_schema(key.object_key)
    field = _field(schema.object, key.field_number)
    if field is None or field.index is not IndexState.READY:
        return False
    tally = await tx.records.tally(schema)
    return tally.changes - field.index_used_at > _allowance(tally)


def _allowance(tally: Tally) -> int:
    return max(KEPT_WRITES * tally.records, FEWEST_WRITES)


async def review_indexes(storage: Storage) -> None:
    """Notes which indexes searches have used since the last review, and drops those that cost more than they save."""
    used = storage.cache.demand.take_used()
    for name in used:
        await _apply(storage, note_index_use, name)
    for name in await storage.read(None, store.list_ready_indexes):
        if name not in used and await _apply(storage, is_idle, name):
            await _work_on(storage, name, drop_index)


async def keep_indexes(storage: Storage) -> None:
    """Builds what searches have paid for, one index after the other, and drops what none uses, until cancelled.

    It begins with what a crash cut off. An index that cannot be built now is left to the next search that misses it; an
    error nobody expected, or a database that cannot be reached, ends the task, which is started again.
    """
    demand = storage.cache.demand
    for unfinished in await storage.read(None, store.list_unfinished_indexes):
        demand.wanted[unfinished] = None
    reviewed = time.monotonic()
    while True:
        while demand.wanted:
            name = next(iter(demand.wanted))
            await _work_on(storage, name, build_or_drop)
            demand.wanted.pop(name, None)
        if time.monotonic() - reviewed >= REVIEW_SECONDS:
            await review_indexes(storage)
            reviewed = time.monotonic()
        await asyncio.sleep(LOOK_SECONDS)


async def build_or_drop(storage: Storage, call: Call, key: IndexKey) -> None:
    """Builds an index, or finishes dropping it if that was begun. Raises ObjectNotFound."""
    definition = (await storage.read(call.location, lambda tx: tx.read_schema(key.object_key))).object
    field = _field(definition, key.field_number)
    if field is not None and field.index is IndexState.DROPPING:
        await drop_index(storage, call, key)
    else:
        await build_index(storage, call, key)


async def _work_on(
    storage: Storage, name: IndexName, work: Callable[[Storage, Call, IndexKey], Awaitable[None]]
) -> None:
    """Does work on an index of an object that may be gone by now."""
    try:
        call = await _call_for(storage, name)
        if call is not None:
            await work(storage, call, IndexKey(*name[1:]))
    except Unavailable:
        raise
    except Refusal as refusal:
        _log.warning("index left alone", object=name[1], field=name[2], reason=refusal.message)


async def _apply(storage: Storage, use_case: UseCase[IndexKey, T], name: IndexName) -> T | None:
    """The result of a use case on an index; None when its object is gone."""
    call = await _call_for(storage, name)
    with contextlib.suppress(ObjectNotFound):
        return None if call is None else await perform(storage, call, use_case, IndexKey(*name[1:]))
    return None


async def _call_for(storage: Storage, name: IndexName) -> Call | None:
    location = await storage.read(None, lambda tx: access_store.find_location(tx, name[0]))
    return None if location is None else Call(location, Origin("", "", ""), storage.ids)
