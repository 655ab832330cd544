"""Choices among a field's options: one of them, or several."""

from __future__ import annotations

import re
from functools import cached_property

from groundlevel.kernel.errors import InvalidValue
from groundlevel.kernel.fields.base import (
    Comparison,
    FieldType,
    check_filled_text,
    check_text,
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


def _unknown(field: Field, value: str) -> InvalidValue:
    keys = [option.key for option in field.options[:_SHOWN_KEYS]]
    more = ", …" if len(field.options) > _SHOWN_KEYS else ""
    shown = value if len(value) <= 40 else value[:39] + "…"
    return refuse(
        field,
        f'"{shown}" is not one of the options',
        hint=f"Send an option key: {', '.join(keys)}{more}" if keys else "The field has no options yet.",
    )


class OptionNames:
    """What the options of one definition are called, worked out at first use and kept as long as the definition is."""

    def __init__(self, options: tuple[Option, ...]) -> None:
        self._options = options

    @cached_property
    def keys(self) -> dict[str, str | None]:
        """Every text that means an option, with its key: keys first, then labels; None for a label of several."""
        keys: dict[str, str | None] = {}
        for option in self._options:
            keys[option.label] = None if option.label in keys else option.key
        for option in self._options:
            keys[option.key] = option.key
        return keys

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each key."""
        return {option.key: option.label for option in self._options}


class ChoiceType(FieldType):
    """A choice among the options of a definition. What those are called is kept in the compiled object, not here."""

    has_options = True
    names: OptionNames | None = None
    """The names of the definition that this one is compiled for; None for any."""

    def compiled_for(self, field: Field) -> FieldType:
        compiled = type(self)()
        compiled.names = OptionNames(field.options)
        return compiled

    def names_of(self, field: Field) -> OptionNames:
        """The names of the field's options."""
        return self.names or OptionNames(field.options)

    def operand(self, field: Field, value: Json) -> Json:
        """The key of the option that is named; any other text stands for itself (docs/contract.md#search-filters)."""
        text = check_text(field, value)
        return self.names_of(field).keys.get(text) or text

    def labels_of(self, field: Field, keys: list[Json]) -> str:
        """The labels of stored keys, for people."""
        labels = self.names_of(field).labels
        return ", ".join(str(labels.get(key, key)) for key in keys)


class SingleOptions(ChoiceType):
    """One option, kept as its key; a label that only one option has is understood too (docs/contract.md#decision-9)."""

    name = DataType.SINGLE_OPTIONS
    comparison = Comparison.TEXT

    def normalise(self, field: Field, value: Json) -> Json:
        text = check_filled_text(field, value)
        key = self.names_of(field).keys.get(text)
        if key is None:
            raise _unknown(field, text)
        return key

    def search_text(self, field: Field, stored: Json) -> str:
        return self.labels_of(field, [stored])

    def from_cell(self, field: Field, cell: str) -> Json:
        return cell.strip()


class Radio(SingleOptions):
    """One option, or any text where the definition allows custom ones; a custom text never becomes an option."""

    name = DataType.RADIO

    def normalise(self, field: Field, value: Json) -> Json:
        text = check_filled_text(field, value)
        if field.custom_option_allowed:
            return self.names_of(field).keys.get(text) or check_length(field, text)
        return super().normalise(field, text)

    def from_cell(self, field: Field, cell: str) -> Json:
        stripped = cell.strip()
        return cell if field.custom_option_allowed and stripped not in self.names_of(field).keys else stripped


class MultipleOptions(ChoiceType):
    """Several options, kept as a list of keys without duplicates in the order sent (docs/contract.md#field-types).

    Where the definition allows custom ones, as for a contact's tags, any text is a member too.
    """

    name = DataType.MULTIPLE_OPTIONS
    comparison = Comparison.MEMBERS
    resolves_labels = False
    """Whether the live platform understands labels in updates; without `strict` they always are."""

    def normalise(self, field: Field, value: Json) -> Json:
        if not isinstance(value, list):
            raise type_error(
                field, value, "an array of option keys", hint='Send ["key1", "key2"], also for one option.'
            )
        return list(dict.fromkeys(self._keys(field, value))) or None

    def _keys(self, field: Field, values: list[Json]) -> list[str]:
        names = self.names_of(field).keys
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
        """Takes a delta; without `strict` also a whole list, which replaces what is stored.

        See docs/contract.md#decision-7.
        """
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
        names = self.names_of(field).keys if labels_count else {}
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
        return self.labels_of(field, stored)

    def from_cell(self, field: Field, cell: str) -> Json:
        """Options separated by `;` or `|`."""
        return [part.strip() for part in _SEPARATOR.split(cell) if part.strip()]


class Checkbox(MultipleOptions):
    """Several options as boxes to tick; its updates understand labels everywhere (docs/contract.md#field-types)."""

    name = DataType.CHECKBOX
    resolves_labels = True
