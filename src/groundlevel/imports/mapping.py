"""Decides which column of a file fills which property, and what has to be created for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from groundlevel.imports.cells import Conventions, Convert, make_converter, read_object
from groundlevel.imports.inference import Evidence, Guess, key_of
from groundlevel.imports.reader import Sheet, compose
from groundlevel.kernel.errors import BadRequest, UnknownProperty
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import CUSTOM_PREFIX, DataType, Field, Object, Option
from groundlevel.schema.object_rules import PRIMARY_TYPES

ERROR_COLUMNS = ("line", "field", "message")
"""The columns that a file of refused rows has before those of the rows."""
ERROR_SUFFIX = ".errors.csv"

TYPES_TO_CHOOSE = tuple(kind for kind in DataType if kind is not DataType.FILE_UPLOAD and not type_of(kind).has_options)
"""The types that a new column can be given; the others need settings that a file does not have."""

_LISTED = 12


class ColumnChoices(Struct, frozen=True, kw_only=True):
    """What was said about single columns, each named as in the header."""

    skip: tuple[str, ...] = ()
    """Columns that are not imported."""
    rename: tuple[str, ...] = ()
    """`A=b`: the column A counts as named b."""
    types: tuple[str, ...] = ()
    """`A=TYPE`: the field that is created for column A has this type."""


class Named(Struct, frozen=True):
    """A column that is imported."""

    index: int
    """Where in a row it stands, from 0."""
    name: str
    """As the file has it, or as it was renamed."""
    data_type: DataType | None = None
    """The type that was chosen for its field."""


class Skipped(Struct, frozen=True):
    """A column that is not imported."""

    name: str
    reason: str


class Column(Struct, frozen=True):
    """What becomes of one column."""

    index: int
    name: str
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
    skipped: tuple[Skipped, ...]
    schema: CompiledObject
    """The object as it will be: what dry runs check rows against."""
    exists: bool
    """Whether the object is there already."""
    match: str | None
    """Short key of the property by which existing records are recognised."""
    dry: bool
    """Whether rows are only checked: then nothing is created or written."""
    conventions: Conventions
    error_columns: bool
    """Whether the first columns of the file are those of a file of refused rows."""

    @property
    def new_columns(self) -> tuple[Column, ...]:
        """The columns whose fields have to be created, except the primary one of a new object."""
        return tuple(c for c in self.columns if c.new and (self.exists or c.key != self.primary))


def choose_columns(
    sheet: Sheet, choices: ColumnChoices, *, existing: CompiledObject | None, empty: frozenset[int]
) -> tuple[list[Named], list[Skipped]]:
    """The columns that are imported, under their final names, and those that are not; `empty` have no name or value.

    Raises BadRequest for a choice about a column that there is not, and when two columns would have one name.
    """
    names = dict(enumerate(sheet.columns))
    reasons = dict.fromkeys(empty, "it has neither a name nor a value")
    if has_error_columns(sheet, existing):
        reasons.update(dict.fromkeys(range(len(ERROR_COLUMNS)), "an earlier import wrote it"))
    reasons.update((_find_column(sheet, name, "--skip"), "--skip") for name in choices.skip)
    types: dict[int, DataType] = {}
    for choice in choices.rename:
        index, name = _split_choice(sheet, choice, "--rename")
        names[index] = name
    for choice in choices.types:
        index, name = _split_choice(sheet, choice, "--type")
        if name not in TYPES_TO_CHOOSE:
            raise BadRequest(f"--type {choice}: there is no such type", hint=f"One of {', '.join(TYPES_TO_CHOOSE)}.")
        types[index] = DataType(name)
    used = [Named(index, name, types.get(index)) for index, name in names.items() if index not in reasons]
    for name, times in Counter(column.name.casefold() for column in used).items():
        if times > 1:
            raise BadRequest(f"{times} columns would be named {name}", hint="Use another --rename, or --skip one.")
    if not used:
        raise BadRequest("No column is left to be imported", hint=f"The columns: {', '.join(sheet.columns)}.")
    return used, [Skipped(sheet.columns[index], reasons[index]) for index in sorted(reasons)]


def has_error_columns(sheet: Sheet, existing: CompiledObject | None) -> bool:
    """Whether the file is one of refused rows, so that its first columns are ours and not data."""
    if sheet.columns[: len(ERROR_COLUMNS)] != ERROR_COLUMNS:
        return False
    if sheet.path.name.endswith(ERROR_SUFFIX):
        return True
    # Under another name it is still recognised, but only where the columns cannot mean anything else.
    return existing is not None and not any(find_properties(list(ERROR_COLUMNS), existing))


def _find_column(sheet: Sheet, wanted: str, option: str) -> int:
    wanted = compose(wanted).strip()
    for names in (sheet.columns, [name.casefold() for name in sheet.columns]):
        if wanted in names:
            return names.index(wanted)
        wanted = wanted.casefold()
    raise BadRequest(
        f"{option} {wanted}: the file has no such column", hint=f"The columns: {', '.join(sheet.columns[:_LISTED])}."
    )


def _split_choice(sheet: Sheet, choice: str, option: str) -> tuple[int, str]:
    """The column and the value of `column=value`; a name may hold `=` itself."""
    for at, character in enumerate(choice):
        if character == "=" and compose(choice[:at]).strip() in sheet.columns:
            return sheet.columns.index(compose(choice[:at]).strip()), compose(choice[at + 1 :]).strip()
    name, equals, value = choice.partition("=")
    if not equals or not value.strip():
        raise BadRequest(f"{option} {choice}: this is not COLUMN=VALUE", hint=f'For instance {option} "Name=value".')
    return _find_column(sheet, name, option), compose(value).strip()


def find_properties(names: Sequence[str], schema: CompiledObject) -> list[str | None]:
    """The property that each column fills, found by key or else by the field's name; None where there is none."""
    folded = [compose(field.name).strip().casefold() for field in schema.fields.values()]
    times = Counter(folded)
    by_name = {name: field.key for name, field in zip(folded, schema.fields.values(), strict=True) if times[name] == 1}
    keys = []
    for name in names:
        key = schema.short_key(name)
        if key not in schema.properties_by_key and key not in schema.fields:
            key = by_name.get(name.casefold(), key)
        keys.append(key if key in schema.properties_by_key or key in schema.fields else None)
    return keys


def columns_of_object(columns: Sequence[Named], schema: CompiledObject, *, objects: bool) -> list[Column | None]:
    """Each column's existing property; None where there is none. Raises BadRequest when two columns mean one property.

    `objects` says whether values may be JSON objects, and so fill a text-box list as a whole.
    """
    found: list[Column | None] = []
    for column, key in zip(columns, find_properties([column.name for column in columns], schema), strict=True):
        prop = None if key is None else schema.properties_by_key.get(key)
        if key is not None and (prop is not None or objects):
            data_type = (prop.field if prop else schema.fields[key]).data_type
            if column.data_type not in (None, data_type):
                raise BadRequest(
                    f"--type {column.name}={column.data_type}: the field {key} exists and is {data_type}",
                    hint="The type of a field cannot be changed.",
                )
            found.append(Column(column.index, column.name, key, data_type, new=False))
        else:
            found.append(None)
    for key, times in Counter(column.key for column in found if column).items():
        if times > 1:
            raise BadRequest(f"{times} columns fill the property {key}", hint="--skip or --rename all but one of them.")
    return found


def unknown_columns(names: Sequence[str], schema: CompiledObject) -> UnknownProperty:
    """The refusal of columns that stand for no field of the object."""
    fields = [f"{field.key} ({field.name})" for field in schema.fields.values()]
    listed = ", ".join(fields[:_LISTED]) + (f" and {len(fields) - _LISTED} more" if len(fields) > _LISTED else "")
    what = "The column" if len(names) == 1 else "The columns"
    return UnknownProperty(
        f"{what} {', '.join(names)} {'is' if len(names) == 1 else 'are'} no field of {schema.object.key}",
        hint=f"Its fields: {listed}. --rename or --skip the column, or let --create-object add what is missing.",
    )


def new_columns(
    columns: Sequence[Named], evidence: Sequence[Evidence], *, known: Sequence[Column | None], primary: str | None
) -> list[Column]:
    """`known` completed with new fields for the columns that have none; `primary` names a column that must be text."""
    taken = {column.key for column in known if column}
    completed = []
    for column, found in zip(columns, known, strict=True):
        if found is None:
            key = key_of(column.name, taken=taken)
            taken.add(key)
            guess = evidence[column.index].guess()
            if column.data_type is not None:
                guess = Guess(column.data_type, (), "--type")
            if column.name == primary and guess.data_type not in PRIMARY_TYPES:
                guess = Guess(DataType.TEXT, (), "the primary property is text or a number")
            found = Column(
                column.index, column.name, key, guess.data_type, new=True, options=guess.options, reason=guess.reason
            )
        completed.append(found)
    return completed


def primary_of(columns: Sequence[Named], evidence: Sequence[Evidence], wanted: str | None) -> str:
    """The name of the column that names the records of a new object.

    Unless one is requested by name or key: the first text that is always there and never repeated, else the first such
    number, else the first column that is always there. Raises BadRequest.
    """
    names = [column.name for column in columns]
    if wanted is not None:
        for name in names:
            if wanted in (name, key_of(name)):
                return name
        raise BadRequest(f"There is no column {wanted}", hint=f"The columns: {', '.join(names)}.")
    complete = [(column.name, evidence[column.index]) for column in columns if evidence[column.index].complete]
    for data_type in PRIMARY_TYPES:
        for name, seen in complete:
            if not seen.repeated and seen.guess().data_type is data_type:
                return name
    return complete[0][0] if complete else names[0]


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
    name = compose(match).strip().casefold()
    column = next((column for column in columns if wanted == column.key or name == column.name.casefold()), None)
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


def converters(plan: Plan) -> list[tuple[int, str, Convert | None]]:
    """For each column its index, its property, and what turns a value of the file into a wire value.

    None instead of the last: the value already is one.
    """
    found = []
    for column in plan.columns:
        convert: Convert | None
        prop = plan.schema.properties_by_key.get(column.key)
        if prop is not None:
            convert = make_converter(prop.field, plan.conventions, typed=plan.sheet.typed)
        else:
            convert = None if plan.sheet.typed else read_object
        found.append((column.index, column.key, convert))
    return found
