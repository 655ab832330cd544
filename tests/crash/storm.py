"""A storm of writes by many clients, and what they may rely on afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx
import msgspec
from msgspec import Struct

from groundlevel.access.rules import NewToken, create_token
from groundlevel.kernel.errors import RecordNotFound
from groundlevel.kernel.model import Json, Location
from groundlevel.records.rules import RecordKey, get_record
from tests.world import PATIENCE_SECONDS, PET, World

CLIENTS = 16
ROOT = Path(__file__).parents[2]
_decode = msgspec.json.Decoder(dict[str, Json]).decode


class Server:
    """A server process of ours on a database, with settings as the environment has them."""

    def __init__(self, database: str, **settings: str) -> None:
        command = [sys.executable, "-m", "groundlevel", "serve", "--database", database, "--port", "0", "--json"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "GROUNDLEVEL_LOG_LEVEL": "error"}
        environment |= {f"GROUNDLEVEL_{name.upper()}": value for name, value in settings.items()}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server did not start"
        self.url: str = json.loads(line)["url"]

    def kill(self) -> None:
        """Ends it as a crash would: it can do nothing about it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def server(database: str, **settings: str) -> Iterator[Server]:
    """A running server, which is dead afterwards."""
    running = Server(database, **settings)
    try:
        yield running
    finally:
        running.kill()


class Fate(Struct):
    """What is known of one record."""

    sure: dict[str, Json] | None
    """The properties last acknowledged; None once a deletion was."""
    maybe: dict[str, Json] | None
    """What it may be instead, by a request that was not answered; the same as `sure` when there is none."""


class Storm:
    """Clients that create, change and delete records of their own, as fast as they are answered."""

    def __init__(self, location: Location, token: str, *, seed: int) -> None:
        self.location = location
        self.token = token
        self.random = Random(seed)
        self.fates: dict[str, Fate] = {}
        self.orphans: list[dict[str, Json]] = []
        """Properties sent with creations that were not answered."""
        self.refused: list[str] = []
        self.round = 0
        self._acknowledged = 0
        self._progress = asyncio.Condition()

    @classmethod
    async def over(cls, world: World, *, seed: int) -> Storm:
        """A storm over the pets of a world."""
        token, _ = await create_token(world.storage, NewToken("storm", location_id=world.location.id))
        return cls(world.location, token, seed=seed)

    async def blow(self, url: str, *, switch: bool) -> None:
        """Returns when every client has been cut off. With `switch`, somebody keeps changing what is searchable."""
        headers = {"Authorization": f"Bearer {self.token}", "Version": "2021-07-28"}
        limits = httpx.Limits(max_connections=CLIENTS + 1, max_keepalive_connections=CLIENTS + 1)
        async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=PATIENCE_SECONDS) as http:
            work = [self._client(http, number) for number in range(CLIENTS)]
            if switch:
                work.append(self._switch(http))
            await asyncio.gather(*work)

    async def reaches(self, acknowledged: int) -> None:
        """Returns when so many writes have been acknowledged in this storm."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._acknowledged >= acknowledged)

    async def _client(self, http: httpx.AsyncClient, number: int) -> None:
        own: list[str] = []
        for step in range(1_000_000):
            name = f"{self.round} {number} {step}"
            properties: dict[str, Json] = {"name": f"Rex {name}", "chip": name, "note": f"n{step}"}
            chance = self.random.random()
            try:
                if len(own) < 3 or chance < 0.4:
                    await self._create(http, properties, own)
                elif chance < 0.75:
                    await self._update(http, self.random.choice(own), properties)
                else:
                    await self._delete(http, own.pop(self.random.randrange(len(own))))
            except (httpx.HTTPError, Unanswered):
                return
            async with self._progress:
                self._acknowledged += 1
                self._progress.notify_all()

    async def _create(self, http: httpx.AsyncClient, properties: dict[str, Json], own: list[str]) -> None:
        self.orphans.append(properties)
        body = {"locationId": self.location.id, "properties": properties}
        record = self._accepted(await http.post(f"/objects/{PET}/records", json=body), 201)["record"]
        self.orphans.remove(properties)
        self.fates[record["id"]] = Fate(properties, properties)
        own.append(record["id"])

    async def _update(self, http: httpx.AsyncClient, record_id: str, properties: dict[str, Json]) -> None:
        fate = self.fates[record_id]
        fate.maybe = properties
        query = {"locationId": self.location.id}
        body = {"properties": properties}
        self._accepted(await http.put(f"/objects/{PET}/records/{record_id}", params=query, json=body), 200)
        fate.sure = properties

    async def _delete(self, http: httpx.AsyncClient, record_id: str) -> None:
        fate = self.fates[record_id]
        fate.maybe = None
        self._accepted(await http.delete(f"/objects/{PET}/records/{record_id}"), 200)
        fate.sure = None

    async def _switch(self, http: httpx.AsyncClient) -> None:
        for step in range(1_000_000):
            searchable = [f"{PET}.{key}" for key in (("name",), ("name", "note"))[step % 2]]
            body = {"locationId": self.location.id, "searchableProperties": searchable}
            try:
                self._accepted(await http.put(f"/objects/{PET}", json=body), 200)
            except (httpx.HTTPError, Unanswered):
                return

    def _accepted(self, response: httpx.Response, status: int) -> Json:
        if response.status_code >= 500:
            raise Unanswered
        if response.status_code != status:
            self.refused.append(response.text)
            raise Unanswered
        return response.json()

    def calmed(self) -> Storm:
        """The same records, about to be met by another storm; what is unknown of them stays so."""
        after = Storm(self.location, self.token, seed=self.random.getrandbits(32))
        after.fates, after.orphans = self.fates, self.orphans
        after.round = self.round + 1
        return after

    async def losses(self, world: World) -> list[str]:
        """Everything that is not as it was acknowledged, in words."""
        lost = []
        for record_id, fate in self.fates.items():
            try:
                view = await world.do(get_record, RecordKey(PET, record_id))
                found = _decode(view.record.properties)
            except RecordNotFound:
                found = None
            if found not in (fate.sure, fate.maybe):
                lost.append(f"{record_id}: {found} instead of {fate}")
        return lost

    async def total(self, world: World) -> tuple[int, range]:
        """How many records there are, and how many there may be."""
        least = sum(fate.sure is not None and fate.maybe is not None for fate in self.fates.values())
        most = sum(fate.sure is not None or fate.maybe is not None for fate in self.fates.values()) + len(self.orphans)
        return (await world.search()).total, range(least, most + 1)


class Unanswered(Exception):
    """The server said that it could not, so that nothing is known of the request."""
