"""What is logged of the changes of objects, fields and folders (decision 0069)."""

from __future__ import annotations

from groundlevel.kernel.changes import UPDATE, Change, declare_kind, states_of, thing_of
from groundlevel.kernel.model import Field, Folder, Json, Object
from groundlevel.kernel.storage.transaction import Transaction

OBJECT = declare_kind("object", "the definition of an object")
FIELD = declare_kind("field", "the definition of a field")
FOLDER = declare_kind("folder", "a folder of fields")


def log_object(tx: Transaction, before: Object | None, after: Object | None) -> None:
    """Logs that the definition of an object is new, different or gone; its fields have changes of their own."""
    definition = thing_of(before, after)
    states = states_of(before, after, _object_state)
    tx.log.append_definition(Change(OBJECT, UPDATE, definition.id, definition.key), states)


def log_field(tx: Transaction, before: Field | None, after: Field | None) -> None:
    """Logs that the definition of a field is new, different or gone."""
    field = thing_of(before, after)
    states = states_of(before, after, _field_state)
    tx.log.append_definition(Change(FIELD, UPDATE, field.id, field.object_key), states)


def log_folder(tx: Transaction, definition: Object, before: Folder | None, after: Folder | None) -> None:
    """Logs that a folder of an object is new, renamed or gone."""
    states = states_of(before, after, lambda folder: {"name": folder.name})
    tx.log.append_definition(Change(FOLDER, UPDATE, thing_of(before, after).id, definition.key), states)


def _object_state(definition: Object) -> dict[str, Json]:
    return {
        "key": definition.key,
        "singular": definition.singular,
        "plural": definition.plural,
        "description": definition.description,
        "primaryDisplayProperty": definition.primary,
        "searchableProperties": definition.searchable,
    }


def _field_state(field: Field) -> dict[str, Json]:
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
        "sensitive": field.sensitive,
        "position": field.position,
    }
