"""Searches the records of an object (operation O9; contract 3)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.associations import store as associations_store
from groundlevel.associations.related import related_records
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursor_of
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning
from groundlevel.records.rules import RecordView
from groundlevel.schema.indexes import note_missed_indexes
from groundlevel.standard.ids import schema_with_records


class Search(Struct, frozen=True, gc=False):
    """What is searched, as asked on the wire."""

    object_key: str
    request: SearchRequest


class Found(Struct, frozen=True, gc=False):
    """A page of records in order, the cursor of each, and how many there are in all."""

    views: list[RecordView]
    cursors: list[list[Json]]
    total: int


@scanning
async def search_records(tx: Transaction, call: Call, request: Search) -> Found:
    """A page of records, and how many match. Sees every write acknowledged before it (contract 8 row 31).

    Raises ObjectNotFound, NotSupported, and what parsing and binding raise.
    """
    schema = await schema_with_records(tx, request.object_key)
    query = parse_query(request.request, strict=call.strict)
    plan = bind(
        query, schema, strict=call.strict, associations=await associations_store.associations_of_object(tx, schema)
    )
    await note_missed_indexes(tx, schema, plan)
    records, total = await search_plan(tx, schema, plan)
    related = await related_records(tx, schema, [record.id for record in records])
    return Found(
        [RecordView(record, schema, call.location, related.get(record.id, ())) for record in records],
        [cursor_of(plan, record) for record in records],
        total,
    )
