"""A server whose PostgreSQL drops its connections, or restarts, refuses cleanly and works again by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from groundlevel.access.rules import NewToken, create_token
from groundlevel.doctor.rules import examine
from groundlevel.imports.record_pages import Selection, read_pages
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from tests.needs import not_applicable
from tests.world import PATIENCE_SECONDS, PET, World, world_in

from .storm import server
from .test_kill import PowerCut, power

__all__ = ["power"]

CLIENTS = 8
FEWEST = 40
"""Creations that are acknowledged between two disturbances."""
KILL_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Load:
    """Clients that create pets and never give up."""

    def __init__(self, location: str, token: str) -> None:
        self._location = location
        self._headers = {"Authorization": f"Bearer {token}", "Version": "2021-07-28"}
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.wrong: list[str] = []
        """Answers that are neither a creation nor a refusal in the contract's shape."""
        self._progress = asyncio.Condition()
        self._stopping = False

    @contextlib.asynccontextmanager
    async def on(self, url: str) -> AsyncIterator[None]:
        """Works for as long as the block runs."""
        async with httpx.AsyncClient(base_url=url, headers=self._headers, timeout=PATIENCE_SECONDS) as http:
            clients = [asyncio.create_task(self._client(http, number)) for number in range(CLIENTS)]
            try:
                yield
            finally:
                self._stopping = True
                await asyncio.gather(*clients)

    async def _client(self, http: httpx.AsyncClient, number: int) -> None:
        step = 0
        while not self._stopping:
            step += 1
            name = f"{number} {step}"
            body = {"locationId": self._location, "properties": {"name": name}}
            try:
                reply = await http.post(f"/objects/{PET}/records", json=body)
            except httpx.HTTPError as problem:
                # The server has not gone anywhere: it answers, whatever becomes of its database.
                self.wrong.append(repr(problem))
                continue
            if reply.status_code == 201:
                self.acknowledged.add(name)
            elif reply.status_code == 503 and reply.json().keys() >= {"statusCode", "message", "error", "traceId"}:
                self.refused.add(name)
                await asyncio.sleep(0.01)
            else:
                self.wrong.append(reply.text)
            async with self._progress:
                self._progress.notify_all()

    async def advances(self) -> None:
        """Returns when FEWEST more creations have been acknowledged."""
        goal = len(self.acknowledged) + FEWEST
        async with asyncio.timeout(PATIENCE_SECONDS), self._progress:
            await self._progress.wait_for(lambda: len(self.acknowledged) >= goal)

    async def is_refused(self) -> None:
        """Returns when one more creation has been refused."""
        before = len(self.refused)
        async with asyncio.timeout(PATIENCE_SECONDS), self._progress:
            await self._progress.wait_for(lambda: len(self.refused) > before)


async def kill_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(KILL_ALL)
    finally:
        await connection.close()


async def names_in(world: World) -> list[str]:
    """The names of all pets."""
    pages = read_pages(world.storage, world.call, Selection(PET))
    return [decode_object(record.properties)["name"] async for page in pages for record in page]


async def test_a_server_recovers_from_what_happens_to_postgresql(
    engine_name: str, request: pytest.FixtureRequest
) -> None:
    if engine_name != "postgres":
        not_applicable("SQLite has no server")
    power: PowerCut = request.getfixturevalue("power")
    url = power.cluster.url
    storage = await open_storage(Settings(database=url))
    world = await world_in(storage)
    await world.pet()
    token, _ = await create_token(storage, NewToken("load", location_id=world.location.id))
    await storage.close()
    load = Load(world.location.id, token)
    with server(url) as running:
        async with load.on(running.url):
            await load.advances()
            for _ in range(3):
                await kill_connections(url)
                await load.advances()
            power.cut()
            await load.is_refused()
            power.back()
            await load.advances()
    assert load.wrong == []
    storage = await open_storage(Settings(database=url))
    try:
        world = await world_in(storage, world.location)
        names = await names_in(world)
        assert len(names) == len(set(names)), "no creation was done twice"
        found = set(names)
        assert load.acknowledged <= found
        assert found <= load.acknowledged | load.refused
        report = await examine(storage)
        assert report.ok, report
    finally:
        await storage.close()
