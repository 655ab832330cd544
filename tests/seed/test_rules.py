"""Seeds: the demo is complete and applied once; wrong seed files say where they are wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from groundlevel.access.rules import list_locations
from groundlevel.crm.contacts.rules import CONTACTS
from groundlevel.crm.opportunities.rules import OPPORTUNITIES
from groundlevel.kernel.model import DataType
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.usecase import Call, perform
from groundlevel.records.search import Search, search_records
from groundlevel.schema.object_rules import list_objects
from groundlevel.seed.rules import DEMO, ORIGIN, Seed, SeedError, load_seed, seed_database
from tests.needs import not_applicable


def test_the_demo_shows_what_the_platform_can_do() -> None:
    objects = [definition for location in load_seed(DEMO).locations for definition in location.objects]
    fields = [field for definition in objects for field in definition.fields]
    records = [record for definition in objects for record in definition.records]
    assert len(objects) == 3
    assert 30 <= len(records) <= 60
    assert {field.data_type for field in fields} == set(DataType)
    assert any(field.required for field in fields)
    assert any(field.unique for field in fields)
    assert any(record.owners for record in records)
    assert any(record.followers for record in records)
    filled = {key.partition(".")[0] for record in records for key in record.properties}
    assert {field.key for field in fields} <= filled, "every field has a value somewhere"


async def test_the_demo_is_seeded_once(storage: Storage) -> None:
    (first,) = await seed_database(storage, load_seed(DEMO))
    assert (first.created, first.objects, first.records) == (True, 3, 40)
    (second,) = await seed_database(storage, load_seed(DEMO))
    assert (second.created, second.location) == (False, first.location)
    assert len(await list_locations(storage)) == 1
    call = Call(first.location, ORIGIN, storage.ids)
    assert sum(not found.standard for found in await perform(storage, call, list_objects, None)) == 3
    for key, text, expected in (
        ("pet", "zoe", "Zoë"),
        ("pet", "lindqvist", "Luna"),
        ("supply", "meloxicam", "Meloxicam"),
    ):
        request = SearchRequest(text=text, filters=None, sort=None, page=1, page_limit=20, search_after=None)
        found = await perform(storage, call, search_records, Search(f"custom_objects.{key}", request))
        assert any(expected in view.record.properties for view in found.views)
    owned = await perform(
        storage,
        call,
        search_records,
        Search("custom_objects.pet", SearchRequest(text="buddy", page=1, page_limit=20)),
    )
    assert len(owned.views[0].record.owners) == len(owned.views[0].record.followers) == 1
    contacts = await perform(storage, call, CONTACTS.search, SearchRequest(text="greenleaf"))
    assert [contact.business_id is not None for contact in contacts.views] == [True]
    opportunities = await perform(storage, call, OPPORTUNITIES.search, SearchRequest())
    assert [each.contact is not None for each in opportunities.views] == [True, True, True]


@pytest.mark.parametrize(
    ("seed", "problem"),
    [
        ({"locations": []}, "it has no locations"),
        ({"locations": [{"nome": "x"}]}, "Object contains unknown field `nome`"),
        ({"places": []}, "unknown field `places`"),
    ],
)
def test_files_that_are_no_seeds(tmp_path: Path, seed: object, problem: str) -> None:
    path = tmp_path / "seed.json"
    path.write_bytes(msgspec.json.encode(seed))
    with pytest.raises(SeedError, match=problem):
        load_seed(str(path))


def test_a_missing_seed_file(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="cannot be read"):
        load_seed(str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"records": [{"properties": {}}]}, "object pet, record 1: Missing required properties"),
        ({"records": [{"properties": {"name": "x"}, "owners": ["ann"]}]}, "record 1: there is no user ann"),
        ({"fields": [{"key": "a", "name": "A", "dataType": "NONE"}]}, "object pet: dataType"),
        ({"fields": [{"key": "a", "name": "A", "dataType": "TEXT", "folder": "F"}]}, "field a: there is no folder F"),
    ],
)
async def test_what_is_wrong_with_a_seed_is_said_with_its_position(
    storage: Storage, change: dict[str, object], problem: str
) -> None:
    definition = {
        "key": "pet",
        "labels": {"singular": "Pet", "plural": "Pets"},
        "primary": {"key": "name", "name": "Name"},
    }
    seed = msgspec.convert({"locations": [{"name": "A", "objects": [{**definition, **change}]}]}, Seed)
    with pytest.raises(SeedError, match=problem):
        await seed_database(storage, seed)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"sales": {"contacts": [{"ref": "a", "properties": {}, "business": "b"}]}}, "A, sales: the seed has no b"),
        ({"sales": {"opportunities": [{"name": "x", "contact": "ann"}]}}, "A, sales: the seed has no ann"),
        (
            {
                "sales": {
                    "contacts": [{"ref": "ann", "properties": {"name": "Ann"}}],
                    "opportunities": [{"name": "x", "contact": "ann", "lostReason": "Price"}],
                }
            },
            "A, sales: the seed has no Price",
        ),
        ({"sales": {"contacts": [{"ref": "a", "properties": {"email": "x"}}]}}, "A, sales: Email: expected"),
        ({"contactFields": [{"key": "a", "name": "A", "dataType": "TEXT", "folder": "F"}]}, "there is no folder F"),
    ],
)
async def test_what_is_wrong_with_the_sales_of_a_seed(
    storage: Storage, change: dict[str, object], problem: str
) -> None:
    seed = msgspec.convert({"locations": [{"name": "A", **change}]}, Seed)
    with pytest.raises(SeedError, match=problem):
        await seed_database(storage, seed)


async def test_processes_that_start_together_migrate_and_seed_once(database_url: str) -> None:
    if ":memory:" in database_url:
        not_applicable("no other process sees a database in memory")
    storages = await asyncio.gather(*(open_storage(Settings(database=database_url)) for _ in range(3)))
    try:
        seeded = await asyncio.gather(*(seed_database(storage, load_seed(DEMO)) for storage in storages))
        assert sorted(part.created for [part] in seeded) == [False, False, True]
        assert len({part.location.id for [part] in seeded}) == 1
        assert len(await list_locations(storages[0])) == 1
    finally:
        for storage in storages:
            await storage.close()
