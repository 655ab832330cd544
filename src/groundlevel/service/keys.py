"""Reads and checks the keys of objects, fields and options (contract 8 rows 18, 19)."""

from __future__ import annotations

import re

from groundlevel.errors import InvalidKey, NotSupported
from groundlevel.fields.shape import Shape
from groundlevel.ids import is_record_id, record_of, short_of
from groundlevel.model import CUSTOM_PREFIX
from groundlevel.storage.transaction import Transaction

WITHOUT_RECORDS = frozenset(("contact", "opportunity"))
"""Standard objects whose records belong to APIs of their own (contract 4.2)."""
_SINGULAR_PREFIX = "custom_object."
_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
_OPTION_KEY = re.compile(r'[^\x00-\x1f"\\.~\ud800-\udfff]{1,200}\Z')
_NOT_KEY = re.compile(r"[^a-z0-9]+")


def shown_id(object_key: str, record_id: str) -> str:
    """The id by which the world knows a record: contacts and opportunities have ids of 20 characters (contract 2.7)."""
    return short_of(record_id) if object_key in WITHOUT_RECORDS else record_id


def stored_id(object_key: str, shown: str) -> str | None:
    """The record id meant by a shown one; None for what cannot be the id of a record of the object."""
    if object_key in WITHOUT_RECORDS:
        return record_of(shown)
    return shown if is_record_id(shown) else None


def canonical(key: str) -> str:
    """An object key or id with the singular prefix turned into the plural one."""
    if key.startswith(_SINGULAR_PREFIX):
        return CUSTOM_PREFIX + key[len(_SINGULAR_PREFIX) :]
    return key


def short_object_key(key: str) -> str:
    """The part behind `custom_objects.`, checked. Raises InvalidKey."""
    return checked_key(canonical(key).removeprefix(CUSTOM_PREFIX), "object")


def checked_key(key: str, what: str) -> str:
    """`key` if it is valid: [a-z][a-z0-9_]*, at most 100 characters. Raises InvalidKey."""
    if not _KEY.match(key):
        raise InvalidKey(f"{key!r} is not a valid {what} key", errorCode=InvalidKey.code)
    return key


def option_key(key: str | None, label: str) -> str:
    """The key of an option: as given, or made from its label. Raises InvalidKey."""
    if key is None:
        key = _NOT_KEY.sub("_", label.lower()).strip("_") or label
    if not _OPTION_KEY.match(key):
        raise InvalidKey(f"{key!r} is not a valid option key", hint="Leave out quotes, dots, backslashes and tildes.")
    return key


async def shape_with_records(tx: Transaction, key: str) -> Shape:
    """The shape of an object that keeps records here. Raises ObjectNotFound, NotSupported."""
    shape = await tx.schema(canonical(key))
    if shape.object.key in WITHOUT_RECORDS:
        raise NotSupported(f"Records of {shape.object.key} are not available through the Objects API")
    return shape
