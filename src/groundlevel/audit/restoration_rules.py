"""Leads all records of an object back to what they were at a time (decision 0089)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.audit import store
from groundlevel.audit.bin_rules import BinKey, find_deletion, restore_deleted
from groundlevel.audit.errors import MomentGone
from groundlevel.audit.history_rules import VersionKey, differs, restore_version, state_in
from groundlevel.audit.record_states import state_of
from groundlevel.audit.rules import check_audited
from groundlevel.kernel.changes import DELETE, UPDATE
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Record
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning, writing
from groundlevel.records.rules import RecordKey, delete_record
from groundlevel.standard.ids import schema_with_records

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
"""What is done to a record: the words of the bulk operation. One that comes back from the bin is created."""


class MomentQuery(Struct, frozen=True):
    """A time, for an object."""

    object_key: str
    at: int
    """In epoch milliseconds."""


class Moment(Struct, frozen=True):
    """A time among the changes of a location."""

    object_key: str
    last: int
    """The number of the last change up to that time."""
    newest: int
    """The number of the last change of all, when the work begins."""


class ChangedQuery(Struct, frozen=True):
    """Which records that were changed since a moment to list."""

    moment: Moment
    before: int
    """Those whose newest change has a smaller number."""
    most: int
    """Changes that are looked through."""


class Changed(Struct, frozen=True):
    """Records that were changed, by the order of their newest changes, the last first."""

    ids: list[str]
    next: int | None
    """The `before` of the next page; None at the end."""


class RecordMoment(Struct, frozen=True):
    """A record that is to be what it was at a moment."""

    moment: Moment
    record_id: str
    since: int
    """The time before which a record that is to come back must not have been deleted."""
    scopes: frozenset[str]
    """What the caller may do."""


class _Then(Struct, frozen=True):
    """What a record was at a moment."""

    schema: CompiledObject
    record: Record | None
    """What it is now; None where it is gone."""
    version: int | None
    """The version that it had then; None where there was none."""


@scanning
async def find_moment(tx: Transaction, call: Call, query: MomentQuery) -> Moment:
    """Where a time lies among the changes. Raises AuditOff, ObjectNotFound, NotSupported, MomentGone."""
    check_audited(tx)
    schema = await schema_with_records(tx, query.object_key)
    bounds = await store.find_bounds(tx)
    low, high = bounds.start, bounds.newest
    if low and (oldest := await _time_of(tx, bounds.oldest)) > query.at:
        raise MomentGone(oldest)
    # Numbers have no gaps, and times stand in their order.
    while low < high:
        middle = (low + high + 1) // 2
        if await _time_of(tx, middle) <= query.at:
            low = middle
        else:
            high = middle - 1
    return Moment(schema.object.key, low, bounds.newest)


async def _time_of(tx: Transaction, number: int) -> int:
    (row,) = await store.list_changes(tx, number - 1, 1)
    return row.at


@scanning
async def list_changed(tx: Transaction, call: Call, query: ChangedQuery) -> Changed:
    """Records that were changed between the moment and the beginning of the work, each once."""
    moment = query.moment
    rows = await store.list_record_changes(tx, moment.object_key, (moment.last, query.before), query.most)
    ids = []
    for row in rows:
        newest = await store.list_history(tx, row.subject, before=moment.newest + 1, most=1)
        if newest[0].number == row.number:
            ids.append(row.subject)
    return Changed(ids, rows[-1].number if len(rows) == query.most else None)


@scanning
async def preview_record(tx: Transaction, call: Call, wanted: RecordMoment) -> str | None:
    """What would be done to a record, None for nothing. Raises VersionGone and NotInBin."""
    then = await _find_then(tx, wanted)
    if then is None:
        return None
    if then.record is None:
        await find_deletion(tx, _bin_key(wanted))
        return CREATED
    if then.version is None:
        return DELETED
    now = state_of(then.record)
    return UPDATED if differs(then.schema, now, await state_in(tx, wanted.record_id, now, then.version)) else None


@writing
async def restore_record(tx: Transaction, call: Call, wanted: RecordMoment) -> str | None:
    """Makes a record what it was: changes it, deletes it, or brings it back; None where there is nothing to do.

    Raises what an update, a deletion and a return from the bin raise, VersionGone and NotInBin.
    """
    then = await _find_then(tx, wanted)
    if then is None:
        return None
    key = wanted.moment.object_key
    if then.version is None:
        await delete_record(tx, call, RecordKey(key, wanted.record_id))
        return DELETED
    version = VersionKey(key, wanted.record_id, then.version)
    if then.record is None:
        await restore_deleted(tx, call, _bin_key(wanted))
        await restore_version(tx, call, version)
        return CREATED
    view = await restore_version(tx, call, version)
    return None if view.record.version == then.record.version else UPDATED


async def _find_then(tx: Transaction, wanted: RecordMoment) -> _Then | None:
    """What a record was; None where it was not there and is not there."""
    schema = await schema_with_records(tx, wanted.moment.object_key)
    record = await tx.records.find(schema, wanted.record_id)
    first = await store.find_first_change(tx, wanted.record_id, wanted.moment.last)
    if first is None:  # The log was shortened meanwhile.
        return None
    version = None
    if first.operation in (UPDATE, DELETE):
        version = first.version - (first.operation == UPDATE)
    return None if record is None and version is None else _Then(schema, record, version)


def _bin_key(wanted: RecordMoment) -> BinKey:
    return BinKey(wanted.record_id, wanted.since, wanted.scopes)
