"""Reads and checks the keys of objects, fields and options (contract 8 rows 18, 19)."""

from __future__ import annotations

import re

from groundlevel.kernel.errors import InvalidKey
from groundlevel.kernel.model import CUSTOM_PREFIX

_SINGULAR_PREFIX = "custom_object."
_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
_OPTION_KEY = re.compile(r'[^\x00-\x1f"\\.~\ud800-\udfff]{1,200}\Z')
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


def option_key(key: str | None, label: str, *, field_key: str = "") -> str:
    """The key of an option: as given, or made from its label; `field_key` is the full one of its field.

    Raises InvalidKey.
    """
    if key is None:
        key = _NOT_KEY.sub("_", label.lower()).strip("_") or label
    if not _OPTION_KEY.match(key):
        raise InvalidKey(
            f"{key!r} is not a valid option key",
            hint="Leave out quotes, dots, backslashes and tildes.",
            field_key=field_key,
        )
    return key
