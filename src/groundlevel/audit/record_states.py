"""Works out what records were: from what they are, or were last, back through what was logged of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from groundlevel.audit.model import AuditRow
from groundlevel.kernel.changes import DELETE, UPDATE
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json, Record
from groundlevel.records.changes import decode_deleted, decode_difference

_NUMBERED = re.compile(r"~\d+(?=\.|\Z)")
"""What a stored key has more than the key of its field."""


class RecordState(Struct, frozen=True, gc=False):
    """What a record was after one of its changes."""

    version: int
    properties: dict[str, Json]
    """By stored key."""
    owners: tuple[str, ...]
    followers: tuple[str, ...]


def state_of(record: Record) -> RecordState:
    """What a record is."""
    return RecordState(record.version, decode_object(record.properties), record.owners, record.followers)


def deleted_state(row: AuditRow) -> RecordState:
    """What a record was when it was deleted."""
    was = decode_deleted(row.detail)
    return RecordState(row.version, was.properties, was.owners, was.followers)


def roll_back(state: RecordState | None, later: Iterable[AuditRow], version: int) -> RecordState | None:
    """What a record was in a version, before its later changes, the newest of which comes first.

    `state` is what it is now, None where it is gone or where nothing is known of it. None where it is not known: a
    version that was not logged, for instance while that was off, leaves nothing to go back by.
    """
    for row in later:
        if row.operation == DELETE:
            state = deleted_state(row)
        elif row.operation == UPDATE and state is not None and state.version == row.version:
            state = _before(state, row)
        else:
            state = None
    return state if state is not None and state.version == version else None


def _before(state: RecordState, row: AuditRow) -> RecordState:
    change = decode_difference(row.detail)
    properties = dict(state.properties)
    for key, (before, after) in change.properties.items():
        if before is None and after is None:
            continue  # A value of a sensitive field, of which nothing is known: it stays.
        if before is None:
            properties.pop(key, None)
        else:
            properties[key] = before
    owners = change.owners[0] if change.owners else state.owners
    followers = change.followers[0] if change.followers else state.followers
    return RecordState(row.version - 1, properties, owners, followers)


def wire_properties(schema: CompiledObject | None, stored: dict[str, Json]) -> dict[str, Json]:
    """Stored values under the keys of their fields; those of deleted fields under the keys that these had.

    Where two fields have had one key, the value of the one that there is counts.
    """
    keys = {} if schema is None else schema.keys
    shown = {_NUMBERED.sub("", key): value for key, value in stored.items() if key not in keys}
    shown.update((keys[key], value) for key, value in stored.items() if key in keys)
    return shown
