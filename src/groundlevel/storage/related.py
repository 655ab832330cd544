"""What a transaction finds on the other side of records: the relations that are shown with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from groundlevel.model import Relation
from groundlevel.storage.transaction import Transaction

RELATIONS_SHOWN: Final = 100
"""Most relations that are shown with a record; a page of records costs no more than this, however many there are."""


async def relations_shown(tx: Transaction, record_ids: Sequence[str]) -> dict[str, list[Relation]]:
    """Up to RELATIONS_SHOWN relations of each record that has any, in which it stands on either side.

    By association, the oldest first. A relation of a record with itself comes once.
    """
    found: dict[str, list[Relation]] = {}
    if tx.dialect.takes_arrays:
        ids = [bytes.fromhex(record_id) for record_id in record_ids]
        for row in await tx.connection.rows(tx.sql["related"], tx.loc, ids, RELATIONS_SHOWN):
            relation = Relation(row[2].hex(), row[1], row[3].hex(), row[4].hex())
            found.setdefault(row[0].hex(), []).append(relation)
        return found
    for record_id in record_ids:
        rows = await tx.connection.rows(tx.sql["related"], tx.loc, bytes.fromhex(record_id), RELATIONS_SHOWN)
        if rows:
            found[record_id] = [Relation(row[1].hex(), row[0], row[2].hex(), row[3].hex()) for row in rows]
    return found
