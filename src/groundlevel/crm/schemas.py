"""What the bodies and replies of contacts and opportunities have in common (docs/contract.md#sales-operations)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from groundlevel.crm.custom_values import CustomValue
from groundlevel.kernel.absence import or_else, or_none
from groundlevel.kernel.http.bodies import BOUNDED, Body, Filled, Text
from groundlevel.kernel.model import Json

MAX_NAMED = 100
"""Most users that one request makes followers, or no longer followers."""


class CustomFieldValue(Body, kw_only=True):
    """The value of an added field, which is named by its id or by its key; null clears it."""

    id: Text = UNSET
    key: Text = UNSET
    field_value: Json | UnsetType = msgspec.field(default=UNSET, name="field_value")
    value: Json | UnsetType = UNSET
    """Another name of `field_value`."""
    camel_value: Json | UnsetType = msgspec.field(default=UNSET, name="fieldValue")
    """A third name of it."""


class Followers(Body, kw_only=True):
    """Users that follow a record from now on, or no longer do, by their ids."""

    followers: Annotated[list[Filled], Meta(max_length=MAX_NAMED)]


class FollowersReply(Struct, rename="camel"):
    """The users that follow a record now, and which of them are new to it or gone from it."""

    followers: Sequence[str]
    trace_id: str
    followers_added: Sequence[str] | UnsetType = UNSET
    followers_removed: Sequence[str] | UnsetType = UNSET


CustomFields = Annotated[list[CustomFieldValue], BOUNDED] | None | UnsetType


class DoneReply(Struct, rename="camel"):
    """Says that it was done. The misspelt member is the contract (docs/contract.md#decision-23)."""

    succeded: bool
    succeeded: bool
    trace_id: str


def custom_of(sent: CustomFields) -> list[CustomValue]:
    """What a body says of added fields."""
    return [CustomValue(or_none(each.id), or_none(each.key), or_none(_value_of(each))) for each in or_else(sent, ())]


def _value_of(sent: CustomFieldValue) -> Json | UnsetType:
    """The value under the first of its names that was sent."""
    names = (sent.field_value, sent.camel_value, sent.value)
    return next((value for value in names if value is not UNSET), UNSET)


def done_reply(trace_id: str) -> DoneReply:
    """The reply to what was done and leaves nothing to show."""
    return DoneReply(True, True, trace_id)
