"""What the server asks of those who know tokens and locations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.storage.base import Storage


class Access(Struct, frozen=True):
    """Who calls, and what they reach: functions over one storage."""

    over: Callable[[Storage], Access]
    """The same on another storage."""
    find_cached_actor: Callable[[str], Actor | None]
    """The holder of a valid token that was used before; None for any other."""
    authenticate: Callable[[str], Awaitable[Actor]]
    """The holder of a token. Raises TokenInvalid."""
    find_cached_location: Callable[[Actor, str], Location | None]
    """The location with an id, if the actor reaches it and it was used before; None for any other."""
    resolve_location: Callable[[Actor, str], Awaitable[Location]]
    """The location with an id, if the actor reaches it. Raises LocationForbidden."""
    locations_with_object: Callable[[Actor, str], Awaitable[list[Location]]]
    """The locations in the actor's reach that have an object with a key or id."""
