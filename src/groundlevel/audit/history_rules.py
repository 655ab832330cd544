"""The history of a record, and its return to an earlier version."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.audit import store
from groundlevel.audit.describing import describe_changes
from groundlevel.audit.errors import VersionGone, VersionNotFound
from groundlevel.audit.model import AuditRow, ChangeView
from groundlevel.audit.record_states import RecordState, roll_back, state_of
from groundlevel.audit.rules import check_audited
from groundlevel.kernel.changes import DELETE
from groundlevel.kernel.errors import RecordNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning, writing
from groundlevel.records.rules import RecordChange, RecordView, apply_change, check_version, lock_record, view_record
from groundlevel.standard.ids import record_id_of, schema_with_records

_AT_ONCE = 200
"""Changes of a record that are read together."""


class HistoryQuery(Struct, frozen=True):
    """Whose history to show."""

    object_key: str
    id: str
    before: int = store.NEWEST
    """Changes with a smaller number."""
    limit: int = 50


class VersionKey(Struct, frozen=True):
    """A version of a record."""

    object_key: str
    id: str
    version: int
    versions: frozenset[int] | None = None
    """Those in which the record may be changed; None for any."""


@scanning
async def list_history(tx: Transaction, call: Call, query: HistoryQuery) -> list[ChangeView]:
    """The changes of a record that are still logged, also of one that is gone, the newest first.

    Raises AuditOff, ObjectNotFound, RecordNotFound.
    """
    check_audited(tx)
    schema = await tx.schema(canonical_key(query.object_key))
    record_id = record_id_of(schema.object.key, query.id)
    if record_id is None:
        raise RecordNotFound(query.id)
    rows = await store.list_history(tx, record_id, before=query.before, most=query.limit)
    rows = [row for row in rows if row.object_key == schema.object.key]
    if not rows and await tx.records.find(schema, record_id) is None:
        raise RecordNotFound(query.id)
    return await describe_changes(tx, rows)


@writing
async def restore_version(tx: Transaction, call: Call, wanted: VersionKey) -> RecordView:
    """Leads a record back to what it was in a version: an update like any other, under all rules that hold now.

    Values of fields that were deleted since do not come back. Raises AuditOff, ObjectNotFound, NotSupported,
    RecordNotFound, RecordChanged, VersionNotFound, VersionGone, and what an update raises.
    """
    check_audited(tx)
    schema = await schema_with_records(tx, wanted.object_key)
    record = await lock_record(tx, schema, wanted.id)
    check_version(record, wanted.versions)
    if not 1 <= wanted.version <= record.version:
        raise VersionNotFound(record.id, wanted.version)
    now = state_of(record)
    then = await state_in(tx, record.id, now, wanted.version)
    change = RecordChange(
        schema.object.key,
        record.id,
        _differing_values(schema, now, then),
        owners=list(then.owners) if then.owners != now.owners else None,
        followers=list(then.followers) if then.followers != now.followers else None,
        restored=wanted.version,
    )
    # Not strict, so that a list replaces what is stored.
    lenient = msgspec.structs.replace(call, strict=False)
    return await apply_change(tx, lenient, await view_record(tx, call, schema, record), change)


async def state_in(tx: Transaction, record_id: str, now: RecordState, version: int) -> RecordState:
    """What a record was in a version. Raises VersionGone."""
    later: list[AuditRow] = []
    before = store.NEWEST
    while True:
        rows = await store.list_history(tx, record_id, before=before, most=_AT_ONCE)
        for row in rows:
            if row.version < version or (row.version == version and row.operation != DELETE):
                rows = []
                break
            later.append(row)
            before = row.number
        if len(rows) < _AT_ONCE:
            break
    state = roll_back(now, later, version)
    if state is None:
        raise VersionGone(record_id, version)
    return state


def differs(schema: CompiledObject, now: RecordState, then: RecordState) -> bool:
    """Whether to lead a record back would change it."""
    people = (now.owners, now.followers) != (then.owners, then.followers)
    return people or bool(_differing_values(schema, now, then))


def _differing_values(schema: CompiledObject, now: RecordState, then: RecordState) -> dict[str, Json]:
    """By wire key, what a record held then and does not hold now; None for what it did not hold."""
    pairs = ((wire, now.properties.get(key), then.properties.get(key)) for key, wire in schema.keys.items())
    return {wire: was for wire, value, was in pairs if value != was}
