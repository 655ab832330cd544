"""Reads the records of an object page by page, oldest first, for what is written or sent while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from msgspec import Struct

from groundlevel.associations import store as associations_store
from groundlevel.kernel.errors import LimitExceeded
from groundlevel.kernel.fields.compiled import CompiledObject, Property
from groundlevel.kernel.model import Json, Record
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.records import SLICE_TEXT, Slice
from groundlevel.kernel.storage.search import list_page
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform, reading, scanning
from groundlevel.standard.ids import schema_with_records

PAGE = 500
"""Records read in one transaction."""
_FEWER = 5
"""By how many times fewer are read where these are too large."""


class Selection(Struct, frozen=True):
    """Which records of an object, and which of their properties."""

    object_key: str
    filters: Json = None
    """As a search has them; None for all records."""
    fields: tuple[str, ...] = ()
    """Keys of properties, short or full; none for all."""


class PageAfter(Struct, frozen=True):
    """Asks for the records of a selection that follow one in id order; starts with an empty id."""

    selection: Selection
    record_id: str


class Columns(Struct, frozen=True):
    """What is shown of records."""

    schema: CompiledObject
    properties: tuple[tuple[str, Property], ...]
    """By key."""
    chosen: bool
    """Whether they were asked for by name."""


@reading
async def resolve_columns(tx: Transaction, call: Call, selection: Selection) -> Columns:
    """The properties that are shown.

    Raises ObjectNotFound, NotSupported, UnknownProperty, and what a search raises of filters.
    """
    schema = await schema_with_records(tx, selection.object_key)
    await _plan_of(tx, call, schema, selection)
    if not selection.fields:
        return Columns(schema, tuple(schema.properties_by_key.items()), chosen=False)
    chosen: dict[str, Property] = {}
    for name in selection.fields:
        key = schema.short_key(name)
        parts = [each for each in schema.properties_by_key.items() if each[0] == key or each[1].field.key == key]
        if not parts:
            raise schema.unknown_property(name)
        chosen.update(parts)
    return Columns(schema, tuple(chosen.items()), chosen=True)


async def read_pages(
    storage: Storage, call: Call, selection: Selection, *, seconds: float | None = None
) -> AsyncIterator[list[Record]]:
    """The records of a selection, a page after the other; no page is empty.

    Raises what resolve_columns raises, and TimeoutError for a page that takes longer than so many seconds.
    """
    after = ""
    while True:
        async with asyncio.timeout(seconds):
            found, more = await perform(storage, call, list_records_of, PageAfter(selection, after))
        if found:
            yield found
        if not more:
            return
        after = found[-1].id


@scanning
async def list_records_of(tx: Transaction, call: Call, page: PageAfter) -> Slice:
    """The next records: up to PAGE, fewer where they are large. Raises what resolve_columns raises."""
    schema = await schema_with_records(tx, page.selection.object_key)
    if page.selection.filters is None:
        return await tx.records.list_after(schema, page.record_id, PAGE)
    plan = await _plan_of(tx, call, schema, page.selection)
    after = (page.record_id,) if page.record_id else ()
    limit = PAGE
    while True:
        asked = msgspec.structs.replace(plan, id_ascending=True, after=after, limit=limit)
        try:
            records = await list_page(tx, schema, asked)
        except LimitExceeded:
            # So many of them do not fit into a page (decision 45). One always does.
            if limit == 1:
                raise
            limit = max(1, limit // _FEWER)
        else:
            fitting = _fitting(records)
            return Slice(fitting, len(fitting) < len(records) or len(records) == limit)


def _fitting(records: list[Record]) -> list[Record]:
    """The first of the records, as many as a slice may hold: the others are read again when these have been sent."""
    size = 0
    for count, record in enumerate(records):
        size += len(record.properties)
        if size > SLICE_TEXT and count:
            return records[:count]
    return records


async def _plan_of(tx: Transaction, call: Call, schema: CompiledObject, selection: Selection) -> Plan:
    query = parse_query(SearchRequest(filters=selection.filters), strict=call.strict)
    associations = await associations_store.associations_of_object(tx, schema)
    return bind(query, schema, strict=call.strict, associations=associations)
