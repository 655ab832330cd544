"""One unit of work over one location: everything in it becomes durable together, or nothing does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from groundlevel.errors import Refusal
from groundlevel.storage.access import AccessMethods
from groundlevel.storage.connection import StaleSchemaError
from groundlevel.storage.inspection import InspectionMethods
from groundlevel.storage.keys import KeyMethods
from groundlevel.storage.objects import ObjectMethods
from groundlevel.storage.outbox import OutboxMethods
from groundlevel.storage.records import Claim, Entries, NewRow
from groundlevel.storage.search import SearchMethods

T = TypeVar("T")


class Transaction(AccessMethods, ObjectMethods, SearchMethods, InspectionMethods, OutboxMethods, KeyMethods):
    """What a use case is given. An engine adds what its own statements need."""


Work = Callable[[Transaction], Coroutine[Any, Any, T]]
"""What an engine is handed: a coroutine function that awaits nothing but its transaction."""


async def carried_out(work: Work[T], tx: Transaction) -> T:
    """The result of the work. Raises StaleSchemaError in the place of a refusal by a schema that another process has
    changed and whose news has not arrived yet."""
    try:
        return await work(tx)
    except Refusal:
        if tx.relied is not None and await tx.schema_version() != tx.relied:
            raise StaleSchemaError from None
        raise


__all__ = ["Claim", "Entries", "NewRow", "Transaction", "Work", "carried_out"]
