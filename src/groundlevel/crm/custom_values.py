"""The fields that were added to contacts and opportunities, as their own operations send and show them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from groundlevel.kernel.errors import UnknownProperty
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.fields.money import DEFAULT_CURRENCY
from groundlevel.kernel.model import DataType, Field, Json


class CustomValue(Struct, frozen=True):
    """A value for the field with an id or a key, the id counting first."""

    id: str | None
    key: str | None
    value: Json


def custom_properties(schema: CompiledObject, sent: Iterable[CustomValue]) -> dict[str, Json]:
    """The properties meant, by key. A plain number is an amount in the location's currency. Raises UnknownProperty."""
    properties: dict[str, Json] = {}
    added = [field for field in schema.fields.values() if not field.standard]
    by_id, by_key = {field.id: field for field in added}, {field.key: field for field in added}
    for each in sent:
        field = by_id.get(each.id) if each.id else by_key.get(schema.short_key(each.key or ""))
        if field is None:
            raise _unknown(schema, each)
        value = each.value
        if field.data_type is DataType.MONETARY and isinstance(value, int | float) and not isinstance(value, bool):
            value = {"currency": DEFAULT_CURRENCY, "value": value}
        properties[field.key] = value
    return properties


def _unknown(schema: CompiledObject, sent: CustomValue) -> UnknownProperty:
    named = sent.id or sent.key or ""
    return UnknownProperty(
        f"We couldn't validate the mapped field: {named} is not a custom field of {schema.object.key}",
        hint="GET /objects/{key}?fetchProperties=true lists the fields with their ids.",
        field_key=schema.full_key(named),
    )


def custom_values(schema: CompiledObject, stored: dict[str, Json]) -> list[tuple[str, Json]]:
    """The id and the value of every added field that has one, in the order of the fields; amounts as plain numbers,
    options by their labels."""
    values: dict[str, Json] = {}
    for key, prop in schema.properties_by_key.items():
        field, value = prop.field, stored.get(prop.stored_key)
        if field.standard or value is None:
            continue
        if field.data_type is DataType.TEXTBOX_LIST:
            values.setdefault(field.id, {})[key.partition(".")[2]] = value
        else:
            values[field.id] = value["value"] if field.data_type is DataType.MONETARY else _with_labels(field, value)
    return list(values.items())


def _with_labels(field: Field, value: Json) -> Json:
    """The value with the labels of its options for their keys; of a field without options, as it is."""
    if not field.options:
        return value
    labels = {option.key: option.label for option in field.options}
    if isinstance(value, list):
        return [labels.get(each, each) for each in value]
    return labels.get(value, value) if isinstance(value, str) else value
