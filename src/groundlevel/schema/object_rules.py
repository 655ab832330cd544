"""Lists, creates, changes and deletes objects (operations O1 to O4 and the delete extension).

See docs/contract.md#schemas-and-fields.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.associations import store as associations_store
from groundlevel.associations.rules import remove_association
from groundlevel.kernel.errors import (
    DuplicateKey,
    InvalidShape,
    LimitExceeded,
    NotSupported,
    ObjectNotFound,
    UnknownProperty,
)
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, DataType, Field, Folder, Object
from groundlevel.kernel.names import canonical_key, check_key, short_object_key
from groundlevel.kernel.storage import transaction as schemas
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, find_object
from groundlevel.kernel.usecase import Call, changing_schema, perform, reading
from groundlevel.schema import store
from groundlevel.schema.changes import log_field, log_folder, log_object
from groundlevel.schema.events import OBJECT_SCHEMA_CREATE, OBJECT_SCHEMA_UPDATE, emit_object_event
from groundlevel.schema.reindexing import begin_reindexing

MAX_SEARCHABLE = 3
MAX_SEARCHABLE_STANDARD = 10
"""Standard objects come with more searchable properties than a custom one may have."""
PRIMARY_TYPES = (DataType.TEXT, DataType.NUMERICAL)


class NewObject(Struct, frozen=True):
    """The object to be created; keys short or full."""

    key: str
    singular: str
    plural: str
    description: str | None
    primary_key: str
    primary_name: str
    primary_type: str


class ObjectChange(Struct, frozen=True):
    """What changes; None leaves a label, UNSET the description."""

    key: str
    searchable: list[str]
    singular: str | None = None
    plural: str | None = None
    description: str | None | UnsetType = UNSET


class DeletedObject(Struct, frozen=True):
    """What went with an object."""

    id: str
    fields: list[str]
    associations: list[str]


@reading
async def list_objects(tx: Transaction, call: Call, request: None) -> list[Object]:
    """Standard objects first, then custom ones by age."""
    return await schemas.list_objects(tx)


@reading
async def get_object(tx: Transaction, call: Call, key: str) -> Object:
    """By key or id. Raises ObjectNotFound."""
    return (await tx.schema(canonical_key(key))).object


@changing_schema
async def create_object(tx: Transaction, call: Call, request: NewObject) -> Object:
    """With a default folder and the primary field in it. Raises InvalidKey, DuplicateKey, InvalidShape."""
    key = CUSTOM_PREFIX + short_object_key(request.key)
    primary = canonical_key(request.primary_key).removeprefix(key + ".")
    check_key(primary, "field", field_key=f"{key}.{primary}")
    if request.primary_type not in PRIMARY_TYPES:
        names = ", ".join(PRIMARY_TYPES)
        raise InvalidShape([f"primaryDisplayPropertyDetails.dataType must be one of the following values: {names}"])
    if await find_object(tx, key) is not None:
        raise DuplicateKey(f"An object with the key {key} already exists")
    now = call.ids.now()
    folder = Folder(call.ids.short_id(), f"{request.singular} Details", standard=True, created_at=now, updated_at=now)
    field = Field(
        id=call.ids.short_id(),
        number=0,
        key=primary,
        stored_key=primary,
        name=request.primary_name,
        data_type=DataType(request.primary_type),
        folder_id=folder.id,
        created_at=now,
        updated_at=now,
        required=True,
        object_key=key,
    )
    created = await store.insert_object(
        tx,
        Object(
            number=0,
            id=call.ids.object_id(),
            key=key,
            singular=request.singular,
            plural=request.plural,
            description=request.description,
            primary=primary,
            searchable=(primary,),
            standard=False,
            created_at=now,
            updated_at=now,
            version=0,
            fields=(field,),
            folders=(folder,),
        ),
    )
    await emit_object_event(tx, OBJECT_SCHEMA_CREATE, created, call.origin)
    log_object(tx, None, created)
    log_folder(tx, created, None, created.folders[0])
    log_field(tx, None, created.fields[0])
    return created


async def update_object(storage: Storage, call: Call, request: ObjectChange) -> Object:
    """Changes labels, description and searchable properties.

    When the latter change, most search texts of a large object are rebuilt afterwards, in the background, and the
    object that is returned says so. Raises ObjectNotFound, LimitExceeded, UnknownProperty, NotSupported.
    """
    changed = await perform(storage, call, apply_object_change, request)
    if changed.reindexing:
        storage.long_work.set()
    return changed


@changing_schema
async def apply_object_change(tx: Transaction, call: Call, request: ObjectChange) -> Object:
    """All of update_object that is stored, in one transaction."""
    current = await find_object(tx, canonical_key(request.key))
    if current is None:
        raise ObjectNotFound(request.key)
    labels = (request.singular, request.plural)
    described = request.description is not UNSET and request.description != current.description
    if current.standard and (described or any(label not in (None, "") for label in labels)):
        named = (request.singular or current.singular, request.plural or current.plural)
        if described or named != (current.singular, current.plural):
            raise NotSupported(
                f"Only searchableProperties of {current.key} can be changed",
                hint="Leave out labels and description for standard objects.",
            )
    after = msgspec.structs.replace(
        current,
        singular=request.singular or current.singular,
        plural=request.plural or current.plural,
        description=current.description if request.description is UNSET else request.description,
        searchable=_searchable(CompiledObject(current), request.searchable),
        updated_at=max(call.ids.now(), current.updated_at + 1),
    )
    stored = await begin_reindexing(tx, current, await store.update_object(tx, after))
    await emit_object_event(tx, OBJECT_SCHEMA_UPDATE, stored, call.origin)
    log_object(tx, current, stored)
    return stored


def _searchable(schema: CompiledObject, keys: list[str]) -> tuple[str, ...]:
    """The short keys of the new searchable properties, checked."""
    most = MAX_SEARCHABLE_STANDARD if schema.object.standard else MAX_SEARCHABLE
    if len(keys) > most:
        raise LimitExceeded(
            f"Too many searchable properties. Maximum allowed is {most}, but received {len(keys)}.",
            hint="Choose the properties that people search by.",
        )
    if not keys:
        raise LimitExceeded(
            "Too few searchable properties. Minimum allowed is 1, but received 0.",
            hint="Send the searchableProperties that the object has, also when only labels change.",
        )
    short = []
    for key in keys:
        name = schema.short_key(key)
        field = schema.fields.get(name)
        if field is None and name not in schema.object.searchable:
            raise UnknownProperty(
                f"We couldn't validate the mapped field: {key} is not a field of {schema.object.key}",
                field_key=schema.full_key(key),
            )
        if field is not None and not type_of(field.data_type).may_be_searchable:
            raise NotSupported(
                f"{field.name} cannot be searchable: its type is {field.data_type}", field_key=field.full_key
            )
        short.append(name)
    return tuple(dict.fromkeys(short))


@changing_schema
async def delete_object(tx: Transaction, call: Call, key: str) -> DeletedObject:
    """The delete extension: the object with its fields, folders and records, and the associations that it takes part in
    with their relations.

    All of it is gone for everybody when this is durable. Records and relations are removed afterwards, in the
    background. Raises ObjectNotFound, NotSupported.
    """
    current = await find_object(tx, canonical_key(key))
    if current is None:
        raise ObjectNotFound(key)
    if current.standard:
        raise NotSupported(f"The standard object {current.key} cannot be deleted", hint="Delete custom objects only.")
    gone = [
        each
        for each in await associations_store.list_associations(tx)
        if current.number in (each.first_object, each.second_object)
    ]
    for association in gone:
        await remove_association(tx, association)
    await store.delete_object(tx, current)
    await store.insert_deleted_object(tx, current)
    for field in current.fields:
        log_field(tx, field, None)
    for folder in current.folders:
        log_folder(tx, current, folder, None)
    log_object(tx, current, None)
    return DeletedObject(current.id, [field.id for field in current.fields], [each.id for each in gone])
