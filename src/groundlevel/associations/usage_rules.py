"""Says how much use is made of associations: how many relations follow each, and how many a record may have."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from groundlevel.associations import relation_store, store
from groundlevel.associations.relation_rules import relation_limits
from groundlevel.kernel.model import Association
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, scanning


class Usage(Struct, frozen=True, gc=False):
    """An association, the relations by it, and the most that a record may have; None for any number."""

    association: Association
    relations: int | None
    """None where they were not counted."""
    most_of_first: int | None
    """Most second records of a first one."""
    most_of_second: int | None


@scanning
async def count_usage(tx: Transaction, call: Call, request: None) -> list[Usage]:
    """Every association of the location with the number of its relations, which are all looked at."""
    counts = await relation_store.count_relations(tx)
    found = await list_usage(tx, call, request)
    return [replace(each, relations=counts.get(each.association.number, 0)) for each in found]


@reading
async def list_usage(tx: Transaction, call: Call, request: None) -> list[Usage]:
    """Every association of the location, with its limits alone."""
    return [
        Usage(each, None, *relation_limits(each, limited=call.limited)) for each in await store.cached_associations(tx)
    ]
