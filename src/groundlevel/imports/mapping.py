"""Decides which column of a file fills which property, and what has to be created for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from groundlevel.imports.inference import Evidence, Guess, key_of, split_values
from groundlevel.imports.reader import Sheet
from groundlevel.kernel.errors import BadRequest, UnknownProperty
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, DataType, Field, Json, Object, Option
from groundlevel.schema.object_rules import PRIMARY_TYPES

_SEVERAL = (DataType.MULTIPLE_OPTIONS, DataType.CHECKBOX)
_LISTED = 12

Convert = Callable[[Json], Json]
"""Turns a value of the file, which is not empty, into a wire value. Raises InvalidValue."""


class Column(Struct, frozen=True):
    """What becomes of one column."""

    name: str
    """As the file has it."""
    key: str
    """The property it fills."""
    data_type: DataType
    new: bool
    """Whether its field has to be created."""
    options: tuple[Option, ...] = ()
    reason: str = ""
    """Why the type was chosen; empty for a field that exists."""


class Plan(Struct, frozen=True, kw_only=True):
    """What an import is going to do."""

    sheet: Sheet
    object_key: str
    """Full key."""
    primary: str
    """Short key of the primary display property."""
    columns: tuple[Column, ...]
    schema: CompiledObject
    """The object as it will be: what dry runs check rows against."""
    exists: bool
    """Whether the object is there already."""
    match: str | None
    """Short key of the property by which existing records are recognised."""
    dry: bool
    """Whether rows are only checked: then nothing is created or written."""

    @property
    def new_columns(self) -> tuple[Column, ...]:
        """The columns whose fields have to be created, except the primary one of a new object."""
        return tuple(c for c in self.columns if c.new and (self.exists or c.key != self.primary))

    @property
    def complete(self) -> bool:
        """Whether nothing has to be created."""
        return self.exists and not self.new_columns


def columns_of_object(sheet: Sheet, schema: CompiledObject) -> list[Column | None]:
    """Each column's existing property, found by key or else by the field's name; None where there is none.

    Raises BadRequest when two columns mean one property.
    """
    names = Counter(field.name.strip().casefold() for field in schema.fields.values())
    by_name = {
        field.name.strip().casefold(): field.key
        for field in schema.fields.values()
        if names[field.name.strip().casefold()] == 1
    }
    found: list[Column | None] = []
    for name in sheet.columns:
        key = schema.short_key(name)
        if key not in schema.properties_by_key:
            key = by_name.get(name.strip().casefold(), key)
        prop = schema.properties_by_key.get(key)
        if prop is not None:
            found.append(Column(name, key, prop.field.data_type, new=False))
        elif sheet.typed and key in schema.fields:
            found.append(Column(name, key, schema.fields[key].data_type, new=False))
        else:
            found.append(None)
    for key, times in Counter(column.key for column in found if column).items():
        if times > 1:
            raise BadRequest(f"{times} columns fill the property {key}", hint="Rename or remove all of them but one.")
    return found


def unknown_columns(names: Sequence[str], schema: CompiledObject) -> UnknownProperty:
    """The refusal of columns that no field of the object is meant by."""
    fields = [f"{field.key} ({field.name})" for field in schema.fields.values()]
    listed = ", ".join(fields[:_LISTED]) + (f" and {len(fields) - _LISTED} more" if len(fields) > _LISTED else "")
    what = "The column" if len(names) == 1 else "The columns"
    return UnknownProperty(
        f"{what} {', '.join(names)} {'is' if len(names) == 1 else 'are'} no field of {schema.object.key}",
        hint=f"Its fields: {listed}. Rename the column, or let --create-object add what is missing.",
    )


def new_columns(
    sheet: Sheet, evidence: Sequence[Evidence], *, known: Sequence[Column | None], primary: str | None
) -> list[Column]:
    """`known` completed with new fields for the columns that have none; `primary` names a column that must be text."""
    taken = {column.key for column in known if column}
    columns = []
    for name, seen, column in zip(sheet.columns, evidence, known, strict=True):
        if column is None:
            key = key_of(name, taken=taken)
            taken.add(key)
            guess = seen.guess()
            if name == primary and guess.data_type not in PRIMARY_TYPES:
                guess = Guess(DataType.TEXT, (), "the primary property is text or a number")
            column = Column(name, key, guess.data_type, new=True, options=guess.options, reason=guess.reason)
        columns.append(column)
    return columns


def primary_of(sheet: Sheet, evidence: Sequence[Evidence], wanted: str | None) -> str:
    """The column that names the records of a new object.

    Unless one is wanted by name or key: the first text that is always there and never repeated, else the first such
    number, else the first column that is always there. Raises BadRequest.
    """
    if wanted is not None:
        for name in sheet.columns:
            if wanted in (name, key_of(name)):
                return name
        raise BadRequest(f"There is no column {wanted}", hint=f"The columns: {', '.join(sheet.columns)}.")
    complete = [(name, seen) for name, seen in zip(sheet.columns, evidence, strict=True) if seen.complete]
    for data_type in PRIMARY_TYPES:
        for name, seen in complete:
            if not seen.repeated and seen.guess().data_type is data_type:
                return name
    return complete[0][0] if complete else sheet.columns[0]


def future_schema(
    existing: CompiledObject | None, key: str, *, columns: Sequence[Column], primary: str
) -> CompiledObject:
    """The object as it will be once the plan's fields are there; its numbers and ids are not those it will get."""
    fields = list(existing.object.fields) if existing else []
    for number, column in enumerate((column for column in columns if column.new), 1):
        fields.append(
            Field(
                id="",
                number=-number,
                key=column.key,
                stored_key=column.key,
                name=column.name,
                data_type=column.data_type,
                folder_id="",
                created_at=0,
                updated_at=0,
                options=column.options,
                required=column.key == primary and existing is None,
                object_key=existing.object.key if existing else key,
            )
        )
    if existing:
        return CompiledObject(msgspec.structs.replace(existing.object, fields=tuple(fields)))
    singular, plural = labels_of(key)
    return CompiledObject(
        Object(0, "", key, singular, plural, None, primary, (primary,), False, 0, 0, 0, tuple(fields))
    )


def match_field(schema: CompiledObject, columns: Sequence[Column], match: str) -> str:
    """The short key of the column by which records are recognised, given by column or key. Raises BadRequest."""
    wanted = schema.short_key(match)
    column = next((column for column in columns if match == column.name or wanted == column.key), None)
    if column is None:
        raise BadRequest(f"--match {match}: the file has no such column", hint="Name a column of the file.")
    kind = type_of(column.data_type)
    if (
        column.data_type is DataType.TEXTBOX_LIST
        or kind.path
        or kind.comparison in (Comparison.MEMBERS, Comparison.FILES)
    ):
        raise BadRequest(
            f"--match {match}: records cannot be recognised by a property of type {column.data_type.value}",
            hint="Use a text, a number, an e-mail address, a phone number, a date or a single option.",
        )
    return column.key


def labels_of(key: str) -> tuple[str, str]:
    """Singular and plural labels for a new object, made from its key; they can be changed later."""
    noun = key.removeprefix(CUSTOM_PREFIX).replace("_", " ").strip()
    singular = noun[:1].upper() + noun[1:]
    if singular.endswith("y") and singular[-2:-1] not in ("a", "e", "i", "o", "u"):
        return singular, f"{singular[:-1]}ies"
    return singular, f"{singular}es" if singular.endswith(("s", "x", "ch", "sh")) else f"{singular}s"


def converters(plan: Plan) -> list[tuple[str, Convert | None]]:
    """For each column the property and what turns a value of the file into a wire value; None: it already is one."""
    return [(column.key, _converter(plan, column)) for column in plan.columns]


def _converter(plan: Plan, column: Column) -> Convert | None:
    prop = plan.schema.properties_by_key.get(column.key)
    if prop is None:
        return None
    field, kind = prop.field, prop.type
    labels = frozenset(name for option in field.options for name in (option.key, option.label))
    several = column.data_type in _SEVERAL
    plain = column.data_type in (DataType.TEXT, DataType.LARGE_TEXT, DataType.TEXTBOX_LIST)

    def from_text(text: str) -> Json:
        if several and (text := text.strip()) not in labels:
            return split_values(text)
        return [text] if several else kind.from_cell(field, text)

    if not plan.sheet.typed:
        return None if plain else from_text

    def from_json(value: Json) -> Json:
        if isinstance(value, str):
            # A text is a text here: it never stands for a number (contract 8 row 8).
            return value if kind.comparison is Comparison.NUMBER else from_text(value)
        if isinstance(value, bool) and (plain or labels):
            return "true" if value else "false"
        if plain and isinstance(value, dict | list | int | float):
            return msgspec.json.encode(value).decode()
        return value

    return from_json
