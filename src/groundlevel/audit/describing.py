"""Says of logged changes what was different, in the words of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from groundlevel.audit import store
from groundlevel.audit.model import AuditRow, ChangeView
from groundlevel.audit.record_states import RecordState, deleted_state, roll_back, state_of, wire_properties
from groundlevel.crm.standard_object import records_by_id
from groundlevel.kernel.changes import CREATE, DELETE, UPDATE
from groundlevel.kernel.errors import ObjectNotFound
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.records.changes import RECORD, decode_difference


class _Definition(Struct, frozen=True):
    """What is kept of a change of anything that is no record."""

    before: dict[str, Json] | None = None
    after: dict[str, Json] | None = None


_decode_definition = msgspec.json.Decoder(_Definition).decode
_WHOLE = _Definition()


async def describe_changes(tx: Transaction, rows: Sequence[AuditRow]) -> list[ChangeView]:
    """What each of these changes of the location made different.

    Of a creation of a record that is not in the log: it is found by going back from what the record is. All has to be
    read in one snapshot.
    """
    schemas = {key: await _schema_of(tx, key) for key in {row.object_key for row in rows if row.kind == RECORD}}
    created = await _created_states(tx, schemas, rows)
    return [_describe(row, schemas.get(row.object_key), created) for row in rows]


async def _schema_of(tx: Transaction, key: str) -> CompiledObject | None:
    try:
        return await tx.schema(key)
    except ObjectNotFound:
        return None


async def _created_states(
    tx: Transaction, schemas: Mapping[str, CompiledObject | None], rows: Sequence[AuditRow]
) -> dict[int, RecordState | None]:
    """What records were when they were created or came back, by the number of that change."""
    wanted = [row for row in rows if row.kind == RECORD and row.operation not in (UPDATE, DELETE)]
    if not wanted:
        return {}
    subjects = {row.subject for row in wanted}
    later: dict[str, list[AuditRow]] = {subject: [] for subject in subjects}
    for row in await store.list_later_changes(tx, sorted(subjects), min(row.number for row in wanted)):
        later[row.subject].append(row)
    now: dict[str, RecordState] = {}
    for key, schema in schemas.items():
        if schema is not None:
            ids = {row.subject for row in wanted if row.object_key == key}
            now.update((each.id, state_of(each)) for each in (await records_by_id(tx, schema, ids)).values())
    return {
        row.number: roll_back(
            now.get(row.subject), (each for each in later[row.subject] if each.number > row.number), row.version
        )
        for row in wanted
    }


def _describe(row: AuditRow, schema: CompiledObject | None, created: Mapping[int, RecordState | None]) -> ChangeView:
    if row.kind != RECORD:
        return _describe_definition(row)
    if row.operation == DELETE:
        return ChangeView(row, before=_shown(schema, deleted_state(row)))
    if row.operation == UPDATE:
        return _describe_update(row, schema)
    state = created[row.number]
    return ChangeView(row, after=None if state is None else _shown(schema, state))


def _describe_definition(row: AuditRow) -> ChangeView:
    kept = _decode_definition(row.detail) if row.detail else _WHOLE
    changed = tuple(kept.after or ()) if row.operation not in (CREATE, DELETE) else ()
    return ChangeView(row, changed, kept.before, kept.after)


def _shown(schema: CompiledObject | None, state: RecordState) -> dict[str, Json]:
    properties = wire_properties(schema, _hide_sensitive(schema, state.properties))
    return {"properties": properties, "owners": state.owners, "followers": state.followers}


def _hide_sensitive(schema: CompiledObject | None, stored: dict[str, Json]) -> dict[str, Json]:
    """Stored values, None for those of fields that are sensitive by now: what was logged before stays untold, too."""
    if schema is None or not schema.sensitive:
        return stored
    return {key: None if key in schema.sensitive else value for key, value in stored.items()}


def _describe_update(row: AuditRow, schema: CompiledObject | None) -> ChangeView:
    change = decode_difference(row.detail)
    sides: list[dict[str, Json]] = []
    for side in (0, 1):
        values = _hide_sensitive(schema, {key: pair[side] for key, pair in change.properties.items()})
        shown: dict[str, Json] = {"properties": wire_properties(schema, values)} if values else {}
        for name, pair in (("owners", change.owners), ("followers", change.followers)):
            if pair is not None:
                shown[name] = pair[side]
        sides.append(shown)
    before, after = sides
    changed = (*after.get("properties", ()), *(name for name in after if name != "properties"))
    return ChangeView(row, changed, before, after, change.restored)
