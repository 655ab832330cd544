"""Copies every row of a database into an empty one, in one transaction that ends only when both agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.kernel.fields import type_of
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import IndexState, Location
from groundlevel.kernel.query.ast import PropertyOperand
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.engines import make_storage, open_end, open_storage
from groundlevel.kernel.storage.records import Chunk
from groundlevel.kernel.storage.transaction import find_object
from groundlevel.transfer.digest import Digest, canonical_json
from groundlevel.transfer.errors import TransferError
from groundlevel.transfer.store import Table, WholeDatabase, shared_tables, whole

CHUNK = 2_000
"""Records whose values are indexed at a time."""
_JSON = (6, 7, 10)
"""Which columns of a record are JSON: owners, followers, properties."""
Progress = Callable[[int, int], None]
"""Gets the records copied and their number."""


class Transferred(Struct, frozen=True):
    """What was copied."""

    rows: dict[str, int]
    """The rows of each table that is copied as it is."""
    objects: int
    records: int
    checksum: str
    """Of all rows, in hex; the same for every database that holds the same."""


async def transfer_database(source: Settings, target: Settings, *, progress: Progress | None = None) -> Transferred:
    """Copies the database of `source` as it is at one moment into that of `target`, which is migrated and has to be
    empty.

    Ids, numbers, versions, timestamps and counters stay. All of it is committed at once, after the counts and
    checksums of every table and every object were found equal.

    Raises TransferError, MigrationError, StorageUnavailable.
    """
    for settings in (source, target):
        if settings.database.endswith(":memory:"):
            raise TransferError("a database in memory cannot be copied", "Name a file.")
    examined = make_storage(source)
    await examined.open_to_examine()
    await examined.close()
    storage = await open_storage(target)
    try:
        async with (
            storage.exclusively(),
            open_end(source.database, writing=False) as reading,
            open_end(target.database, writing=True) as writing,
        ):
            return await _Transfer(whole(reading), whole(writing), progress or (lambda _done, _total: None)).run()
    finally:
        await storage.close()


class _Transfer:
    """One copy under way."""

    def __init__(self, source: WholeDatabase, target: WholeDatabase, progress: Progress) -> None:
        self._source, self._target, self._progress = source, target, progress
        self._all = Digest()
        self._records = 0

    async def run(self) -> Transferred:
        """Copies everything and compares it."""
        tables = shared_tables(await self._source.end.columns(), await self._target.end.columns())
        await self._refuse_what_is_there(tables)
        if await self._source.count_deletions():
            raise TransferError(
                "the database still removes what was deleted from it",
                "`groundlevel upkeep --finish --database …` finishes that.",
            )
        rows = {table.name: await self._copy_table(table) for table in tables}
        total = await self._source.count_records()
        objects = 0
        async for chunk in self._source.objects():
            for loc, obj, key, location_id in chunk:
                await self._target.begin_object(loc, obj, key)
                await self._copy_object(loc, obj, name=f"{key} of {location_id}", total=total)
                await self._target.end_object()
                await self._fill_indexes(location_id, key)
                objects += 1
        if self._records != total:
            raise TransferError(
                f"{total - self._records} records belong to no object",
                "`groundlevel doctor --database …` says more about that.",
            )
        await self._copy_counters()
        await self._target.end.settle()
        return Transferred(rows, objects, self._records, self._all.hex)

    async def _refuse_what_is_there(self, tables: Sequence[Table]) -> None:
        for name in ("records", *(table.name for table in tables)):
            if not await self._target.is_empty(name):
                raise TransferError(
                    f"the target is not empty: there are {name}",
                    "Copy into a new database; a server that was started on one has written into it.",
                )

    async def _copy_table(self, table: Table) -> int:
        before, after = Digest(), Digest()
        async for rows in self._source.rows(table):
            before.add(rows)
            await self._target.insert(table, rows)
        if before.rows != await self._source.count(table.name):
            raise TransferError(
                f"some {table.name} belong to nothing", "`groundlevel doctor --database …` says more about that."
            )
        async for rows in self._target.rows(table):
            after.add(rows)
        self._compare(before, after, table.name)
        return before.rows

    async def _copy_object(self, loc: int, obj: int, *, name: str, total: int) -> None:
        before, after = Digest(), Digest()
        async for rows in self._source.records(loc, obj):
            before.add(map(_comparable, rows))
            await self._target.insert_records(rows)
            self._records += len(rows)
            self._progress(self._records, total)
        async for rows in self._target.records(loc, obj):
            after.add(map(_comparable, rows))
        self._compare(before, after, f"records of {name}")

    def _compare(self, before: Digest, after: Digest, what: str) -> None:
        if before != after:
            raise TransferError(
                f"the copy of the {what} is not what was read: {before.rows} rows {before.hex}, "
                f"{after.rows} rows {after.hex}"
            )
        self._all.merge(before)

    async def _fill_indexes(self, location_id: str, key: str) -> None:
        """Makes what finished indexes hold; an unfinished one is built by the server that finds it so."""
        tx = self._target.end.transaction(await self._find_location(location_id))
        definition = await find_object(tx, key)
        if definition is None:
            raise TransferError(f"the copy has no {key} of {location_id}")
        schema = CompiledObject(definition)
        for field in definition.fields:
            if field.index is not IndexState.READY:
                continue
            kind = type_of(field.data_type)
            operand = PropertyOperand(field.stored_key, kind.path, kind.comparison, field.number)
            last: str | None = ""
            while last is not None:
                last = await tx.records.fill_index(schema, operand, Chunk(last, CHUNK))

    async def _find_location(self, location_id: str) -> Location | None:
        return await access_store.find_location(self._target.end.transaction(None), location_id)

    async def _copy_counters(self) -> None:
        counters = await self._source.counters()
        for name, number in counters.items():
            await self._target.set_counter(name, number)
        written = await self._target.counters()
        # SQLite numbers locations by the highest that there is: what was higher once is free again there.
        behind = [name for name, number in counters.items() if written[name] < number and name != "locations_loc_seq"]
        if behind:
            raise TransferError(f"the counters {', '.join(behind)} of the copy are behind")


def _comparable(row: Row) -> list[object]:
    """A record in a form that is the same on every engine."""
    return [canonical_json(value) if place in _JSON else value for place, value in enumerate(row)]
