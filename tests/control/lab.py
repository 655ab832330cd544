"""A server in this process that tests steer, and short ways to ask it for things."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from groundlevel.access.rules import NewToken, create_token
from groundlevel.app import make_application, make_double
from groundlevel.control.double import EMPTY, Double
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.world import PET, World, world_in

RECORDS = f"/objects/{PET}/records"


class Lab:
    """The server, its double, and the location."""

    def __init__(self, client: httpx.AsyncClient, double: Double, world: World, token: str) -> None:
        self.client = client
        self.double = double
        self.world = world
        self.token = token

    @property
    def location(self) -> str:
        """The id of the location."""
        return self.world.location.id

    async def api(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """What the API answers to the holder of the token."""
        sent = {"Authorization": f"Bearer {self.token}", "Version": "2021-07-28", **headers}
        return await self.client.request(method, path, json=body, headers=sent)

    async def create(self, name: str = "Rex") -> str:
        """Creates a pet and returns its id."""
        answer = await self.api("POST", RECORDS, {"locationId": self.location, "properties": {"name": name}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["record"]["id"])

    async def status_of(self, record_id: str) -> int:
        """With what a record is answered."""
        return (await self.api("GET", f"{RECORDS}/{record_id}")).status_code

    async def names(self) -> list[str]:
        """The names of all pets."""
        body = {"locationId": self.location, "page": 1, "pageLimit": 100}
        found = (await self.api("POST", f"{RECORDS}/search", body)).json()
        assert found["total"] == len(found["records"])
        return sorted(each["properties"]["name"] for each in found["records"])

    async def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """What the control plane answers; `path` is below /control."""
        answer = await self.client.request(method, f"/control{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


@asynccontextmanager
async def open_lab(storage: Storage, settings: Settings, *, disposable: bool = True) -> AsyncIterator[Lab]:
    """A lab on an empty storage."""
    if disposable:
        await storage.images().mark_disposable()
        await storage.images().take(EMPTY)
    world = await world_in(storage)
    await world.pet()
    secret, _ = await create_token(storage, NewToken("test", location_id=world.location.id))
    double = make_double(storage, settings)
    assert double is not None
    transport = httpx.ASGITransport(make_application(storage, settings, double=double))
    await double.begin()
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Lab(client, double, world, secret)
    # The database is as migrations make one again, and so the next test's.
    await storage.images().mark_disposable(disposable=False)


async def fail(lab: Lab, match: dict[str, Any], **then: Any) -> str:
    """Adds a rule and returns its id."""
    return str((await lab.ask("POST", "/faults", {"match": match, "then": then}))["faults"][0]["id"])


async def listed(lab: Lab) -> int:
    """The status of a request that only reads."""
    return (await lab.api("GET", f"/objects/?locationId={lab.location}")).status_code
