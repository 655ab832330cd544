"""Small tenants beside a large object: locations with a few objects of a few records each."""

from __future__ import annotations

from itertools import islice

from bench.corpus import FIELDS, LABELS, OBJECT, PRIMARY, Records
from bench.databases import ORIGIN, Database
from bench.large_scale import LargeScale
from bench.store import opened
from groundlevel.kernel.model import Location
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.bulk import NewRecords, create_records
from groundlevel.schema.field_rules import NewField, create_field
from groundlevel.schema.object_rules import NewObject, create_object

_FIELDS = tuple((key, data_type) for key, data_type, _ in FIELDS if key in ("city", "score", "seats"))


async def fill_tenants(database: Database, scale: LargeScale) -> Location:
    """Creates the tenants in a database; returns one of them, whose first object has the key of the large one."""
    source = iter(Records(seed=5))
    async with opened(database) as at:
        for _ in range(scale.locations):
            location = await create_location(at.storage, NewLocation("A tenant"))
            call = Call(location, ORIGIN, at.storage.ids)
            for number in range(scale.objects):
                key = f"{OBJECT}{number}" if number else OBJECT
                await _furnish(at.storage, call, key)
                kept = (PRIMARY, *(name for name, _ in _FIELDS))
                rows = [{name: record[name] for name in kept} for record in islice(source, scale.each)]
                written = await perform(at.storage, call, create_records, NewRecords(key, rows))
                assert not written.errors
    return location


async def _furnish(storage: Storage, call: Call, key: str) -> None:
    singular, plural = LABELS
    new = NewObject(key, singular, plural, None, PRIMARY, PRIMARY.capitalize(), "TEXT")
    folder = (await perform(storage, call, create_object, new)).folders[0].id
    for name, data_type in _FIELDS:
        await perform(storage, call, create_field, NewField(key, name, data_type, folder, name=name))
