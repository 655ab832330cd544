"""One unit of work over one location: everything in it becomes durable together, or nothing does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from groundlevel.errors import Refusal
from groundlevel.storage.access import AccessMethods
from groundlevel.storage.apps import AppMethods
from groundlevel.storage.deliveries import DeliveryMethods
from groundlevel.storage.inspection import InspectionMethods
from groundlevel.storage.keys import KeyMethods
from groundlevel.storage.outbox import OutboxMethods
from groundlevel.storage.pipelines import PipelineMethods
from groundlevel.storage.records import Claim, Entries, NewRow
from groundlevel.storage.related import RelatedMethods
from groundlevel.storage.relations import RelationMethods
from groundlevel.storage.search import SearchMethods
from groundlevel.storage.webhooks import WebhookMethods

T = TypeVar("T")


class Transaction(
    AccessMethods,
    AppMethods,
    RelationMethods,
    SearchMethods,
    RelatedMethods,
    InspectionMethods,
    OutboxMethods,
    KeyMethods,
    PipelineMethods,
    WebhookMethods,
    DeliveryMethods,
):
    """What a use case is given. An engine adds what its own statements need."""


Work = Callable[[Transaction], Coroutine[Any, Any, T]]
"""What an engine is handed: a coroutine function that awaits nothing but its transaction."""


async def carried_out(work: Work[T], tx: Transaction) -> T:
    """The result of the work. Raises StaleSchemaError in the place of a refusal by a schema that another process has
    changed and whose news has not arrived yet."""
    try:
        return await work(tx)
    except Refusal:
        await tx.verify()
        raise


__all__ = ["Claim", "Entries", "NewRow", "Transaction", "Work", "carried_out"]
