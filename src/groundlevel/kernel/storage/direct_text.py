"""Searches for a text in the records themselves, while the search texts of their object are being rebuilt."""

from __future__ import annotations

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.storage.transaction import Transaction

READ_AT_ONCE = 25
"""Records whose texts are made between two statements."""


async def read_matches(tx: Transaction, schema: CompiledObject, plan: Plan) -> list[object]:
    """The keys of all records that the plan's text search finds, in id order."""
    text = plan.text
    assert text is not None, "only text searches need search texts"
    found: list[str] = []
    last = ""
    while records := (await tx.records.list_after(schema, last, READ_AT_ONCE)).records:
        last = records[-1].id
        texts = ((each.id, schema.visible(decode_object(each.properties))) for each in records)
        found.extend(each for each, stored in texts if text.matches(schema.search_text(stored)))
    if not plan.id_ascending:
        found.reverse()
    return await tx.records.keys_of(schema, found)
