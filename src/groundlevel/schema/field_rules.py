"""Lists, creates, changes and deletes custom fields (operations F1 to F4, F8).

See docs/contract.md#custom-fields, #schemas-and-fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groundlevel.access.rules import find_locations
from groundlevel.kernel.errors import DuplicateKey, InUse, InvalidShape, InvalidValue, LimitExceeded, NotSupported
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Actor, DataType, Field, Folder, IndexState, Location, Object
from groundlevel.kernel.names import canonical_key, check_key
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction, find_object, raise_schema_version
from groundlevel.kernel.usecase import Call, changing_schema, perform, reading
from groundlevel.schema import store
from groundlevel.schema.changes import log_field
from groundlevel.schema.errors import FieldNotFound
from groundlevel.schema.field_settings import check_settings, make_options, merge_options
from groundlevel.schema.reindexing import begin_reindexing
from groundlevel.standard.ids import WITHOUT_RECORDS

MAX_UNIQUE = 10
"""Unique fields an object may have (docs/contract.md#product-limits)."""


_APART = ("id", "visible_in_forms", "options")
"""What of a change is no member of a field that is replaced as it comes."""


class NewOption(Struct, frozen=True):
    """An option as sent: without a key one is made from the label."""

    label: str
    key: str | None = None
    url: str | None = None


class NewField(Struct, frozen=True):
    """The field to be created; keys short or full."""

    object_key: str
    key: str
    data_type: str
    folder_id: str
    name: str | None = None
    visible_in_forms: bool = True
    description: str | None = None
    placeholder: str | None = None
    options: Sequence[NewOption] | None = None
    accepted_formats: str | None = None
    max_file_limit: int | None = None
    custom_option_allowed: bool | None = None
    required: bool = False
    unique: bool = False
    sensitive: bool = False


class FieldChange(Struct, frozen=True):
    """What changes; UNSET leaves a member as it is."""

    id: str
    visible_in_forms: bool
    name: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    placeholder: str | None | UnsetType = UNSET
    options: Sequence[NewOption] | UnsetType = UNSET
    accepted_formats: str | UnsetType = UNSET
    max_file_limit: int | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    unique: bool | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    position: int | UnsetType = UNSET


class FieldView(Struct, frozen=True):
    """A field or a folder with the object it belongs to."""

    object: Object
    field: Field | None = None
    folder: Folder | None = None


@reading
async def get_field(tx: Transaction, call: Call, field_id: str) -> FieldView:
    """For a field or a folder. Raises FieldNotFound."""
    return await find_field(tx, field_id)


@reading
async def list_fields(tx: Transaction, call: Call, object_key: str) -> Object:
    """The object with its fields and folders. Raises ObjectNotFound, NotSupported."""
    return await lock_schema(tx, object_key)


@changing_schema
async def create_field(tx: Transaction, call: Call, request: NewField) -> FieldView:
    """Creates a field.

    Raises ObjectNotFound, NotSupported, InvalidShape, InvalidKey, DuplicateKey, InvalidValue, LimitExceeded.
    """
    await lock_schema(tx, request.object_key)
    return await _create(tx, call, request)


@changing_schema
async def insert_field(tx: Transaction, call: Call, request: NewField) -> FieldView:
    """As create_field, also for contacts and opportunities, whose fields have operations of their own."""
    return await _create(tx, call, request)


@changing_schema
async def create_fields(tx: Transaction, call: Call, requests: Sequence[NewField]) -> Object:
    """Creates many fields of one object at once, all or none, in time proportional to them; returns the object.

    Raises what create_field raises.
    """
    definition = await lock_schema(tx, requests[0].object_key, fresh=True)
    fields = list(definition.fields)
    draft = _FieldDraft(CompiledObject(definition))
    for request in requests:
        field = draft.add(call, request)
        fields.append(field)
        await store.insert_field(tx, definition.number, field)
        log_field(tx, None, field)
    await raise_schema_version(tx)
    return msgspec.structs.replace(definition, fields=tuple(fields))


async def _create(tx: Transaction, call: Call, request: NewField) -> FieldView:
    schema = await tx.read_schema(canonical_key(request.object_key))
    field = _FieldDraft(schema).add(call, request)
    await store.insert_field(tx, schema.object.number, field)
    log_field(tx, None, field)
    await raise_schema_version(tx)
    return await find_field(tx, field.id)


class _FieldDraft:
    """The fields of an object while more are added to it."""

    def __init__(self, schema: CompiledObject) -> None:
        self._schema = schema
        self._folders = {folder.id for folder in schema.object.folders}
        self._keys = set(schema.fields)
        self._unique = len(schema.unique)
        self._position = max((field.position for field in schema.object.fields), default=-1)

    def add(self, call: Call, request: NewField) -> Field:
        """The definition of one more field, checked. Raises InvalidShape, InvalidKey, DuplicateKey, InvalidValue and
        LimitExceeded."""
        schema = self._schema
        definition = schema.object
        if request.data_type not in set(DataType):
            raise InvalidShape([f"dataType must be one of the following values: {', '.join(DataType)}"])
        data_type = DataType(request.data_type)
        key, full = schema.short_key(request.key), schema.full_key(request.key)
        check_key(key, "field", field_key=full)
        if key in self._keys:
            raise DuplicateKey(f"A field with the key {full} already exists", field_key=full)
        if request.folder_id not in self._folders:
            raise InvalidValue(
                f"parentId: {definition.key} has no folder {request.folder_id}",
                hint="GET /custom-fields/object-key/{objectKey} lists the folders; each object has a default one.",
                field_key=full,
            )
        now = call.ids.now()
        field = Field(
            id=call.ids.short_id(),
            number=0,
            key=key,
            stored_key=_stored_key(key, definition.retired_keys),
            name=request.name or key,
            data_type=data_type,
            folder_id=request.folder_id,
            created_at=now,
            updated_at=now,
            description=request.description,
            placeholder=request.placeholder,
            visible_in_forms=request.visible_in_forms,
            accepted_formats=request.accepted_formats,
            max_file_limit=request.max_file_limit,
            custom_option_allowed=bool(request.custom_option_allowed),
            required=request.required,
            unique=request.unique,
            sensitive=request.sensitive,
            position=self._position + 1,
            object_key=definition.key,
        )
        field = msgspec.structs.replace(field, options=make_options(field, request.options))
        check_settings(field)
        if field.unique and self._unique >= MAX_UNIQUE:
            raise LimitExceeded(f"An object can have at most {MAX_UNIQUE} unique fields", field_key=full)
        self._keys.add(key)
        self._unique += field.unique
        self._position += 1
        return field


def _stored_key(key: str, retired: frozenset[str]) -> str:
    """A key no earlier field's values lie under (decision 0003)."""
    candidate, number = key, 1
    while candidate in retired:
        number += 1
        candidate = f"{key}~{number}"
    return candidate


async def update_field(storage: Storage, call: Call, request: FieldChange) -> FieldView:
    """Changes a field. Where options of a searchable one change, most search texts of a large object are rebuilt
    afterwards, in the background, and the object in the view says so.

    Raises FieldNotFound, NotSupported, InvalidValue, InvalidKey, DuplicateKey.
    """
    view = await perform(storage, call, apply_field_change, request)
    if view.object.reindexing:
        storage.long_work.set()
    return view


@changing_schema
async def apply_field_change(tx: Transaction, call: Call, request: FieldChange) -> FieldView:
    """All of update_field that is stored, in one transaction."""
    view = await find_field(tx, request.id)
    if view.field is None:
        raise FieldNotFound(request.id)
    refuse_without_records(view.object.key)
    return await replace_field(tx, call, view, request)


async def replace_field(tx: Transaction, call: Call, view: FieldView, request: FieldChange) -> FieldView:
    """Stores the change of a field of any object. Raises NotSupported, InvalidValue, InvalidKey, DuplicateKey."""
    field = view.field
    assert field is not None  # a folder has no such change
    given = {
        name: value
        for name in FieldChange.__struct_fields__
        if name not in _APART and (value := getattr(request, name)) is not UNSET
    }
    if given.get("unique") and not field.unique:
        raise NotSupported(
            f"{field.name} cannot become unique: unique can be set when a field is created, and only be taken off "
            "later",
            field_key=field.full_key,
        )
    if given.get("required") is False and field.key == view.object.primary:
        raise NotSupported(
            f"{field.name} is the primary display property and always required", field_key=field.full_key
        )
    if given.get("sensitive") and field.key == view.object.primary:
        raise NotSupported(
            f"{field.name} is the primary display property, by which records are named everywhere, and cannot be "
            "sensitive",
            field_key=field.full_key,
        )
    options = field.options
    if request.options is not UNSET:
        options = merge_options(field, request.options)
    after = msgspec.structs.replace(
        field,
        **given,
        options=options,
        visible_in_forms=request.visible_in_forms,
        updated_at=max(call.ids.now(), field.updated_at + 1),
    )
    check_settings(after)
    if field.unique and not after.unique:
        await tx.records.release_field(field.number)
    await store.update_field(tx, after)
    log_field(tx, field, after)
    await raise_schema_version(tx)
    changed = await find_field(tx, field.id)
    return msgspec.structs.replace(changed, object=await begin_reindexing(tx, view.object, changed.object))


@changing_schema
async def delete_field(tx: Transaction, call: Call, field_id: str) -> FieldView:
    """The values vanish from records at once, without touching one. Raises FieldNotFound, InUse, NotSupported."""
    view = await find_field(tx, field_id)
    if view.field is None:
        raise FieldNotFound(field_id)
    refuse_without_records(view.object.key)
    return await remove_field(tx, view)


async def remove_field(tx: Transaction, view: FieldView) -> FieldView:
    """Deletes a field of any object. Raises InUse, NotSupported."""
    field, definition = view.field, view.object
    assert field is not None  # folders are deleted in another way
    if field.key == definition.primary:
        raise InUse(
            f"{field.name} is the primary display property of {definition.singular} and cannot be deleted",
            field_key=field.full_key,
        )
    if field.standard:
        raise NotSupported(f"{field.name} is a standard field and cannot be deleted", field_key=field.full_key)
    if field.key in definition.searchable:
        raise InUse(
            f"{field.name} is a searchable property of {definition.singular} and cannot be deleted",
            hint="Take it out of searchableProperties first: PUT /objects/{key}.",
            field_key=field.full_key,
        )
    if field.unique:
        await tx.records.release_field(field.number)
    if field.index is not IndexState.NONE:
        await tx.records.delete_index(field.number)
    await store.delete_field(tx, field)
    log_field(tx, field, None)
    await store.update_object(
        tx, msgspec.structs.replace(definition, retired_keys=definition.retired_keys | {field.stored_key})
    )
    return view


async def lock_schema(tx: Transaction, key: str, *, fresh: bool = False) -> Object:
    """The object whose fields can be managed; as it stands in the database when `fresh`, as a change has to know."""
    key = canonical_key(key)
    refuse_without_records(key)
    definition = (await (tx.read_schema(key) if fresh else tx.schema(key))).object
    refuse_without_records(definition.key)
    return definition


def refuse_without_records(key: str) -> None:
    """Raises NotSupported for an object whose fields have operations of their own."""
    if key in WITHOUT_RECORDS:
        raise NotSupported(
            "Api does not support objectKey of type contact or opportunity",
            hint="Custom fields V2 covers custom objects and business.",
        )


async def find_field(tx: Transaction, field_id: str) -> FieldView:
    """The field or the folder with its object. Raises FieldNotFound."""
    owner = await store.find_field_owner(tx, field_id)
    definition = None if owner is None else await find_object(tx, owner)
    if definition is None:
        raise FieldNotFound(field_id)
    for field in definition.fields:
        if field.id == field_id:
            return FieldView(definition, field=field)
    for folder in definition.folders:
        if folder.id == field_id:
            return FieldView(definition, folder=folder)
    raise FieldNotFound(field_id)


async def locations_with_field(storage: Storage, actor: Actor, field_id: str) -> list[Location]:
    """The locations in a company token's reach that have a field or folder with this id."""
    return await find_locations(storage, actor, lambda tx: store.locations_with_field(tx, actor.company_id, field_id))
