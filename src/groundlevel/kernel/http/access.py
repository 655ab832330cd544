"""What the server asks of those who know tokens and locations."""

from __future__ import annotations

from abc import ABC, abstractmethod

from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.storage.base import Storage


class Access(ABC):
    """Who calls, and what they reach."""

    @abstractmethod
    def over(self, storage: Storage) -> Access:
        """The same on another storage."""

    @abstractmethod
    def find_cached_actor(self, token: str) -> Actor | None:
        """The holder of a valid token that was used before; None for any other."""

    @abstractmethod
    async def authenticate(self, token: str) -> Actor:
        """The holder of a token. Raises TokenInvalid."""

    @abstractmethod
    def find_cached_location(self, actor: Actor, location_id: str) -> Location | None:
        """The location, if the actor reaches it and it was used before; None for any other."""

    @abstractmethod
    async def resolve_location(self, actor: Actor, location_id: str) -> Location:
        """The location, if the actor reaches it. Raises LocationForbidden."""

    @abstractmethod
    async def locations_with_object(self, actor: Actor, object_key: str) -> list[Location]:
        """The locations in the actor's reach that have an object with this key or id."""
