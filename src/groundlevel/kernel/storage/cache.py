"""Caches schemas, locations, actors and what nouns read at every request, until something of it changes."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Actor, Location

K = TypeVar("K")
V = TypeVar("V")
MOST_KEPT = 10_000
"""Entries up to which each table of the cache grows. A full one is emptied: what is asked for often is soon back."""


class Cache:
    """What was read from the database and is still true, for all transactions of a process.

    The engine calls `forget` when something changed, here or in another process. A value read before the change
    and arriving after it is not kept: a reader notes `epoch` first and `keep_*` refuses when it has moved on.
    Scans read and fill it from their own threads, hence the lock around what is more than one step.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.trusted = True
        """Whether notices of changes still arrive. While they do not, nothing is kept."""
        self.schemas: dict[tuple[int, str], CompiledObject] = {}
        self.locations: dict[str, Location] = {}
        self.actors: dict[bytes, Actor] = {}
        self.tables: dict[str, dict[tuple[int, ...], Any]] = {}
        """What nouns keep, by a name of theirs and a key that begins with the number of the location."""
        self.wanted: dict[tuple[str, str, int], None] = {}
        """Indexes that searches have missed: location id, object key, field number; in order of the first miss."""
        self._lock = threading.Lock()

    def keep_schema(self, location: int, schema: CompiledObject, *, epoch: int) -> None:
        """Keeps a schema under its object's key and id."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                _keep(self.schemas, (location, schema.object.key), schema)
                _keep(self.schemas, (location, schema.object.id), schema)

    def keep_location(self, location: Location, *, epoch: int) -> None:
        """Keeps a location under its id."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                _keep(self.locations, location.id, location)

    def keep_actor(self, digest: bytes, actor: Actor, *, epoch: int) -> None:
        """Keeps the holder of the token with this digest."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                _keep(self.actors, digest, actor)

    def keep(self, table: str, key: tuple[int, ...], value: Any, *, epoch: int) -> None:
        """Keeps a value of a noun; the key begins with the number of the location."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                _keep(self.tables.setdefault(table, {}), key, value)

    def forget(self, location: int | None = None) -> None:
        """Drops what was read in one location, or everything."""
        with self._lock:
            self.epoch += 1
            if location is None:
                self.schemas.clear()
                self.locations.clear()
                self.actors.clear()
                self.tables.clear()
                return
            for key in [key for key in self.schemas if key[0] == location]:
                del self.schemas[key]
            for table in self.tables.values():
                for number in [number for number in table if number[0] == location]:
                    del table[number]

    def distrust(self) -> None:
        """Drops everything and keeps nothing until `trust`."""
        self.trusted = False
        self.forget()

    def trust(self) -> None:
        """Keeps values again."""
        self.forget()
        self.trusted = True


def _keep(table: dict[K, V], key: K, value: V) -> None:
    if len(table) >= MOST_KEPT:
        table.clear()
    table[key] = value


class CacheView:
    """The cache as one transaction sees it: nothing that it changes itself is taken from there or kept before the
    commit."""

    __slots__ = ("_cache", "access_changed", "epoch", "relied", "schema_changed")

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self.epoch = cache.epoch
        """The cache's epoch before anything was read: what is read may be kept only while it lasts."""
        self.schema_changed = False
        """Whether objects or fields were changed."""
        self.access_changed = False
        """Whether locations or tokens, apps or webhooks were changed."""
        self.relied: int | None = None
        """The schema version of what was taken from the cache: the oldest of it, None if nothing was."""

    def rely(self, version: int) -> None:
        """Notes that something cached was used, read at this schema version; the oldest counts."""
        self.relied = version if self.relied is None else min(self.relied, version)

    def find_schema(self, location: int, key: str) -> CompiledObject | None:
        """The schema with this key or id, if it is cached and the transaction has changed none."""
        if self.schema_changed:
            return None
        schema = self._cache.schemas.get((location, key))
        if schema is not None:
            self.rely(schema.object.version)
        return schema

    def keep_schema(self, location: int, schema: CompiledObject) -> None:
        """Keeps a schema, unless the transaction has changed one."""
        if not self.schema_changed:
            self._cache.keep_schema(location, schema, epoch=self.epoch)

    def find(self, table: str, key: tuple[int, ...]) -> Any:
        """A value that a noun has kept, or None."""
        return self._cache.tables.get(table, {}).get(key)

    def keep(self, table: str, key: tuple[int, ...], value: Any) -> None:
        """Keeps a value of a noun; the key begins with the number of the location."""
        self._cache.keep(table, key, value, epoch=self.epoch)

    def note_missed_index(self, key: tuple[str, str, int]) -> None:
        """Notes that a search would have used an index: location id, object key, field number."""
        if len(self._cache.wanted) < MOST_KEPT:
            self._cache.wanted.setdefault(key)
