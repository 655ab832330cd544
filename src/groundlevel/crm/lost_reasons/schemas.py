"""The bodies and replies of the operations on lost reasons, and how one becomes the other."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.crm.lost_reasons.store import LostReason
from groundlevel.kernel.http.bodies import Filled, LocatedBody, Timestamp
from groundlevel.kernel.timestamps import iso


class LostReasonCreation(LocatedBody, kw_only=True):
    """A new lost reason."""

    name: Filled


class LostReasonBody(Struct, rename="camel"):
    """Why an opportunity was lost."""

    id: str
    name: str
    location_id: str
    created_at: Timestamp
    updated_at: Timestamp


class LostReasonReply(Struct, rename="camel"):
    """One lost reason."""

    lost_reason: LostReasonBody
    trace_id: str


class LostReasonsReply(Struct, rename="camel"):
    """A page of lost reasons, and how many there are in all."""

    lost_reasons: list[LostReasonBody]
    total: int
    trace_id: str


def lost_reason_body(reason: LostReason, location_id: str) -> LostReasonBody:
    """The wire form of a lost reason."""
    return LostReasonBody(reason.id, reason.name, location_id, iso(reason.created_at), iso(reason.updated_at))
