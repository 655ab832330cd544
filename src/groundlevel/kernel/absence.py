"""Members that may be left out: UNSET in bodies and replies, where null is a value, and None in the rules.

In a body a member that is null counts as one that was left out, unless null says something there: it clears a text or
a property. So a body's optional members take null, and a handler asks one of these functions what was meant.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, UnsetType

T = TypeVar("T")
D = TypeVar("D")


def or_none(member: T | UnsetType) -> T | None:
    """What was sent; None when it was left out or null."""
    return None if member is UNSET else member


def or_unset(value: T | UnsetType | None) -> T | UnsetType:
    """What to show or to change; UNSET when there is nothing, so that the member is left out."""
    return UNSET if value is None else value


def or_else(member: T | UnsetType | None, usual: D) -> T | D:
    """What was sent; `usual` when it was left out or null. Zero, false and the empty text were sent."""
    return usual if member is UNSET or member is None else member
