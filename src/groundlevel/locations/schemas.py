"""The replies of the operations on locations."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.kernel.model import Json


class LocationReply(Struct, rename="camel"):
    """A location's profile."""

    location: dict[str, Json]
    trace_id: str
