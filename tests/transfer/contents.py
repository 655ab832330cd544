"""Databases with something in every table, and everything in a database in a form that can be compared."""

from __future__ import annotations

from pathlib import Path

import msgspec

from groundlevel.access.rules import list_locations
from groundlevel.imports.export_rules import Export, export_records
from groundlevel.kernel.model import IndexState, Json, Location
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.connection import Row
from groundlevel.kernel.storage.engines import open_end, open_storage
from groundlevel.kernel.storage.transaction import list_objects
from groundlevel.kernel.usecase import Call
from groundlevel.schema.indexes import IndexKey, build_index
from groundlevel.seed.rules import DEMO, ORIGIN, load_seed, seed_database
from groundlevel.transfer.digest import canonical_json
from groundlevel.transfer.store import LOG, Table, shared_tables, whole
from tests.world import PET, World, world_in

BEING_REMOVED = frozenset(("deleted_objects", "deleted_associations"))
"""Tables that a database has rows in only while something is being removed from it."""
JSON = (6, 7, 10)
"""The columns of a record that are JSON."""


async def fill(url: str) -> World:
    """Makes a database of the demo and a second location, with ready indexes, gaps in every counter, and a row in every
    table."""
    storage = await open_storage(Settings(database=url))
    try:
        (demo,) = await seed_database(storage, load_seed(DEMO))
        pets = await world_in(storage, demo.location)
        for number in (each.number for each in (await pets.object()).fields):
            await build_index(storage, pets.call, IndexKey(PET, number))
        other = await world_in(storage)
        await other.pet()
        await other.field("chip", unique=True)
        await other.field("story", "LARGE_TEXT")
        story = next(each for each in (await other.object()).fields if each.key == "story")
        await build_index(storage, other.call, IndexKey(PET, story.number))
        for name in ("Zoë", "\U0001f415 % _ ' \" \\ \n", "gone"):
            await other.create({"name": name, "chip": name, "story": name * 400})
        await other.delete((await other.found("gone"))[0])
    finally:
        await storage.close()
    await fill_empty_tables(url)
    return other


async def fill_empty_tables(url: str) -> None:
    """Puts a row into each table that has none, whatever it may mean there."""
    async with open_end(url, writing=True) as end:
        columns = await end.columns()
        for table in shared_tables(columns, columns):
            if table.name in BEING_REMOVED or not await whole(end).is_empty(table.name):
                continue
            row = [value_for(kind, name) for name, kind in columns[table.name].items()]
            await end.insert(table.name, table.columns, [row])


def value_for(kind: str, name: str) -> object:
    """Any value of a column's type, as the engine calls it."""
    if kind in ("blob", "bytea"):
        return name.encode()
    return 1 if kind in ("integer", "bigint") else f"the {name}"


async def everything(url: str) -> dict[str, Json]:
    """All that is kept in a database, in one form for both engines: rows by table, records by object, counters."""
    async with open_end(url, writing=False) as end:
        database, columns = whole(end), await end.columns()
        held: dict[str, Json] = {}
        for table in shared_tables(columns, columns):
            if table.name == LOG:
                changes = [without_place(row) async for rows in database.rows(table) for row in rows]
                held[LOG] = sorted(changes, key=repr)
                continue
            named = Table(table.name, LOCATED.get(table.name, tuple(sorted(table.columns))))
            held[table.name] = sorted([list(row) async for rows in database.rows(named) for row in rows], key=repr)
        objects = [tuple(row) async for rows in database.objects() for row in rows]
        for loc, obj, _, _ in objects:
            held[f"records {loc}/{obj}"] = [
                [canonical_json(value) if place in JSON else value for place, value in enumerate(row)]
                async for rows in database.records(loc, obj)
                for row in rows
            ]
        held["counters"] = await database.counters()
        return held


def without_place(row: Row) -> list[Json]:
    """A change, without where SQLite keeps room for a deleted record, and with JSON that compares."""
    detail = msgspec.json.decode(row[-1]) if row[-1].startswith("{") else row[-1]
    if isinstance(detail, dict):
        detail.pop("place", None)
    return [*row[:-1], detail]


LOCATED = {
    "object_counts": ("loc", "obj", "slot", "n", "changes"),
    "record_unique": ("loc", "field", "v", "id"),
    "relations": ("loc", "assoc", "first_id", "second_id", "id"),
    "relation_counts": ("loc", "record_id", "assoc", "side", "n"),
}
"""The columns, in one order for both engines, of the tables whose rows SQLite finds without a location."""


async def exports(url: str, directory: Path) -> dict[str, bytes]:
    """The files that `groundlevel export` writes of every object, by location and key."""
    storage = await open_storage(Settings(database=url))
    try:
        files = {}
        for location in await list_locations(storage):
            for key in await keys_with_indexes(storage, location):
                for form in ("csv", "jsonl"):
                    path = directory / f"export.{form}"
                    call = Call(location, ORIGIN, storage.ids)
                    await export_records(storage, call, Export(path=path, object_key=key, overwrite=True))
                    files[f"{location.id} {key} {form}"] = path.read_bytes()
        return files
    finally:
        await storage.close()


async def keys_with_indexes(storage: Storage, location: Location) -> list[str]:
    """The keys of the objects that can be exported: custom ones."""
    return [each.key for each in await storage.read(location, list_objects) if not each.standard]


async def ready_indexes(url: str) -> list[str]:
    """The fields of pets that have a finished index, in the order of their locations."""
    storage = await open_storage(Settings(database=url))
    try:
        return [
            f"{location.id} {field.key}"
            for location in await list_locations(storage)
            for definition in await storage.read(location, list_objects)
            for field in definition.fields
            if field.index is IndexState.READY
        ]
    finally:
        await storage.close()
