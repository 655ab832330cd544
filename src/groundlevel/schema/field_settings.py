"""Checks the settings of a field definition: options, file limits, uniqueness.

See docs/contract.md#custom-fields, #schemas-and-fields, #product-limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from groundlevel.kernel.errors import DuplicateKey, InvalidValue
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.model import DataType, Field, Option
from groundlevel.kernel.names import check_option_key, option_keys

ACCEPTED_FORMATS = (".pdf", ".docx", ".doc", ".jpg", ".jpeg", ".png", ".gif", ".csv", ".xlsx", ".xls", "all")


class SentOption(Protocol):
    """An option as sent by a client."""

    @property
    def label(self) -> str:
        """What people see."""

    @property
    def key(self) -> str | None:
        """What records store, if the client chose it."""

    @property
    def url(self) -> str | None:
        """A picture, for RADIO only."""


def make_options(field: Field, sent: Sequence[SentOption] | None) -> tuple[Option, ...]:
    """The options that a new field gets. Raises InvalidValue, InvalidKey, DuplicateKey."""
    if not type_of(field.data_type).has_options:
        if sent:
            raise _refuse(field, f"options are not valid for a field of type {field.data_type}")
        return ()
    if not sent:
        problem = f"options are required for a field of type {field.data_type}"
        raise _refuse(field, problem, hint="Send at least one option.")
    keys = _make_keys(field, sent)
    return _check_options(field, [Option(key, each.label, each.url) for key, each in zip(keys, sent, strict=True)])


def merge_options(field: Field, sent: Sequence[SentOption]) -> tuple[Option, ...]:
    """The options after an update with the whole new list: matched by key, else by label, else new.

    Raises InvalidValue when one is missing (docs/contract.md#decision-25), and what make_options raises.
    """
    if not type_of(field.data_type).has_options:
        return make_options(field, sent)
    by_key = {option.key: option for option in field.options}
    by_label = {option.label: option for option in field.options}
    known = [by_key.get(each.key) if each.key is not None else by_label.get(each.label) for each in sent]
    new = [each for each, option in zip(sent, known, strict=True) if option is None]
    new_keys = iter(_make_keys(field, new, taken=by_key, labels=[each.label for each in sent]))
    after = []
    for each, option in zip(sent, known, strict=True):
        key = option.key if option else next(new_keys)
        after.append(Option(key, each.label, each.url if each.url is not None or option is None else option.url))
    missing = by_key.keys() - {option.key for option in after}
    if missing:
        raise _refuse(
            field,
            f"{field.name}: existing options cannot be removed: {', '.join(sorted(missing))}",
            hint="Send the whole list: every existing option and the new ones.",
        )
    return _check_options(field, after)


def _make_keys(
    field: Field, sent: Sequence[SentOption], *, taken: Iterable[str] = (), labels: Sequence[str] = ()
) -> list[str]:
    """The key of each option: as sent, or made from its label. `labels` are those of options that are there already.

    Raises InvalidKey, DuplicateKey.
    """
    given = [check_option_key(each.key, field_key=field.full_key) for each in sent if each.key is not None]
    unkeyed = [each.label for each in sent if each.key is None]
    if repeated := {label for label, times in Counter(unkeyed).items() if times > 1}:
        raise DuplicateKey(
            f"Two options have the label {min(repeated)}",
            hint="Send a key with each of them.",
            field_key=field.full_key,
        )
    reserved = {*taken, *given, *({*labels, *(each.label for each in sent)} - set(unkeyed))}
    made = iter(option_keys(unkeyed, reserved))
    return [each.key if each.key is not None else next(made) for each in sent]


def _check_options(field: Field, options: list[Option]) -> tuple[Option, ...]:
    if repeated := {key for key, times in Counter(option.key for option in options).items() if times > 1}:
        raise DuplicateKey(f"Two options have the key {min(repeated)}", field_key=field.full_key)
    if field.data_type is not DataType.RADIO and any(option.url is not None for option in options):
        problem = f"option.url is not valid for a field of type {field.data_type}"
        raise _refuse(field, problem, hint="Only RADIO shows pictures.")
    return tuple(options)


def check_settings(field: Field) -> None:
    """Raises InvalidValue when a setting does not apply to the field's type or is out of range."""
    kind = field.data_type
    if kind is not DataType.FILE_UPLOAD and (field.accepted_formats is not None or field.max_file_limit is not None):
        raise _refuse(field, f"acceptedFormats and maxFileLimit are not valid for a field of type {kind}")
    if field.accepted_formats is not None and field.accepted_formats not in ACCEPTED_FORMATS:
        raise _refuse(field, f"acceptedFormats must be one of the following values: {', '.join(ACCEPTED_FORMATS)}")
    if field.max_file_limit is not None and not 1 <= field.max_file_limit <= 1000:
        raise _refuse(field, "maxFileLimit must be between 1 and 1000")
    if field.custom_option_allowed and kind is not DataType.RADIO:
        raise _refuse(field, f"allowCustomOption is not valid for a field of type {kind}")
    if field.unique and not type_of(kind).may_be_unique:
        raise _refuse(field, f"A field of type {kind} cannot be unique")


def _refuse(field: Field, problem: str, *, hint: str | None = None) -> InvalidValue:
    """The refusal of a setting of a field."""
    return InvalidValue(problem, hint=hint, field_key=field.full_key)
