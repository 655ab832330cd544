"""One unit of work over one location: everything in it becomes durable together, or nothing does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeVar

import msgspec

from groundlevel.kernel.changes import ChangeLog
from groundlevel.kernel.codec import decode_texts
from groundlevel.kernel.errors import ObjectNotFound, Refusal
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.ids import Ids
from groundlevel.kernel.model import Event, Field, Folder, Location, Object
from groundlevel.kernel.storage.cache import CacheView
from groundlevel.kernel.storage.connection import Connection, Row, StaleSchemaError
from groundlevel.kernel.storage.dialect import Dialect
from groundlevel.kernel.storage.records import RecordTable
from groundlevel.kernel.storage.statements import Statement

T = TypeVar("T")


class Transaction(ABC):
    """What a use case is given: a connection, bound to one location, or to none for the administration of the platform.

    Nothing takes a location as an argument: a transaction cannot reach beyond its own. What a noun stores is functions
    of its own `store` module over this.
    """

    sql: ClassVar[dict[str, Statement]]
    """The engine's statements, by name."""
    dialect: ClassVar[Dialect]
    """How the engine writes what the statements leave open."""

    def __init__(self, connection: Connection, location: Location | None, cache: CacheView, *, ids: Ids) -> None:
        self.connection = connection
        self.cache = cache
        self.ids = ids
        self._location = location
        self.events: list[Event] = []
        """What becomes durable in the outbox when everything else has succeeded."""
        self.log = ChangeLog()
        """What becomes known to history, and to all who follow changes, with everything else."""

    @property
    @abstractmethod
    def records(self) -> RecordTable:
        """The records of the location."""
        # Made when it is asked for: kept, it would hold the transaction that holds it, and each read would be left to
        # the garbage collector.

    @property
    def location(self) -> Location:
        """The location of the transaction. Raises RuntimeError when it has none."""
        if self._location is None:
            raise RuntimeError("this transaction belongs to no location")
        return self._location

    @property
    def loc(self) -> int:
        """The location's number. Raises RuntimeError when the transaction has no location."""
        if self._location is None:
            raise RuntimeError("this transaction belongs to no location")
        return self._location.number

    @property
    def location_number(self) -> int:
        """The location's number, 0 when there is none."""
        return 0 if self._location is None else self._location.number

    def bind_location(self, location: Location) -> None:
        """Binds a transaction without a location to one it has just created."""
        if self._location is not None:
            raise RuntimeError("this transaction belongs to a location already")
        self._location = location

    def emit(self, event: Event) -> None:
        """Makes an event durable with everything else of this transaction."""
        self.events.append(event)

    # --- the schema --------------------------------------------------------------------------------------------------

    async def schema(self, key: str) -> CompiledObject:
        """The compiled form of the object with this key or id, cached between requests. Raises ObjectNotFound."""
        cached = self.cache.find_schema(self.loc, key)
        if cached is not None:
            return cached
        schema = await self.read_schema(key)
        self.cache.keep_schema(self.loc, schema)
        return schema

    async def read_schema(self, key: str) -> CompiledObject:
        """The compiled form of the object as it stands in the database now. Raises ObjectNotFound."""
        definition = await find_object(self, key)
        if definition is None:
            raise ObjectNotFound(key)
        return CompiledObject(definition)

    async def schema_version(self) -> int:
        """The location's schema version; every change of its objects raises it. 0 when the location is gone."""
        row = await self.connection.row(self.sql["schema_version"], self.loc)
        return int(row[0]) if row else 0

    async def verify(self) -> None:
        """Raises StaleSchemaError when something cached was used that another process has changed since."""
        if self.cache.relied is not None and await self.schema_version() != self.cache.relied:
            raise StaleSchemaError


async def find_object(tx: Transaction, key: str) -> Object | None:
    """The object with this key or id as it stands in the database, or None."""
    version = await tx.schema_version()
    row = await tx.connection.row(tx.sql["find_object"], tx.loc, key)
    return None if row is None else await _object_of(tx, row, version)


async def list_objects(tx: Transaction) -> list[Object]:
    """All objects of the location: standard ones first, then by age."""
    version = await tx.schema_version()
    rows = await tx.connection.rows(tx.sql["list_objects"], tx.loc)
    return [await _object_of(tx, row, version) for row in rows]


async def raise_schema_version(tx: Transaction) -> None:
    """Makes every schema read before stale."""
    tx.cache.schema_changed = True
    await tx.connection.run(tx.sql["raise_schema_version"], tx.loc)


async def _object_of(tx: Transaction, row: Row, version: int) -> Object:
    number, object_id, key, singular, plural, description, primary, searchable = row[:8]
    folders = await tx.connection.rows(tx.sql["list_folders"], tx.loc, number)
    fields = await tx.connection.rows(tx.sql["list_fields"], tx.loc, number)
    return Object(
        number=number,
        id=object_id,
        key=key,
        singular=singular,
        plural=plural,
        description=description,
        primary=primary,
        searchable=decode_texts(searchable),
        standard=bool(row[8]),
        created_at=row[9],
        updated_at=row[10],
        version=version,
        fields=tuple(_field_of(each, key) for each in fields),
        folders=tuple(Folder(each[0], each[1], bool(each[2]), each[3], each[4]) for each in folders),
        retired_keys=frozenset(decode_texts(row[11])),
        icon=row[12],
        reindexing=bool(row[13]),
    )


def _field_of(row: Row, object_key: str) -> Field:
    """The definition's JSON has everything but the number, which the database gives, and the key of the object."""
    stored = msgspec.json.decode(row[5], type=Field)
    return msgspec.structs.replace(stored, number=row[0], updated_at=row[7], object_key=object_key)


Work = Callable[[Transaction], Coroutine[Any, Any, T]]
"""What an engine is handed: a coroutine function that awaits nothing but its transaction."""


async def run_work(work: Work[T], tx: Transaction) -> T:
    """The result of the work. Raises StaleSchemaError instead of a refusal by a schema that another process has changed
    and whose notice has not arrived yet."""
    try:
        return await work(tx)
    except Refusal:
        await tx.verify()
        raise
