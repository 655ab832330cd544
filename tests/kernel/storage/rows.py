"""Rows for storage tests, written past the rules."""

from __future__ import annotations

from collections.abc import Sequence

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import timestamp_of
from groundlevel.kernel.model import Record
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.storage.records import EntryChange, NewRow
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction

SAME = EntryChange(frozenset(), frozenset())
"""That nothing indexed changes."""


def new_row(record_id: str, *, text: str = "rex", owners: tuple[str, ...] = (), name: str = "Rex") -> NewRow:
    """A row that belongs to the object `pet`."""
    return NewRow(record_id, timestamp_of(record_id), owners, (), '{"channel":"A"}', f'{{"name":"{name}"}}', text)


async def add(tx: Transaction, schema: CompiledObject, texts: Sequence[str]) -> list[str]:
    """Adds a row for each text, and returns their ids."""
    ids = [await tx.records.new_id(schema) for _ in texts]
    await tx.records.insert(schema, [new_row(each, text=text) for each, text in zip(ids, texts, strict=True)])
    return ids


async def find(
    tx: Transaction, schema: CompiledObject, text: str | None = None, *, limit: int = 20
) -> tuple[list[str], int]:
    """The ids and the total of a text search."""
    plan = bind(parse_query(SearchRequest(text=text, page_limit=limit), strict=False), schema, strict=False)
    found = await search_plan(tx, schema, plan)
    return [record.id for record in found.records], found.total


def names(records: Sequence[Record]) -> list[str]:
    """The ids of records."""
    return [record.id for record in records]
