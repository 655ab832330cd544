"""Over HTTP, large changes are answered at once, and what is left of them is shown until it is done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.records.upkeep import Kind, carry_out, list_jobs, list_progress
from groundlevel.schema import reindexing
from tests.kernel.http.world import VERSION, World, open_world

PET = "custom_objects.pet"
RECORDS = 10


class Client:
    """Asks for one location with one token."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.headers = {"Authorization": f"Bearer {world.tokens['own']}", "Version": str(VERSION)}

    async def ask(self, method: str, path: str, status: int = 200, body: dict[str, Any] | None = None) -> Any:
        """The reply's JSON."""
        members = None if body is None else {"locationId": self.world.location, **body}
        query = {"locationId": self.world.location} if body is None else {}
        reply = await self.world.client.request(method, path, headers=self.headers, params=query, json=members)
        assert reply.status_code == status, reply.text
        return reply.json()

    async def jobs(self) -> dict[str, float]:
        """The gauges of jobs that are left."""
        text = (await self.world.client.get("/metrics")).text
        return {name: float(n) for name, n in re.findall(r"^groundlevel_jobs_(\w+) (\S+)$", text, re.MULTILINE)}

    async def make_pets(self) -> None:
        """Creates the object with its records."""
        primary = {"key": f"{PET}.name", "name": "Name", "dataType": "TEXT"}
        labels = {"singular": "Pet", "plural": "Pets"}
        new = {"labels": labels, "key": PET, "primaryDisplayPropertyDetails": primary}
        await self.ask("POST", "/objects/", 201, new)
        folder = (await self.ask("GET", f"/custom-fields/object-key/{PET}"))["folders"][0]["id"]
        field = {"dataType": "TEXT", "fieldKey": f"{PET}.note", "objectKey": PET, "parentId": folder, "name": "Note"}
        await self.ask("POST", "/custom-fields/", 201, {**field, "showInForms": True})
        for number in range(RECORDS):
            properties = {"name": f"Rex {number}", "note": f"note {number}"}
            await self.ask("POST", f"/objects/{PET}/records", 201, {"properties": properties})


async def test_reindexing_is_shown_until_it_is_done(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "CHUNK", 4)
    async with open_world(storage, Settings()) as world:
        client = Client(world)
        await client.make_pets()
        path = f"/objects/{PET}"
        assert "reindexing" not in (await client.ask("GET", path))["object"]
        changed = await client.ask("PUT", path, 200, {"searchableProperties": [f"{PET}.note"]})
        assert changed["object"]["reindexing"] == {"percent": 40}
        assert (await client.ask("GET", path))["object"]["reindexing"] == {"percent": 40}
        assert await client.jobs() == {"reindex": 1, "purge_records": 0, "purge_relations": 0}
        assert [each.percent for each in await list_progress(storage)] == [40]
        search = {"page": 1, "pageLimit": 10, "query": "note"}
        assert (await client.ask("POST", f"{path}/records/search", 200, search))["total"] == RECORDS
        await carry_out(storage)
        assert "reindexing" not in (await client.ask("GET", path))["object"]
        assert await client.jobs() == {"reindex": 0, "purge_records": 0, "purge_relations": 0}


async def test_a_deleted_object_is_gone_and_its_records_are_left(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        client = Client(world)
        await client.make_pets()
        await client.ask("DELETE", f"/objects/{PET}")
        await client.ask("GET", f"/objects/{PET}", 404)
        assert storage.long_work.is_set()
        assert (await client.jobs())["purge_records"] == 1
        assert [job.kind for job in await storage.read(None, list_jobs)] == [Kind.PURGE_RECORDS]
        await client.make_pets()
        await carry_out(storage)
        assert (await client.jobs())["purge_records"] == 0
