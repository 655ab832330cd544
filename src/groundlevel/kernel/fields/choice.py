"""Choices among a field's options: one of them, or several."""

from __future__ import annotations

import re

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.fields.base import (
    Comparison,
    FieldType,
    check_filled_text,
    delta,
    not_saved_refusal,
    refuse,
    type_error,
    update_refusal,
)
from groundlevel.kernel.fields.text import check_length
from groundlevel.kernel.model import DataType, Field, Json, Option

_SEPARATOR = re.compile("[;|]")
_SHOWN_KEYS = 5
_MOST_KNOWN = 10_000
_known_names: dict[int, tuple[tuple[Option, ...], dict[str, str | None]]] = {}
"""The names of the options of definitions in use, by the identity of the options: made once, not for each value."""


def _names(field: Field) -> dict[str, str | None]:
    """Every text that means an option, with its key: keys first, then labels; None for a label of several."""
    options = field.options
    known = _known_names.get(id(options))
    # The options are held with their names, so nothing else can have their identity.
    if known is not None and known[0] is options:
        return known[1]
    names: dict[str, str | None] = {}
    for option in options:
        names[option.label] = None if option.label in names else option.key
    for option in options:
        names[option.key] = option.key
    if len(_known_names) >= _MOST_KNOWN:
        _known_names.clear()
    _known_names[id(options)] = (options, names)
    return names


def _unknown(field: Field, value: str) -> InvalidValue:
    keys = [option.key for option in field.options[:_SHOWN_KEYS]]
    more = ", …" if len(field.options) > _SHOWN_KEYS else ""
    shown = value if len(value) <= 40 else value[:39] + "…"
    return refuse(
        field,
        f'"{shown}" is not one of the options',
        hint=f"Send an option key: {', '.join(keys)}{more}" if keys else "The field has no options yet.",
    )


def _labels(field: Field, keys: list[Json]) -> str:
    labels = {option.key: option.label for option in field.options}
    return ", ".join(str(labels.get(key, key)) for key in keys)


class SingleOptions(FieldType):
    """One option, kept as its key; a label that only one option has is understood too (contract 8 row 9)."""

    name = DataType.SINGLE_OPTIONS
    comparison = Comparison.TEXT
    has_options = True

    def normalise(self, field: Field, value: Json) -> Json:
        text = check_filled_text(field, value)
        key = _names(field).get(text)
        if key is None:
            raise _unknown(field, text)
        return key

    def search_text(self, field: Field, stored: Json) -> str:
        return _labels(field, [stored])

    def from_cell(self, field: Field, cell: str) -> Json:
        return cell.strip()


class Radio(SingleOptions):
    """One option, or any text where the definition allows custom ones; a custom text never becomes an option."""

    name = DataType.RADIO

    def normalise(self, field: Field, value: Json) -> Json:
        text = check_filled_text(field, value)
        if field.custom_option_allowed:
            return _names(field).get(text) or check_length(field, text)
        return super().normalise(field, text)

    def from_cell(self, field: Field, cell: str) -> Json:
        stripped = cell.strip()
        return cell if field.custom_option_allowed and stripped not in _names(field) else stripped


class MultipleOptions(FieldType):
    """Several options, kept as a list of keys without duplicates in the order sent (contract 2.3).

    Where the definition allows custom ones, as for a contact's tags, any text is a member too.
    """

    name = DataType.MULTIPLE_OPTIONS
    comparison = Comparison.MEMBERS
    has_options = True
    resolves_labels = False
    """Whether the live platform understands labels in updates; without `strict` they always are."""

    def normalise(self, field: Field, value: Json) -> Json:
        if not isinstance(value, list):
            raise type_error(
                field, value, "an array of option keys", hint='Send ["key1", "key2"], also for one option.'
            )
        return list(dict.fromkeys(self._keys(field, value))) or None

    def _keys(self, field: Field, values: list[Json]) -> list[str]:
        names = _names(field)
        keys = []
        for value in values:
            text = check_filled_text(field, value)
            key = names.get(text)
            if key is None:
                if not field.custom_option_allowed:
                    raise _unknown(field, text)
                key = check_length(field, text)
            keys.append(key)
        return keys

    def change(self, field: Field, stored: Json, value: Json, *, strict: bool) -> Json:
        """Takes a delta; without `strict` also a whole list, which replaces what is stored (contract 8 row 7)."""
        if not isinstance(value, dict):
            if strict:
                raise update_refusal(field)
            return self.normalise(field, value)
        added, removed = delta(field, value)
        labels_count = self.resolves_labels or not strict
        keys = self._keys(field, added)
        if not labels_count:
            keys = [key for key, sent in zip(keys, added, strict=True) if key == sent]
        before: list[str] = stored or []
        names = _names(field) if labels_count else {}
        gone = set()
        for sent in removed:
            text = check_filled_text(field, sent)
            key = text if text in before else names.get(text)
            if key not in before:
                raise not_saved_refusal(field)
            gone.add(key)
        kept = [key for key in before if key not in gone]
        return list(dict.fromkeys(kept + keys)) or None

    def search_text(self, field: Field, stored: Json) -> str:
        return _labels(field, stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        """Options separated by `;` or `|`."""
        return [part.strip() for part in _SEPARATOR.split(cell) if part.strip()]


class Checkbox(MultipleOptions):
    """Several options as boxes to tick; its updates understand labels everywhere (contract 2.3)."""

    name = DataType.CHECKBOX
    resolves_labels = True
