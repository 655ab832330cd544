"""Tests of exporting over the API: what comes in each form, what is selected, and that it can be read back."""

from __future__ import annotations

import importlib.util
import io
import json
import random
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from arro3.io import read_parquet

from groundlevel.access.store import find_location
from groundlevel.imports.parquet import parquet_parts
from groundlevel.imports.parquet_columns import ROW_GROUP
from groundlevel.imports.record_pages import PAGE, PageAfter, Selection, list_records_of, resolve_columns
from groundlevel.imports.rules import Import, plan_import
from groundlevel.imports.runs import run_import
from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.model import Json, Location, Record
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform
from tests.conformance.given import ALL_FIELDS, ALL_VALUES, PET
from tests.conformance.scenario import Scenario, play
from tests.kernel.http.world import World, open_world
from tests.world import ORIGIN

PETS = "/objects/custom_objects.pet/records"
EXPORT = f"/x{PETS}/export"
OTHERS: tuple[dict[str, Json], ...] = (
    {"name": 'Quote "and", comma', "price": {"currency": "EUR", "value": 3}, "tags": ["c"]},
    {"name": "Ünï\nline", "age": -0.5, "note": " blanks "},
)


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings()) as world:
        await play(Scenario("given", "pets", (PET, *ALL_FIELDS)), world, {"location": world.location})
        yield world


async def fill(world: World, rows: list[dict[str, Json]]) -> list[str]:
    """Creates pets; their ids."""
    lines = "\n".join(json.dumps({"properties": row}) for row in rows)
    reply = await world.client.post(f"/x{PETS}/bulk?chunk=1000", headers=world.headers(), content=lines.encode())
    return [json.loads(line)["id"] for line in reply.text.splitlines()]


async def call_of(world: World, storage: Storage) -> Call:
    """What a command would call with in the location of the world."""

    async def find(tx: Transaction) -> Location | None:
        return await find_location(tx, world.location)

    location = await storage.read(None, find)
    assert location is not None
    return Call(location, ORIGIN, storage.ids)


async def export(world: World, query: str = "", token: str = "own") -> Any:
    reply = await world.client.get(f"{EXPORT}?{query}", headers=world.headers(token))
    assert reply.status_code == 200, reply.text
    return reply


async def lines(world: World, query: str = "") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await export(world, query)).text.splitlines()]


async def test_ndjson_has_every_record_once_and_oldest_first(world: World) -> None:
    ids = await fill(world, [{"name": f"Pet {n}", "age": n} for n in range(2 * PAGE + 3)])

    records = await lines(world)

    assert [record["id"] for record in records] == ids
    assert [record["properties"]["age"] for record in records] == list(range(2 * PAGE + 3))
    one = (await world.client.get(f"{PETS}/{ids[0]}", headers=world.headers())).json()["record"]
    assert records[0] == {
        name: one[name] for name in ("id", "owners", "followers", "createdAt", "updatedAt", "properties")
    }


@pytest.mark.parametrize("count", [0, PAGE])
async def test_a_last_page_may_be_empty(world: World, count: int) -> None:
    await fill(world, [{"name": "Rex"}] * count)

    assert len(await lines(world)) == count
    assert len((await export(world, "format=csv")).text.splitlines()) == count + 1


async def test_filters_select_records_and_fields_select_properties(world: World) -> None:
    await fill(world, [{"name": f"Pet {n}", "age": n, "note": "x"} for n in range(PAGE + 5)])
    filters = json.dumps([{"field": "properties.age", "operator": "range", "value": {"gte": 3}}])

    records = await lines(world, f"filters={filters}&fields=custom_objects.pet.age,name")

    assert [record["properties"] for record in records] == [{"age": n, "name": f"Pet {n}"} for n in range(3, PAGE + 5)]
    sheet = (await export(world, f"format=csv&filters={filters}&fields=age,parts")).text.splitlines()
    assert sheet[:2] == ["age,parts.a,parts.b,parts.c", "3,,,"]


async def test_csv_is_what_an_import_reads(world: World, storage: Storage, tmp_path: Path) -> None:
    await fill(world, [ALL_VALUES, *OTHERS])
    reply = await export(world, "format=csv")
    file = tmp_path / "pets.csv"
    file.write_bytes(reply.content)
    before = await lines(world)
    for record in before:
        await world.client.delete(f"{PETS}/{record['id']}", headers=world.headers())

    call = await call_of(world, storage)
    plan = await plan_import(storage, call, request=Import(path=file, object_key="pet"), progress=lambda _: None)
    summary = await run_import(storage, call, plan, progress=lambda _: None)

    assert (summary.created, summary.refused) == (3, 0)
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="pet.csv"'
    assert [record["properties"] for record in await lines(world)] == [record["properties"] for record in before]


async def test_ndjson_is_what_a_bulk_operation_reads(world: World) -> None:
    await fill(world, [ALL_VALUES, *OTHERS])
    exported = (await export(world)).text

    reply = await world.client.post(f"/x{PETS}/bulk?mode=update", headers=world.headers(), content=exported.encode())

    assert [json.loads(line).get("action") for line in reply.text.splitlines()] == ["unchanged"] * 3


async def test_parquet_has_a_typed_column_for_each_property(world: World) -> None:
    ids = await fill(world, [ALL_VALUES, *OTHERS, *({"name": f"Pet {n}"} for n in range(PAGE))])

    reply = await export(world, "format=parquet")
    table = read_parquet(io.BytesIO(reply.content)).read_all()

    columns = {name: table.column(name).to_pylist() for name in table.schema.names}
    assert columns["recordId"] == ids
    assert columns["name"][:3] == ["Rex", 'Quote "and", comma', "Ünï\nline"]
    assert columns["age"][:3] == [3.0, None, -0.5]
    assert columns["born"][:2] == [date(2021, 5, 4), None]
    assert columns["tags"][:3] == [["a", "b"], ["c"], None]
    assert columns["price"][:3] == [{"value": 12.5, "currency": "default"}, {"value": 3.0, "currency": "EUR"}, None]
    assert columns["parts.a"][:2] == ["left", None]
    first = (await lines(world))[0]
    assert columns["createdAt"][0].isoformat(timespec="milliseconds") == first["createdAt"].replace("Z", "+00:00")
    assert str(table.schema.field("tags").type).startswith("arro3.core.DataType<List")


async def test_an_empty_object_is_an_empty_parquet_file(world: World) -> None:
    table = read_parquet(io.BytesIO((await export(world, "format=parquet")).content)).read_all()

    assert table.num_rows == 0
    assert table.schema.names[:4] == ["recordId", "createdAt", "updatedAt", "name"]


async def test_without_its_library_parquet_is_501(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    reply = await world.client.get(f"{EXPORT}?format=parquet", headers=world.headers())

    assert reply.status_code == 501
    assert "pip install 'groundlevel[parquet]'" in reply.headers["x-groundlevel-hint"]


async def test_what_cannot_be_exported_is_refused_before_a_record_is_sent(world: World) -> None:
    async def status(path: str, token: str = "own") -> int:
        return (await world.client.get(path, headers=world.headers(token))).status_code

    assert await status(EXPORT, "unscoped") == 401
    assert await status(f"{EXPORT}?locationId={world.foreign}") == 403
    assert await status("/x/objects/custom_objects.cat/records/export") == 404
    assert await status("/x/objects/contact/records/export") == 400
    assert await status(f"{EXPORT}?format=xls") == 422
    assert await status(f"{EXPORT}?fields=colour") == 400
    assert await status(f"{EXPORT}?filters=[") == 400
    assert await status(f'{EXPORT}?filters=[{{"field":"properties.colour","operator":"exists"}}]') == 422
    assert (await world.client.head(EXPORT, headers=world.headers())).status_code == 200


async def test_what_is_not_read_of_a_parquet_file_is_not_made(world: World, storage: Storage) -> None:
    await fill(world, [{"name": f"{n:0500}"} for n in range(PAGE)])
    call = await call_of(world, storage)
    selection = Selection("custom_objects.pet")
    columns = await perform(storage, call, resolve_columns, selection)
    page, _ = await perform(storage, call, list_records_of, PageAfter(selection, ""))
    read = 0

    async def endless() -> AsyncIterator[list[Record]]:
        nonlocal read
        while True:
            read += 1
            texts = (f'{{"name":"{random.randbytes(200).hex()}"}}' for _ in page)
            yield [msgspec.structs.replace(record, properties=text) for record, text in zip(page, texts, strict=True)]

    parts = parquet_parts(columns, endless())
    for _ in range(20):
        assert await anext(parts)
    await parts.aclose()  # type: ignore[attr-defined]
    pages_of_a_group = ROW_GROUP // PAGE

    assert pages_of_a_group < read <= 4 * pages_of_a_group


async def test_a_parquet_file_whose_records_cannot_be_read_has_no_end(world: World, storage: Storage) -> None:
    await fill(world, [{"name": "Rex"}])
    call = await call_of(world, storage)
    selection = Selection("custom_objects.pet")
    columns = await perform(storage, call, resolve_columns, selection)
    page, _ = await perform(storage, call, list_records_of, PageAfter(selection, ""))

    async def failing() -> AsyncIterator[list[Record]]:
        yield page * ROW_GROUP
        raise StorageUnavailable

    received = b""

    async def receive() -> None:
        nonlocal received
        async for part in parquet_parts(columns, failing()):
            received += part

    with pytest.raises(StorageUnavailable):
        await receive()

    assert not received.endswith(b"PAR1")


async def test_csv_may_be_safe_for_excel(world: World) -> None:
    await fill(world, [{"name": "=1+1"}, {"name": "-5"}, {"name": "'@x"}, {"name": "Rex"}])
    assert (await export(world, "format=csv&fields=name")).text.splitlines()[1:] == ["=1+1", "-5", "'@x", "Rex"]
    safe = await export(world, "format=csv&fields=name&excelSafe=true")
    assert safe.text.splitlines()[1:] == ["'=1+1", "-5", "''@x", "Rex"]
    for query in ("excelSafe=true", "format=parquet&excelSafe=true", "format=csv&excelSafe=maybe"):
        reply = await world.client.get(f"{EXPORT}?{query}", headers=world.headers())
        assert reply.status_code == 422, reply.text
