"""Caches schemas, locations, actors and what nouns read at every request, until something of it changes.

A cached value depends on topics, which are short texts: `schema/7`, the objects of the location with the number 7, or
`token/…`, `location/…`, `company/…`, `app/…` with an id. Whatever changes one of these names its topic, and every
process drops the values that depend on it: decision 24.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from typing import Any, Literal

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Actor, Location
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.storage.demand import Demand
from groundlevel.kernel.storage.totals import FoundPage, Stamp, Totals

MOST_KEPT = 10_000
"""Entries up to which each table grows. When one is full, all is dropped: what is asked for often is soon back."""
EVERYTHING = "*"
"""The topic of which every value depends."""
MAX_TOPICS = 100
"""Topics that one transaction changes, of which each is published by itself; more are published as EVERYTHING."""
_SCHEMAS, _LOCATIONS, _ACTORS = "schemas", "locations", "actors"

Kind = Literal["app", "company", "location", "token"]


def topic_of(kind: Kind, thing_id: str) -> str:
    """The topic of one thing: values depend on it, and changes of the thing name it."""
    return f"{kind}/{thing_id}"


def schema_topic(location: int) -> str:
    """The topic of the objects, fields and associations of the location with this number."""
    return f"schema/{location}"


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
        self.demand = Demand()
        """Which indexes searches have missed."""
        self.totals = Totals()
        """What searches have found; each total and page knows for which version of its object."""
        self._own: dict[str, dict[Any, Any]] = {
            _SCHEMAS: self.schemas,
            _LOCATIONS: self.locations,
            _ACTORS: self.actors,
        }
        self._dependent: dict[str, set[tuple[str, Hashable]]] = {}
        """By topic, the values that depend on it: the name of their table and their key."""
        self._lock = threading.Lock()

    def keep_schema(self, location: int, schema: CompiledObject, *, epoch: int) -> None:
        """Keeps a schema under its object's key and id."""
        for key in (schema.object.key, schema.object.id):
            self.keep(_SCHEMAS, (location, key), schema, topics=(schema_topic(location),), epoch=epoch)

    def keep_location(self, location: Location, *, epoch: int) -> None:
        """Keeps a location under its id."""
        self.keep(_LOCATIONS, location.id, location, topics=(topic_of("location", location.id),), epoch=epoch)

    def keep_actor(self, digest: bytes, actor: Actor, *, epoch: int) -> None:
        """Keeps the holder of the token with this digest."""
        self.keep(_ACTORS, digest, actor, topics=(topic_of("token", actor.token_id),), epoch=epoch)

    def keep(  # Parameters: where and what is kept, what it depends on and when it was read
        self, table: str, key: Hashable, value: Any, *, topics: Iterable[str], epoch: int
    ) -> None:
        """Keeps a value of a noun; the key begins with the number of the location."""
        with self._lock:
            if self.trusted and epoch == self.epoch:
                if len(self._table(table)) >= MOST_KEPT:
                    self._clear()
                self._table(table)[key] = value
                for topic in topics:
                    self._dependent.setdefault(topic, set()).add((table, key))

    def _table(self, name: str) -> dict[Any, Any]:
        own = self._own.get(name)
        return self.tables.setdefault(name, {}) if own is None else own

    def forget(self, topics: Iterable[str] = (EVERYTHING,)) -> None:
        """Drops the values that depend on any of the topics; without topics, everything."""
        with self._lock:
            self.epoch += 1
            for topic in topics:
                if topic == EVERYTHING:
                    self._clear()
                    return
                for name, key in self._dependent.pop(topic, ()):
                    self._table(name).pop(key, None)

    def _clear(self) -> None:
        for table in (self.schemas, self.locations, self.actors, self.tables, self._dependent):
            table.clear()
        self.totals.clear()

    def distrust(self) -> None:
        """Drops everything and keeps nothing until `trust`."""
        self.trusted = False
        self.forget()

    def trust(self) -> None:
        """Keeps values again."""
        self.forget()
        self.trusted = True


class CacheView:
    """The cache as one transaction sees it: nothing that it changes itself is taken from there or kept before the
    commit."""

    __slots__ = ("_cache", "_changes", "epoch", "relied", "schema_changed")

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self.epoch = cache.epoch
        """The cache's epoch before anything was read: what is read may be kept only while it lasts."""
        self.schema_changed = False
        """Whether objects or fields were changed."""
        self._changes: set[str] = set()
        self.relied: int | None = None
        """The schema version of what was taken from the cache: the oldest of it, None if nothing was."""

    def note_change(self, kind: Kind, thing_id: str) -> None:
        """Notes that the transaction changes a thing on which cached values may depend."""
        self._changes.add(topic_of(kind, thing_id))

    @property
    def totals(self) -> Totals:
        """What searches have found. Only for transactions that write nothing."""
        return self._cache.totals

    def keep_total(  # Parameters: as for `Totals.keep`
        self, number: tuple[int, int], stamp: Stamp, plan: Plan, total: int
    ) -> None:
        """Keeps a total, unless anything was dropped since the transaction began."""
        if self.epoch == self._cache.epoch:
            self.totals.keep(number, stamp, plan, total)

    def keep_page(  # Parameters: as for `Totals.keep_page`
        self, number: tuple[int, int], stamp: Stamp, plan: Plan, page: FoundPage
    ) -> None:
        """Keeps a page, likewise."""
        if self.epoch == self._cache.epoch:
            self.totals.keep_page(number, stamp, plan, page)

    @property
    def changed(self) -> bool:
        """Whether anything was changed on which cached values may depend."""
        return self.schema_changed or bool(self._changes)

    def changed_topics(self, location: int) -> frozenset[str]:
        """The topics that the transaction, of the location with this number, has changed."""
        if not self.changed:
            return frozenset()
        topics = self._changes | {schema_topic(location)} if self.schema_changed else self._changes
        return frozenset(topics) if len(topics) <= MAX_TOPICS else frozenset((EVERYTHING,))

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

    def keep(self, table: str, key: tuple[int, ...], value: Any, *, topics: Iterable[str] = ()) -> None:
        """Keeps a value of a noun; the key begins with the number of the location, on whose schema it depends where
        no topics are given."""
        self._cache.keep(table, key, value, topics=topics or (schema_topic(key[0]),), epoch=self.epoch)

    @property
    def demand(self) -> Demand:
        """Which indexes searches have missed."""
        return self._cache.demand
