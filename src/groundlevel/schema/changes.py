"""What is logged of the changes of objects, fields and folders (decision 0069)."""

from __future__ import annotations

from groundlevel.kernel.changes import UPDATE, Change, declare_kind
from groundlevel.kernel.model import Field, Folder, Json, Object
from groundlevel.kernel.storage.transaction import Transaction

OBJECT = declare_kind("object", "the definition of an object")
FIELD = declare_kind("field", "the definition of a field")
FOLDER = declare_kind("folder", "a folder of fields")


def log_object(tx: Transaction, before: Object | None, after: Object | None) -> None:
    """Logs that the definition of an object is new, different or gone; its fields have changes of their own."""
    one = after or before
    assert one is not None, "it was there before or after"
    tx.log.append_definition(Change(OBJECT, UPDATE, one.id, one.key), (_object_state(before), _object_state(after)))


def log_field(tx: Transaction, before: Field | None, after: Field | None) -> None:
    """Logs that the definition of a field is new, different or gone."""
    one = after or before
    assert one is not None, "it was there before or after"
    tx.log.append_definition(Change(FIELD, UPDATE, one.id, one.object_key), (_field_state(before), _field_state(after)))


def log_folder(tx: Transaction, definition: Object, before: Folder | None, after: Folder | None) -> None:
    """Logs that a folder of an object is new, renamed or gone."""
    one = after or before
    assert one is not None, "it was there before or after"
    states = [None if each is None else {"name": each.name} for each in (before, after)]
    tx.log.append_definition(Change(FOLDER, UPDATE, one.id, definition.key), (states[0], states[1]))


def _object_state(definition: Object | None) -> dict[str, Json] | None:
    if definition is None:
        return None
    return {
        "key": definition.key,
        "singular": definition.singular,
        "plural": definition.plural,
        "description": definition.description,
        "primaryDisplayProperty": definition.primary,
        "searchableProperties": definition.searchable,
    }


def _field_state(field: Field | None) -> dict[str, Json] | None:
    if field is None:
        return None
    return {
        "key": field.key,
        "name": field.name,
        "dataType": field.data_type,
        "parentId": field.folder_id,
        "description": field.description,
        "placeholder": field.placeholder,
        "showInForms": field.visible_in_forms,
        "options": field.options,
        "acceptedFormats": field.accepted_formats,
        "maxFileLimit": field.max_file_limit,
        "allowCustomOption": field.custom_option_allowed,
        "required": field.required,
        "unique": field.unique,
        "position": field.position,
    }
