"""What the bodies of requests and replies of all nouns are made of (contract 1.1)."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

Filled = Annotated[str, Meta(min_length=1)]


Text = str | None | UnsetType


Flag = bool | None | UnsetType


class Body(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A body whose members are all known."""


class NoBody(Body, kw_only=True):
    """A body without members."""


class LocatedBody(Body, kw_only=True):
    """A body that may name the location. Where it must, the decoder and the guard see to that."""

    location_id: Filled | None | UnsetType = UNSET


Properties = Annotated[
    Raw,
    Meta(
        description="The record's values by short field key; what was never set is absent.",
        extra_json_schema={"type": "object", "additionalProperties": True},
    ),
]


OriginText = Annotated[
    Raw,
    Meta(
        description="Who wrote, and when.",
        extra_json_schema={
            "type": "object",
            "required": ["channel", "source", "sourceId", "createdAt"],
            "properties": {
                "channel": {"type": "string"},
                "source": {"type": "string"},
                "sourceId": {"type": "string"},
                "createdAt": {"type": "string", "format": "date-time"},
            },
        },
    ),
]


Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
