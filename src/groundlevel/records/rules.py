"""Creates, reads, changes and deletes records (operations O5 to O8).

See docs/contract.md#record-bodies, #record-replies, #field-types.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from groundlevel.associations.related import RelatedRecord, related_records
from groundlevel.associations.relation_rules import delete_relations_of_record
from groundlevel.kernel.codec import decode_object, encode_text
from groundlevel.kernel.errors import (
    InvalidShape,
    InvalidUpdate,
    LimitExceeded,
    NotSupported,
    RecordNotFound,
)
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import timestamp_of
from groundlevel.kernel.model import CUSTOM_PREFIX, Association, Json, Location, Origin, Record, Relation
from groundlevel.kernel.storage.records import EntryChange, NewRow
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, reading, writing
from groundlevel.notes.removal import remove_notes_of_record
from groundlevel.records.changes import log_record_changed, log_record_deleted, log_records_created
from groundlevel.records.errors import RecordChanged, UnknownReference
from groundlevel.records.events import emit_record_deleted, emit_record_updated, emit_records_created
from groundlevel.records.unique_values import claim_values, reclaim_values, unique_claims
from groundlevel.standard.errors import ContactNotFound, OpportunityNotFound
from groundlevel.standard.ids import record_id_of, schema_with_records
from groundlevel.standard.objects import CONTACT, OPPORTUNITY

_MISSING: dict[str, type[RecordNotFound]] = {CONTACT: ContactNotFound, OPPORTUNITY: OpportunityNotFound}
MAX_OWNERS = 1
MAX_FOLLOWERS = 10


class RecordView(Struct, frozen=True, gc=False):
    """A record with what is needed to show it."""

    record: Record
    schema: CompiledObject
    location: Location
    relations: tuple[RelatedRecord, ...] = ()
    """Those that are shown with it."""


class NewRecord(Struct, frozen=True, gc=False):
    """The record to be created. Owners and followers as the client sent them: an array, or {add, remove}."""

    object_key: str
    properties: dict[str, Json]
    owners: Json = None
    followers: Json = None


class RecordKey(Struct, frozen=True, gc=False):
    """Which record."""

    object_key: str
    id: str
    versions: frozenset[int] | None = None
    """Those in which it may be deleted; None for any."""


class RecordChange(Struct, frozen=True, gc=False):
    """An update: absent properties stay, null clears (docs/contract.md#record-bodies)."""

    object_key: str
    id: str
    properties: dict[str, Json]
    owners: Json = None
    followers: Json = None
    versions: frozenset[int] | None = None
    """Those in which the record may be changed; None for any."""
    restored: int | None = None
    """The version that the change leads back to."""


class NewValues(Struct, frozen=True, gc=False):
    """What a record is to hold: its stored properties and its people."""

    properties: dict[str, Json]
    owners: tuple[str, ...] | None = None
    """None leaves them as they are; so it does for followers."""
    followers: tuple[str, ...] | None = None
    before: dict[str, Json] = {}
    """The stored properties until now, of a record that there is."""
    restored: int | None = None
    """The version that they are those of."""


@writing
async def create_record(tx: Transaction, call: Call, request: NewRecord) -> RecordView:
    """Creates a record.

    Raises ObjectNotFound, NotSupported, UnknownProperty, InvalidValue, RequiredPropertyMissing, UniqueConflict,
    LimitExceeded.
    """
    schema = await schema_with_records(tx, request.object_key)
    properties = schema.validate_new(request.properties, strict=call.strict)
    return await insert_record(
        tx, call, schema, NewValues(properties, *owners_and_followers(schema, None, request, strict=call.strict))
    )


@reading
async def get_record(tx: Transaction, call: Call, request: RecordKey) -> RecordView:
    """A record with its relations. Raises ObjectNotFound, NotSupported, RecordNotFound."""
    schema = await schema_with_records(tx, request.object_key)
    return await view_record(tx, call, schema, await fetch_record(tx, schema, request.id))


@writing
async def update_record(tx: Transaction, call: Call, request: RecordChange) -> RecordView:
    """Changes a record: what is left out stays, null clears.

    Raises what create_record raises, RecordNotFound, RecordChanged and InvalidUpdate.
    """
    schema = await schema_with_records(tx, request.object_key)
    before = await lock_record(tx, schema, request.id)
    check_version(before, request.versions)
    return await apply_change(tx, call, await view_record(tx, call, schema, before), request)


@writing
async def delete_record(tx: Transaction, call: Call, request: RecordKey) -> str:
    """Deletes the record; its id. Raises ObjectNotFound, NotSupported, RecordNotFound, RecordChanged."""
    schema = await schema_with_records(tx, request.object_key)
    record = await lock_record(tx, schema, request.id)
    check_version(record, request.versions)
    await remove_record(tx, schema, record)
    return record.id


# --- what use cases share ----------------------------------------------------------------------------------------


def new_row(schema: CompiledObject, record_id: str, properties: dict[str, Json], *, origin: Origin) -> NewRow:
    """The row of a new record without owners or followers. Its timestamp is the one in its id."""
    return NewRow(
        record_id,
        timestamp_of(record_id),
        (),
        (),
        origin_text(origin),
        encode_text(properties),
        schema.search_text(properties),
        schema.index_entries(properties),
    )


def origin_text(origin: Origin) -> str:
    """The stored form of an origin."""
    return encode_text(origin)


async def fetch_record(tx: Transaction, schema: CompiledObject, shown: str) -> Record:
    """The record with this public id. Raises RecordNotFound."""
    record_id = record_id_of(schema.object.key, shown)
    record = None if record_id is None else await tx.records.find(schema, record_id)
    if record is None:
        raise _not_found(schema, shown)
    return record


async def fetch_referenced_record(tx: Transaction, schema: CompiledObject, shown: str, *, member: str) -> Record:
    """The record that a member of a body names. Raises UnknownReference."""
    try:
        return await fetch_record(tx, schema, shown)
    except RecordNotFound as nothing:
        raise UnknownReference(f"{member}: {nothing.message}") from nothing


async def lock_referenced_record(tx: Transaction, schema: CompiledObject, shown: str, *, member: str) -> Record:
    """As `fetch_referenced_record`, locked. Raises UnknownReference."""
    try:
        return await lock_record(tx, schema, shown)
    except RecordNotFound as nothing:
        raise UnknownReference(f"{member}: {nothing.message}") from nothing


async def view_record(tx: Transaction, call: Call, schema: CompiledObject, record: Record) -> RecordView:
    """One record with its relations, which the live platform shows in searches alone.

    See docs/contract.md#record-replies.
    """
    related = {} if call.strict else await related_records(tx, schema, (record.id,))
    return RecordView(record, schema, call.location, related.get(record.id, ()))


async def lock_record(tx: Transaction, schema: CompiledObject, shown: str) -> Record:
    """As `fetch_record`, locked against other writers. Raises RecordNotFound."""
    record_id = record_id_of(schema.object.key, shown)
    record = None if record_id is None else await tx.records.lock(schema, record_id)
    if record is None:
        raise _not_found(schema, shown)
    return record


def check_version(record: Record, versions: frozenset[int] | None) -> None:
    """Raises RecordChanged unless a locked record has one of the versions that the client knows."""
    if versions is not None and record.version not in versions:
        raise RecordChanged(record.id)


def _not_found(schema: CompiledObject, shown: str) -> RecordNotFound:
    return _MISSING.get(schema.object.key, RecordNotFound)(shown)


async def insert_record(tx: Transaction, call: Call, schema: CompiledObject, new: NewValues) -> RecordView:
    """Stores a new record with its unique values and search text, and emits the event. Raises UniqueConflict."""
    record_id = await tx.records.new_id(schema)
    row = new_row(schema, record_id, new.properties, origin=call.origin)
    if new.owners or new.followers:
        row = msgspec.structs.replace(row, owners=new.owners or (), followers=new.followers or ())
    if schema.unique:
        await claim_values(tx, schema, unique_claims(schema.unique_values(new.properties), record_id))
    await tx.records.insert(schema, [row])
    await emit_records_created(tx, schema, [row])
    log_records_created(tx, schema, [row])
    record = Record(
        record_id,
        row.created_at,
        row.created_at,
        1,
        row.owners,
        row.followers,
        row.created_by,
        row.created_by,
        row.properties,
    )
    return RecordView(record, schema, call.location)


async def remove_record(tx: Transaction, schema: CompiledObject, record: Record) -> None:
    """Deletes a locked record with its relations, unique values, search text and index entries, and emits the event."""
    gone = await delete_relations_of_record(tx, schema, record.id)
    await remove_unrelated_record(tx, schema, record, gone)


async def remove_unrelated_record(
    tx: Transaction, schema: CompiledObject, record: Record, gone: Sequence[tuple[Association, Relation]] = ()
) -> None:
    """Deletes a locked record whose relations are gone already, with notes that nothing else has, and emits the event.

    `gone` are those that went just now, for when the record comes back.
    """
    properties = decode_object(record.properties) if schema.unique or schema.indexed else {}
    if schema.unique:
        await tx.records.release_values(schema, unique_claims(schema.unique_values(properties), record.id))
    place = await tx.records.delete(schema, record.id, entries=schema.index_entries(properties))
    await remove_notes_of_record(tx, record.id)
    await emit_record_deleted(tx, schema, record)
    log_record_deleted(tx, schema, record, place=place, relations=gone)


async def apply_change(tx: Transaction, call: Call, view: RecordView, request: RecordChange) -> RecordView:
    """Stores an update of a locked record by the rules of O7, and returns it."""
    before, schema = view.record, view.schema
    stored = decode_object(before.properties)
    properties = schema.validate_change(stored, request.properties, strict=call.strict)
    people = (before.owners, before.followers)
    owners, followers = owners_and_followers(schema, people, request, strict=call.strict)
    new = NewValues(properties, owners, followers, stored, request.restored)
    return await replace_values(tx, call, view, new)


async def replace_values(tx: Transaction, call: Call, view: RecordView, new: NewValues) -> RecordView:
    """Stores other values of a locked record, with what follows from them, and emits the event.

    Values that are the same leave the record as it is, and no event is emitted (docs/contract.md#decision-43). Raises
    UniqueConflict.
    """
    before, schema = view.record, view.schema
    stored, properties = new.before, new.properties
    owners = before.owners if new.owners is None else new.owners
    followers = before.followers if new.followers is None else new.followers
    if properties == schema.visible(stored) and (owners, followers) == (before.owners, before.followers):
        return view
    record = msgspec.structs.replace(next_version(before, call, properties), owners=owners, followers=followers)
    if schema.unique:
        await reclaim_values(tx, schema, record.id, (schema.unique_values(stored), schema.unique_values(properties)))
    await store_change(tx, schema, (before, record), (stored, properties), restored=new.restored)
    return msgspec.structs.replace(view, record=record)


def next_version(before: Record, call: Call, properties: dict[str, Json]) -> Record:
    """The next version of a record, with other properties."""
    return msgspec.structs.replace(
        before,
        # Later than before even within one millisecond, so that a change always shows.
        updated_at=max(call.ids.now(), before.updated_at + 1),
        version=before.version + 1,
        updated_by=origin_text(call.origin),
        properties=encode_text(properties),
    )


async def store_change(
    tx: Transaction,
    schema: CompiledObject,
    records: tuple[Record, Record],
    properties: tuple[dict[str, Json], dict[str, Json]],
    *,
    restored: int | None = None,
) -> None:
    """Stores a changed record with what follows from its properties, and emits the event.

    `records` and `properties` are those before and after the change, `restored` is the version that it leads back to.
    """
    before, after = properties
    record = records[1]
    text_before, text = schema.search_text(before), schema.search_text(after)
    lost, gained = schema.index_entries(before), schema.index_entries(after)
    await tx.records.update(
        schema,
        record,
        search_text=text if text != text_before else None,
        entries=EntryChange(lost - gained, gained - lost),
    )
    await emit_record_updated(tx, schema, record, after)
    log_record_changed(tx, schema, records, properties, restored=restored)


def owners_and_followers(
    schema: CompiledObject,
    before: tuple[tuple[str, ...], tuple[str, ...]] | None,
    request: NewRecord | RecordChange,
    *,
    strict: bool,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Owners and followers after a request, given those before, None for a new record.

    Raises InvalidShape, LimitExceeded, NotSupported. See docs/contract.md#decision-3.
    """
    owners, followers = before or (None, None)
    if request.owners is not None:
        if not schema.object.key.startswith(CUSTOM_PREFIX) and request.owners not in ([], {}):
            raise NotSupported(
                f"Owners are not supported for {schema.object.key}", hint="Only records of custom objects have owners."
            )
        owners = _user_list("owners", owners, request.owners, strict=strict)
        if len(owners) > MAX_OWNERS:
            raise LimitExceeded(f"A record can have at most {MAX_OWNERS} owner, but received {len(owners)}")
    if request.followers is not None:
        followers = _user_list("followers", followers, request.followers, strict=strict)
        if len(followers) > MAX_FOLLOWERS:
            raise LimitExceeded(f"A record can have at most {MAX_FOLLOWERS} followers, but received {len(followers)}")
    return owners or (), followers or ()


def _user_list(name: str, before: tuple[str, ...] | None, value: Json, *, strict: bool) -> tuple[str, ...]:
    """User ids after an array (set) or a delta; `before` is None for a new record.

    The live platform wants an array on create and a delta on update.
    """
    creating = before is None
    if isinstance(value, list) and not (strict and not creating):
        return tuple(dict.fromkeys(check_user_ids(name, value)))
    if isinstance(value, dict) and not (strict and creating):
        if not value.keys() <= {"add", "remove"}:
            raise InvalidUpdate(f"{name}: expected an array, or an object with add and remove")
        gone = set(check_user_ids(f"{name}.remove", value.get("remove") or []))
        added = check_user_ids(f"{name}.add", value.get("add") or [])
        return tuple(dict.fromkeys([*(user for user in before or () if user not in gone), *added]))
    raise InvalidShape([f"{name} must be an {'array' if creating else 'object'}"])


def check_user_ids(name: str, value: Json) -> list[str]:
    """The value of a member if it is an array of ids that users may have. Raises InvalidShape."""
    if not isinstance(value, list):
        raise InvalidShape([f"{name} must be an array"])
    if not all(isinstance(user, str) and user.isalnum() and user.isascii() and len(user) <= 40 for user in value):
        raise InvalidShape([f"each value in {name} must be a user id"])
    return value
