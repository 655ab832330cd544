"""What a row of the table of examples is made of."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from groundlevel.kernel.errors import Refusal
from groundlevel.kernel.model import DataType, Field, Json


class RefusedChange(Struct, frozen=True):
    """An update that is refused, `strict` or not, with a part of the message."""

    stored: Json
    update: Json
    strict: bool
    refusal: type[Refusal]
    message: str


class Examples(Struct, frozen=True, kw_only=True):
    """Examples of one field definition. Every value but those of `refused_beyond_json` can be sent as JSON.

    For a text-box list, values and stored forms are those of one box.
    """

    field: Field
    accepted: tuple[tuple[Json, Json], ...]
    """Wire value and stored form; a stored form of None means that the property is absent."""
    refused: tuple[tuple[Json, str], ...]
    """Wire value and a part of the message."""
    search: tuple[tuple[Json, str], ...]
    """Stored form and what plain text search sees of it."""
    refused_beyond_json: tuple[tuple[Json, str], ...] = ()
    """As `refused`, with values that no JSON encoder of ours writes."""
    changed: tuple[tuple[Json, Json, Json], ...] = ()
    """Stored form before, update, stored form after; tolerant."""
    strictly_changed: tuple[tuple[Json, Json, Json], ...] = ()
    """As `changed`, but asked with `strict`."""
    refused_changes: tuple[RefusedChange, ...] = ()
    cells: tuple[tuple[str, Json], ...] = ()
    """Spreadsheet cell and the wire value it means."""
    refused_cells: tuple[str, ...] = ()
    """Cells refused as such, or whose wire value is."""
    operands: tuple[tuple[Json, Json], ...] = ()
    """Filter value and the form in which it is compared."""
    refused_operands: tuple[Json, ...] = ()
    distinct: tuple[tuple[Json, Json, bool], ...] = ()
    """Two stored forms, and whether a unique field may hold both; only for types that may be unique."""


def field_of(data_type: DataType, **settings: Any) -> Field:
    """A definition named after its data type: key `single_options`, name `Single options`."""
    key = data_type.name.lower()
    settings.setdefault("name", key.replace("_", " ").capitalize())
    return Field(
        id=f"field{key}".ljust(20, "0")[:20].replace("_", "0"),
        number=list(DataType).index(data_type) + 1,
        key=key,
        stored_key=key,
        data_type=data_type,
        folder_id="folder00000000000000",
        created_at=1_720_000_000_000,
        updated_at=1_720_000_000_000,
        object_key="custom_objects.sample",
        **settings,
    )


NUL = "NUL character or an unpaired surrogate"
EMPTY = "an empty string is not a value"


UNSAVED = "includes values that don't match what's saved."
UNEXPECTED = "We couldn't apply updates to {} due to an unexpected format"
