"""Searches the records of an object (operation O9; contract 3)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.model import Json
from groundlevel.query.bind import bind
from groundlevel.query.cursor import cursor_of
from groundlevel.query.parse import SearchRequest, parse_query
from groundlevel.service import Call, scanning
from groundlevel.service.indexes import note_missed
from groundlevel.service.keys import shape_with_records
from groundlevel.service.records import RecordView
from groundlevel.service.related import related_records
from groundlevel.storage import associations as associations_store
from groundlevel.storage import search as search_store
from groundlevel.storage.transaction import Transaction


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
    """O9. Sees every write acknowledged before it (contract 8 row 31).

    Raises ObjectNotFound, NotSupported, and what parsing and binding raise.
    """
    shape = await shape_with_records(tx, request.object_key)
    query = parse_query(request.request, strict=call.strict)
    plan = bind(query, shape, strict=call.strict, associations=await associations_store.associations_of(tx, shape))
    await note_missed(tx, shape, plan)
    records, total = await search_store.search(tx, shape, plan)
    related = await related_records(tx, shape, [record.id for record in records])
    return Found(
        [RecordView(record, shape, call.location, related.get(record.id, ())) for record in records],
        [cursor_of(plan, record) for record in records],
        total,
    )
