"""Reads and checks the keys of objects, fields and options (docs/contract.md#decision-18, #decision-19)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from groundlevel.kernel.errors import InvalidKey
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.model import CUSTOM_PREFIX

_SINGULAR_PREFIX = "custom_object."
_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
_OPTION_KEY = re.compile(r'[^\x00-\x1f"\\.~\ud800-\udfff]{1,200}\Z')
_LONGEST_STEM = 190
_NOT_KEY = re.compile(r"[^a-z0-9]+")


def canonical_key(key: str) -> str:
    """An object key or id with the singular prefix turned into the plural one."""
    if key.startswith(_SINGULAR_PREFIX):
        return CUSTOM_PREFIX + key[len(_SINGULAR_PREFIX) :]
    return key


def short_object_key(key: str) -> str:
    """The part behind `custom_objects.`, checked. Raises InvalidKey."""
    return check_key(canonical_key(key).removeprefix(CUSTOM_PREFIX), "object")


def check_key(key: str, what: str, *, field_key: str = "") -> str:
    """`key` if it is valid: [a-z][a-z0-9_]*, at most 100 characters; `field_key` is the full one of a field's.

    Raises InvalidKey.
    """
    if not _KEY.match(key):
        raise InvalidKey(f"{key!r} is not a valid {what} key", field_key=field_key)
    return key


def check_option_key(key: str, *, field_key: str = "") -> str:
    """`key` if records can store it as the key of an option of the field with this full key. Raises InvalidKey."""
    if not _OPTION_KEY.match(key):
        raise InvalidKey(
            f"{key!r} is not a valid option key",
            hint="Leave out quotes, dots, backslashes and tildes.",
            field_key=field_key,
        )
    return key


def key_stem(name: str) -> str:
    """The letters and digits of a name without case and accents, joined by `_`: `Zoë's age` becomes `zoe_s_age`.

    Empty for a name in a script other than Latin.
    """
    return _NOT_KEY.sub("_", fold(name)).strip("_")


def option_keys(labels: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """A key for each of these different labels, made from it and unlike every other key and those taken.

    `A+` and `A-` become `a` and `a_2`. No key is another option's label, since either may be sent for an option: of
    `A` and `a` the second has the key `a`. Takes time in proportion to the labels.
    """
    taken = set(taken)
    reserved = {*taken, *labels}
    numbers: dict[str, int] = {}
    keys = []
    for label in labels:
        stem = key_stem(label)[:_LONGEST_STEM] or (label if _OPTION_KEY.match(label) else "option")
        if stem == label and label not in taken:
            keys.append(label)
            continue
        number = numbers.get(stem, 1)
        key = stem if number == 1 else f"{stem}_{number}"
        while key in reserved:
            number += 1
            key = f"{stem}_{number}"
        numbers[stem] = number
        reserved.add(key)
        keys.append(key)
    return keys
