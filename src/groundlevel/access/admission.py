"""Lets the server ask the database who calls and what they reach."""

from __future__ import annotations

from groundlevel.access import rules
from groundlevel.kernel.http.access import Access
from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.storage.base import Storage


class StoredAccess(Access):
    """Access by the tokens and locations of a storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def over(self, storage: Storage) -> StoredAccess:
        return StoredAccess(storage)

    def find_cached_actor(self, token: str) -> Actor | None:
        return rules.find_cached_actor(self._storage, token)

    async def authenticate(self, token: str) -> Actor:
        return await rules.authenticate(self._storage, token)

    def find_cached_location(self, actor: Actor, location_id: str) -> Location | None:
        return rules.find_cached_location(self._storage, actor, location_id)

    async def resolve_location(self, actor: Actor, location_id: str) -> Location:
        return await rules.resolve_location(self._storage, actor, location_id)

    async def locations_with_object(self, actor: Actor, object_key: str) -> list[Location]:
        return await rules.locations_with_object(self._storage, actor, object_key)
