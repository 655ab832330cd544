"""What contacts, opportunities and businesses have in common: they are records of standard objects in another form.

A `StandardObject` has the use cases that are the same for all of them, and what the others of a noun begin with: the
record, found or locked, as a view. A sub-resource, such as the tags of a contact, begins with `lock` or `fetch` too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Record
from groundlevel.kernel.query.ast import Column, ColumnOperand, Plan, Within
from groundlevel.kernel.query.names import Name
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.storage.search import list_page
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, scanning_unless, writing
from groundlevel.records.rules import RecordView, fetch_record, lock_record, remove_record
from groundlevel.records.search import Found, Searched, reads_little, search_object

V = TypeVar("V")
_IDS = ColumnOperand(Column.ID, Comparison.TEXT)

Show = Callable[[Transaction, Sequence[RecordView]], Awaitable[list[V]]]
"""Adds to records of the object what else is shown of them."""
BeforeDelete = Callable[[Transaction, RecordView], Awaitable[None]]
"""What has to be done before a locked record goes: delete what goes with it, and tell."""


class StandardObject(Generic[V]):
    """A standard object whose records are shown as values of type V.

    `get`, `delete` and `search` are use cases, to be handed to `perform`.
    """

    def __init__(
        self, key: str, *, show: Show[V], names: Mapping[str, Name] | None, before_delete: Sequence[BeforeDelete] = ()
    ) -> None:
        self.key = key
        self._names = names
        self._show = show
        self._before_delete = before_delete
        self.get = reading(self._get)
        """The record with this public id. Raises its kind of RecordNotFound."""
        self.delete = writing(self._delete)
        """Deletes the record with an id, and what has to go with it. Raises its kind of RecordNotFound."""
        self.search = scanning_unless(reads_little)(self._search)
        """A page of the records found. Raises what parsing and binding raise."""

    async def schema(self, tx: Transaction) -> CompiledObject:
        """The compiled form of the object, which every location has."""
        return await tx.schema(self.key)

    async def fetch(self, tx: Transaction, call: Call, shown: str) -> RecordView:
        """The record with this public id. Raises its kind of RecordNotFound."""
        schema = await self.schema(tx)
        return RecordView(await fetch_record(tx, schema, shown), schema, call.location)

    async def lock(self, tx: Transaction, call: Call, shown: str) -> RecordView:
        """As `fetch`, locked against other writers. Raises its kind of RecordNotFound."""
        schema = await self.schema(tx)
        return RecordView(await lock_record(tx, schema, shown), schema, call.location)

    async def complete(self, tx: Transaction, view: RecordView) -> V:
        """One record with what else is shown of it."""
        [shown] = await self._show(tx, [view])
        return shown

    async def _get(self, tx: Transaction, call: Call, shown: str) -> V:
        return await self.complete(tx, await self.fetch(tx, call, shown))

    async def _delete(self, tx: Transaction, call: Call, shown: str) -> None:
        view = await self.lock(tx, call, shown)
        for prepare in self._before_delete:
            await prepare(tx, view)
        await remove_record(tx, view.schema, view.record)

    async def _search(self, tx: Transaction, call: Call, request: SearchRequest) -> Found[V]:
        return await search_object(tx, call, Searched(await self.schema(tx), self._show, self._names), request)


async def as_records(tx: Transaction, views: Sequence[RecordView]) -> list[RecordView]:
    """Records of which nothing else is shown."""
    return list(views)


async def records_by_id(tx: Transaction, schema: CompiledObject, ids: Collection[str]) -> dict[str, Record]:
    """Those records of the object that there are of some, by record id, in one read."""
    if not ids:
        return {}
    # One more than there can be, so that nothing need be counted.
    plan = Plan(None, Within(_IDS, tuple(sorted(ids))), (), id_ascending=True, after=(), offset=0, limit=len(ids) + 1)
    return {record.id: record for record in await list_page(tx, schema, plan)}
