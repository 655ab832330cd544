"""Imports through the API: a file is uploaded, read, checked and written, whatever happens to the server meanwhile."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from groundlevel.access.rules import NewToken, create_token
from groundlevel.access.store import find_location
from groundlevel.imports import job_runner, job_store
from groundlevel.imports.job_model import State
from groundlevel.imports.job_rules import KEPT_MS, PART_BYTES
from groundlevel.imports.job_runner import LEASE_MS, ROWS_AT_ONCE, carry_out_imports
from groundlevel.imports.job_store import Lease
from groundlevel.imports.rules import plan_import
from groundlevel.kernel.errors import StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from tests.conformance.given import ALL_FIELDS, PET
from tests.conformance.scenario import Scenario, play
from tests.kernel.http.world import World, open_world
from tests.oauth.world import Moving
from tests.world import PATIENCE_SECONDS

PETS = "/objects/custom_objects.pet/records"
FILE = "name,age,Colour\nRex,3,red\nMia,old,blue\nTom,7,\n"


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings(import_max_bytes=2_000_000)) as world:
        await play(Scenario("given", "pets", (PET, *ALL_FIELDS)), world, {"location": world.location})
        yield world


class Uploads:
    """Short ways to import."""

    def __init__(self, world: World, storage: Storage) -> None:
        self.world, self.storage = world, storage

    async def ask(self, method: str, path: str = "", token: str = "own", **more: Any) -> httpx.Response:
        url = f"/x/imports{path}{'&' if '?' in path else '?'}locationId={self.world.location}"
        return await self.world.client.request(method, url, headers=self.world.headers(token), **more)

    async def upload(self, content: str, name: str = "pets.csv", key: str = "custom_objects.pet") -> str:
        answer = await self.ask("POST", f"?object={key}&name={name}", content=content.encode())
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["import"]["id"]
        await self.work()
        return found

    async def work(self) -> None:
        await carry_out_imports(self.storage, Settings())

    async def show(self, import_id: str) -> Any:
        return (await self.ask("GET", f"/{import_id}")).json()["import"]

    async def start(self, import_id: str, **body: Any) -> Any:
        answer = await self.ask("POST", f"/{import_id}/start", json=body)
        assert answer.status_code == 200, answer.text
        await self.work()
        return await self.show(import_id)

    async def pets(self) -> list[Any]:
        body = {"locationId": self.world.location, "page": 1, "pageLimit": 100}
        found = await self.world.client.post(f"{PETS}/search", headers=self.world.headers(), json=body)
        return [record["properties"] for record in found.json()["records"]]

    async def total(self) -> int:
        body = {"locationId": self.world.location, "page": 1, "pageLimit": 1}
        found = await self.world.client.post(f"{PETS}/search", headers=self.world.headers(), json=body)
        return int(found.json()["total"])


@pytest.fixture
def at(world: World, storage: Storage) -> Uploads:
    return Uploads(world, storage)


LEFT_OUT = [{"name": "name", "key": "name"}, {"name": "age", "key": "age"}, {"name": "Colour"}]


async def test_a_file_is_read_checked_and_written(at: Uploads) -> None:
    made = await at.upload(FILE)
    read = await at.show(made)
    assert (read["step"], read["state"], read["percent"]) == ("read", "done", 100)
    assert [(each["name"], each["key"], each["isNew"]) for each in read["columns"]] == [
        ("name", "name", False),
        ("age", "age", False),
        ("Colour", "colour", True),
    ]
    assert read["columns"][1]["samples"] == ["3", "old", "7"]
    checked = await at.start(made, dryRun=True, columns=LEFT_OUT)
    assert (checked["step"], checked["state"]) == ("check", "done")
    assert (checked["created"], checked["refused"]) == (2, 1)
    assert [(each["line"], each["field"]) for each in checked["refusals"]] == [(3, "age")]
    assert await at.pets() == []
    written = await at.start(made, columns=LEFT_OUT)
    assert (written["step"], written["state"], written["created"], written["refused"]) == ("write", "done", 2, 1)
    assert sorted(pet["name"] for pet in await at.pets()) == ["Rex", "Tom"]
    again = await at.ask("POST", f"/{made}/start", json={"columns": LEFT_OUT})
    assert again.status_code == 400
    assert again.headers["x-groundlevel-doc"].endswith("/import_not_ready")
    assert await at.total() == 2


async def test_refused_rows_are_a_file_that_is_imported_once_it_is_corrected(at: Uploads) -> None:
    made = await at.upload(FILE)
    await at.start(made, columns=LEFT_OUT)
    answer = await at.ask("GET", f"/{made}/refused")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["line", "field", "message", "name", "age", "Colour"]
    assert rows[1][:2] == ["3", "age"]
    assert rows[1][3:] == ["Mia", "old", "blue"]
    mended = await at.upload(answer.text.replace("old", "9"), "pets.csv.errors.csv")
    await at.start(mended, columns=LEFT_OUT)
    assert {pet["name"]: pet.get("age") for pet in await at.pets()}["Mia"] == 9


async def test_what_is_missing_is_created_if_asked_for(at: Uploads, storage: Storage) -> None:
    made = await at.upload("Plate,Wheels\nA 1,4\nB 2,3\n", key="custom_objects.car")
    read = await at.show(made)
    assert read["objectExists"] is False
    assert [each["isPrimary"] for each in read["columns"]] == [True, False]
    refused = await at.start(made)
    assert (refused["state"], refused["step"]) == ("failed", "write")
    assert "createMissing" in refused["hint"]
    written = await at.start(made, createMissing=True)
    assert (written["state"], written["created"]) == ("done", 2)
    new = NewToken("plain", location_id=at.world.location, scopes=("objects/record.write",))
    at.world.tokens["plain"], _ = await create_token(storage, new)
    other = await at.upload("Plate,Doors\nC 3,5\n", key="custom_objects.car")
    url = f"/x/imports/{other}/start?locationId={at.world.location}"
    lacking = await at.world.client.post(url, headers=at.world.headers("plain"), json={"createMissing": True})
    assert lacking.status_code == 401
    assert "objects/schema.write" in lacking.headers["x-groundlevel-hint"]


async def test_records_are_recognised_and_updated(at: Uploads) -> None:
    first = await at.upload("name,age\nRex,3\nMia,4\n")
    await at.start(first)
    second = await at.upload("name,age\nRex,5\nTom,1\nMia,4\n")
    checked = await at.start(second, dryRun=True, match="name")
    assert (checked["created"], checked["updated"], checked["unchanged"]) == (1, 1, 1)
    written = await at.start(second, match="name")
    assert (written["created"], written["updated"], written["unchanged"]) == (1, 1, 1)
    assert {pet["name"]: pet["age"] for pet in await at.pets()} == {"Rex": 5, "Mia": 4, "Tom": 1}


@pytest.mark.parametrize("failing", [1, 2, 3])
async def test_what_a_crash_cuts_off_is_carried_on_without_writing_a_row_twice(
    at: Uploads, storage: Storage, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    storage.ids.clock = clock = Moving()
    rows = ROWS_AT_ONCE * 3 + 20
    made = await at.upload("name,age\n" + "".join(f"P{n},{'x' if n % 100 == 0 else n}\n" for n in range(rows)))
    noted = job_store.note_import
    times = 0

    class Killed(BaseException):
        """As if the process had ended."""

    async def note(tx: Transaction, lease: Lease, outcome: Any) -> bool:
        nonlocal times
        times += 1
        if times == failing:
            raise Killed
        return await noted(tx, lease, outcome)

    monkeypatch.setattr(job_store, "note_import", note)
    with pytest.raises(Killed):
        await at.start(made)
    monkeypatch.setattr(job_store, "note_import", noted)
    cut = await at.show(made)
    assert (cut["state"], cut["step"]) == ("running", "write")
    assert await at.total() == cut["created"] < rows
    await at.work()
    assert (await at.show(made))["state"] == "running"
    clock.timestamp += LEASE_MS + 1
    await at.work()
    done = await at.show(made)
    bad = len(range(0, rows, 100))
    assert (done["state"], done["rows"], done["created"], done["refused"]) == ("done", rows, rows - bad, bad)
    assert await at.total() == rows - bad
    text = (await at.ask("GET", f"/{made}/refused")).text
    assert [row[3] for row in list(csv.reader(io.StringIO(text)))[1:]] == [f"P{n}" for n in range(0, rows, 100)]


async def test_an_import_that_failed_half_way_carries_on(at: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ROWS_AT_ONCE + 10
    made = await at.upload("name\n" + "".join(f"P{n}\n" for n in range(rows)))
    noted, times = job_store.note_import, 0

    async def note(tx: Transaction, lease: Lease, outcome: Any) -> bool:
        nonlocal times
        times += 1
        if times == 2:
            raise StorageUnavailable("The disk is full")
        return await noted(tx, lease, outcome)

    monkeypatch.setattr(job_store, "note_import", note)
    failed = await at.start(made)
    assert failed["state"] == "failed"
    assert "The disk is full" in failed["problem"]
    assert failed["created"] == ROWS_AT_ONCE
    monkeypatch.setattr(job_store, "note_import", noted)
    refused = await at.ask("POST", f"/{made}/start", json={"dryRun": True})
    assert refused.status_code == 400
    done = await at.start(made)
    assert (done["state"], done["created"], done["problem"]) == ("done", rows, "")
    assert await at.total() == rows


async def test_a_sign_of_life_that_is_refused_is_not_the_last(at: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await at.upload("name\nRex\n")
    noted, signs, second = job_store.note_import, 0, asyncio.Event()

    async def note(tx: Transaction, lease: Lease, outcome: Any) -> bool:
        nonlocal signs
        signs += 1
        if signs == 1:
            raise StorageUnavailable("The database is not available")
        second.set()
        return await noted(tx, lease, outcome)

    async def plan(*arguments: Any, **more: Any) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await second.wait()
        return await plan_import(*arguments, **more)

    monkeypatch.setattr(job_store, "note_import", note)
    monkeypatch.setattr(job_runner, "plan_import", plan)
    monkeypatch.setattr(job_runner, "SIGN_SECONDS", 0.001)
    done = await at.start(made)
    assert (done["state"], done["created"]) == ("done", 1)


async def test_an_import_that_is_deleted_stops(at: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await at.upload("name\n" + "".join(f"P{n}\n" for n in range(ROWS_AT_ONCE * 3)))
    noted, times = job_store.note_import, 0

    async def note(tx: Transaction, lease: Lease, outcome: Any) -> bool:
        nonlocal times
        times += 1
        if times == 2:
            await job_store.delete_import(tx, made)
        return await noted(tx, lease, outcome)

    monkeypatch.setattr(job_store, "note_import", note)
    assert (await at.ask("POST", f"/{made}/start", json={})).status_code == 200
    await at.work()
    assert await at.total() == ROWS_AT_ONCE


async def test_a_large_file_is_kept_in_pieces(at: Uploads) -> None:
    note = "x" * 1000
    rows = PART_BYTES * 2 // 1000
    made = await at.upload("name,note\n" + "".join(f"P{n},{note}\n" for n in range(rows)))
    assert (await at.start(made, dryRun=True))["created"] == rows
    large = await at.ask("POST", "?object=custom_objects.pet&name=a.csv", content=b"x" * 2_000_001)
    assert large.status_code == 413
    assert len((await at.ask("GET")).json()["imports"]) == 1


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("pets.csv", "", "pets.csv is empty"),
        ("pets.csv", 'name\n"Rex\n', "pets.csv, line 2: a quotation mark opens a cell and is never closed"),
        ("pets.jsonl", "3\n", "pets.jsonl holds no JSON objects"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(at: Uploads, name: str, content: str, problem: str) -> None:
    found = await at.show(await at.upload(content, name))
    assert (found["step"], found["state"], found["problem"]) == ("read", "failed", problem)


@pytest.mark.parametrize("name", ["pets.xls", "pets", ".csv", "a%0Ab.csv", "..%2F"])
async def test_a_name_says_what_a_file_is(at: Uploads, name: str) -> None:
    answer = await at.ask("POST", f"?object=custom_objects.pet&name={name}", content=b"name\n")
    assert answer.status_code == 422


async def test_a_name_leads_to_no_other_directory(at: Uploads) -> None:
    made = await at.upload("name\nRex\n", "..%2F..%2Fpets.csv")
    assert (await at.show(made))["name"] == "pets.csv"


@pytest.mark.parametrize(
    "body",
    [
        {"columns": [{"name": "Nothing", "key": "name"}]},
        {"columns": [{"name": "name", "key": "name"}, {"name": "age", "key": "name"}]},
        {"columns": [{"name": "name", "key": "name"}, {"name": "name"}]},
        {"columns": [{"name": "name", "key": "name", "dataType": "RADIO"}]},
        {"dates": ["yesterday"]},
    ],
)
async def test_a_choice_that_cannot_be_is_refused_at_once(at: Uploads, body: Any) -> None:
    made = await at.upload("name,age\nRex,3\n")
    answer = await at.ask("POST", f"/{made}/start", json=body)
    assert answer.status_code == 400, answer.text
    assert (await at.show(made))["step"] == "read"


async def test_a_choice_that_only_the_file_shows_to_be_wrong_fails(at: Uploads) -> None:
    made = await at.upload("name,age\nRex,3\n")
    failed = await at.start(made, match="nothing")
    assert failed["state"] == "failed"
    assert failed["problem"] == "match nothing: the file has no such column"


async def test_an_import_belongs_to_its_location(at: Uploads) -> None:
    made = await at.upload("name\nRex\n")
    for method, path in (("GET", ""), ("GET", "/refused"), ("DELETE", ""), ("POST", "/start")):
        url = f"/x/imports/{made}{path}?locationId={at.world.sister}"
        answer = await at.world.client.request(
            method, url, headers=at.world.headers("sister"), json={} if method == "POST" else None
        )
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await at.show(made))["state"] == "done"


async def test_an_import_that_nobody_touches_is_deleted(at: Uploads, storage: Storage) -> None:
    storage.ids.clock = clock = Moving()
    old = await at.upload("name\nRex\n")
    clock.timestamp += KEPT_MS + 1
    new = await at.upload("name\nRex\n")
    assert [each["id"] for each in (await at.ask("GET")).json()["imports"]] == [new]
    assert (await at.ask("GET", f"/{old}")).status_code == 404


async def test_one_worker_has_an_import_at_a_time(at: Uploads, storage: Storage) -> None:
    answer = await at.ask("POST", "?object=custom_objects.pet&name=pets.csv", content=b"name\nRex\n")
    made = answer.json()["import"]["id"]
    location = await storage.read(None, lambda tx: find_location(tx, at.world.location))

    async def take(tx: Transaction) -> bool:
        return await job_store.take_import(tx, Lease(made, "somebody", tx.ids.now() + LEASE_MS))

    assert await storage.write(location, take)
    assert not await storage.write(location, take)
    await at.work()
    assert (await at.show(made))["state"] == State.RUNNING.value
    busy = await at.ask("POST", f"/{made}/start", json={})
    assert busy.status_code == 400


async def test_a_request_lets_the_worker_look_at_once(
    at: Uploads, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = asyncio.Event()
    finish = job_store.finish_import

    async def note(tx: Transaction, *what: Any) -> bool:
        done.set()
        return await finish(tx, *what)

    monkeypatch.setattr(job_store, "finish_import", note)
    monkeypatch.setattr(job_runner, "LOOK_SECONDS", 3_600)
    storage.background.start("imports", lambda: job_runner.keep_importing(storage, Settings()))
    await asyncio.sleep(0)
    await at.ask("POST", "?object=custom_objects.pet&name=pets.csv", content=b"name\nRex\n")
    async with asyncio.timeout(60):
        await done.wait()
    await storage.background.stop()
