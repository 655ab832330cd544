"""Lists businesses, which are the records of the standard object `business` (contract 4.2, 4.3)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning
from groundlevel.records.rules import RecordView
from groundlevel.standard.objects import BUSINESS


class Slice(Struct, frozen=True):
    """Which part of a list."""

    limit: int
    skip: int


@scanning
async def list_businesses(tx: Transaction, call: Call, request: Slice) -> list[RecordView]:
    """The businesses of the location, oldest first, so that none is missed when others are added meanwhile."""
    schema = await tx.schema(BUSINESS)
    plan = Plan(text=None, where=None, order=(), id_ascending=True, after=(), offset=request.skip, limit=request.limit)
    records, _ = await search_plan(tx, schema, plan)
    return [RecordView(record, schema, call.location) for record in records]
