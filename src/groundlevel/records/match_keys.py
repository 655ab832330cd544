"""Lists the values of a field by which an import recognises records, where it is not unique."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning
from groundlevel.standard.ids import schema_with_records


class MatchKeysAfter(Struct, frozen=True):
    """Asks for the matched forms of the records that follow one in id order; starts with an empty id."""

    object_key: str
    match: str
    record_id: str
    limit: int


@scanning
async def list_match_keys_after(
    tx: Transaction, call: Call, request: MatchKeysAfter
) -> tuple[list[tuple[str, str]], str]:
    """Pairs of matched form and record id of the next records, and the id to go on from; an empty one at the end."""
    schema = await schema_with_records(tx, request.object_key)
    prop = schema.properties_by_key[request.match]
    records, more = await tx.records.list_after(schema, request.record_id, request.limit)
    pairs = []
    for record in records:
        stored = decode_object(record.properties).get(prop.stored_key)
        if stored is not None and stored != "":
            pairs.append((prop.type.unique_form(prop.field, stored), record.id))
    return pairs, records[-1].id if more else ""
