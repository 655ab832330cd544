"""What else clients do while a storm of records rages, and what they may rely on when it is over.

Each client knows of what it was told, and of the one request at a time that was not answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import httpx

from groundlevel.associations.relation_rules import RelationQuery, list_relations
from groundlevel.imports.record_pages import Selection, read_pages
from groundlevel.imports.rules import Import, create_missing, plan_import
from groundlevel.imports.runs import run_import
from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.usecase import Call
from groundlevel.schema.object_rules import get_object
from tests.imports.test_resumption import IMPORTER
from tests.world import World

from .storm import Unanswered

THING = "custom_objects.thing"
KIN = "kin"
ANCHORS = 300
"""Things that are there before: enough for searches to ask for indexes."""
BULK_CHUNK = 4
BULK_ROWS = 12
IMPORTED = 1_500


class Client(ABC):
    """Somebody who works over HTTP until nobody answers."""

    def __init__(self, world: World, dice: Random, round_number: int) -> None:
        self.location = world.location.id
        self.dice = dice
        self.round = round_number
        self.acknowledged = 0

    async def work(self, http: httpx.AsyncClient) -> None:
        """Returns when it was cut off."""
        for step in range(1_000_000):
            try:
                await self.step(http, step)
            except (httpx.HTTPError, Unanswered):
                return
            self.acknowledged += 1
            await asyncio.sleep(0)

    @abstractmethod
    async def step(self, http: httpx.AsyncClient, step: int) -> None:
        """One request, or a few. Raises Unanswered or what the client raises."""

    async def lost(self, world: World) -> list[str]:
        """What is not as it was acknowledged, in words."""
        return []

    async def send(self, http: httpx.AsyncClient, method: str, path: str, **how: Any) -> Any:
        """The body of a good reply."""
        reply = await http.request(method, path, **how)
        if reply.status_code >= 500:
            raise Unanswered
        assert reply.status_code < 300, f"{method} {path}: {reply.text}"
        return reply.json()


class Relations(Client):
    """Relates things, and takes relations back."""

    def __init__(self, world: World, dice: Random, round_number: int, *, ids: list[str], association: str) -> None:
        super().__init__(world, dice, round_number)
        self._ids = ids
        self._association = association
        self.sure: dict[tuple[str, str], str] = {}
        """Relations that are there, by their records."""
        self.unsure: set[tuple[str, str]] = set()

    async def step(self, http: httpx.AsyncClient, step: int) -> None:
        first, second = self.dice.sample(self._ids, 2)
        pair = (first, second)
        self.unsure.add(pair)
        if pair in self.sure:
            await self.send(http, "DELETE", f"/associations/relations/{self.sure[pair]}?locationId={self.location}")
            del self.sure[pair]
        else:
            body = {"locationId": self.location, "associationId": self._association}
            body |= {"firstRecordId": first, "secondRecordId": second}
            self.sure[pair] = (await self.send(http, "POST", "/associations/relations", json=body))["id"]
        self.unsure.discard(pair)

    async def lost(self, world: World) -> list[str]:
        there: set[tuple[str, str]] = set()
        for each in self._ids:
            views, _ = await world.do(list_relations, RelationQuery(each))
            there |= {(view.relation.first_id, view.relation.second_id) for view in views}
        return [f"relation {pair}" for pair in there ^ self.sure.keys() if pair not in self.unsure]


class Schema(Client):
    """Adds fields, fills one, has it searched until it has an index, and deletes the one before."""

    def __init__(self, world: World, dice: Random, round_number: int, *, ids: list[str], folder: str) -> None:
        super().__init__(world, dice, round_number)
        self._ids = ids
        self._folder = folder
        self.fields: list[tuple[str, str]] = []
        """Keys and ids of fields that were created."""
        self.unsure: set[str] = set()

    async def step(self, http: httpx.AsyncClient, step: int) -> None:
        key = f"extra_{self.round}_{step}"
        self.unsure.add(key)
        body = {"locationId": self.location, "objectKey": THING, "parentId": self._folder, "showInForms": True}
        body |= {"name": key, "dataType": "NUMERICAL", "fieldKey": f"{THING}.{key}"}
        field = (await self.send(http, "POST", "/custom-fields/", json=body))["field"]
        self.fields.append((key, field["id"]))
        self.unsure.discard(key)
        for number in range(10):
            change = {"properties": {key: number}}
            path = f"/objects/{THING}/records/{self.dice.choice(self._ids)}?locationId={self.location}"
            await self.send(http, "PUT", path, json=change)
            search = {"locationId": self.location, "page": 1, "pageLimit": 5, "filters": [
                {"field": f"properties.{key}", "operator": "range", "value": {"gte": number}}]}  # fmt: skip
            await self.send(http, "POST", f"/objects/{THING}/records/search", json=search)
        if len(self.fields) > 2:
            key, field_id = self.fields[0]
            self.unsure.add(key)
            await self.send(http, "DELETE", f"/custom-fields/{field_id}")
            del self.fields[0]
            self.unsure.discard(key)

    async def lost(self, world: World) -> list[str]:
        there = {field.key for field in (await world.do(get_object, THING)).fields if field.key.startswith("extra_")}
        return [f"field {key}" for key in there ^ {key for key, _ in self.fields} if key not in self.unsure]


class Bulk(Client):
    """Sends bodies of rows, each chunk to be written whole and, with a key, once."""

    def __init__(self, world: World, dice: Random, round_number: int) -> None:
        super().__init__(world, dice, round_number)
        self.bodies: dict[str, bool] = {}
        """Whether a body was answered to its end, by its name, which is its key."""

    async def step(self, http: httpx.AsyncClient, step: int) -> None:
        await self.post(http, f"bulk {self.round} {step}")

    async def post(self, http: httpx.AsyncClient, name: str) -> None:
        """Sends a body, perhaps again."""
        self.bodies.setdefault(name, False)
        rows = [{"properties": {"label": f"{name} {number // BULK_CHUNK}"}} for number in range(BULK_ROWS)]
        reply = await http.post(
            f"/x/objects/{THING}/records/bulk?chunk={BULK_CHUNK}&atomic=chunk",
            content="\n".join(map(json.dumps, rows)).encode(),
            headers={"Idempotency-Key": name},
        )
        if reply.status_code >= 500:
            raise Unanswered
        results = [json.loads(line) for line in reply.text.splitlines()]
        if any("error" in each for each in results):
            raise Unanswered
        assert [each["action"] for each in results] == ["created"] * BULK_ROWS
        self.bodies[name] = True

    async def lost(self, world: World) -> list[str]:
        written = await labels(world)
        chunks = {name: [written[f"{name} {n}"] for n in range(BULK_ROWS // BULK_CHUNK)] for name in self.bodies}
        return [
            f"{name}: {found}"
            for name, found in chunks.items()
            if not set(found) <= {0, BULK_CHUNK} or (self.bodies[name] and 0 in found)
        ]


class Importer:
    """The command that imports a file, which dies with the server."""

    def __init__(self, directory: Path, round_number: int) -> None:
        self.path = directory / f"things_{round_number}.csv"
        names = (f"import {round_number} {number}" for number in range(IMPORTED))
        self.path.write_text("label\n" + "".join(f"{name}\n" for name in names), "utf-8")
        self._round = round_number
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self, url: str, location: str) -> None:
        """Starts it."""
        arguments = ["import", str(self.path), "--object", "thing", "--location", location, "--database", url, "--json"]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", IMPORTER, "0", "0", *arguments, stdout=asyncio.subprocess.DEVNULL
        )

    async def kill(self) -> None:
        """Ends it as a crash would, if it still runs."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def finish(self, world: World) -> list[str]:
        """Runs the same import to its end, unless it has ended; what is not there once, in words."""
        assert self._process is not None
        if self._process.returncode != 0:
            request = Import(path=self.path, object_key="thing")
            call = Call(world.location, world.call.origin, world.storage.ids)
            plan = await plan_import(world.storage, call, request=request, progress=lambda _: None)
            await create_missing(world.storage, call, plan)
            await run_import(world.storage, call, plan, progress=lambda _: None)
        written = await labels(world)
        names = (f"import {self._round} {number}" for number in range(IMPORTED))
        return [f"{name}: {written[name]} times" for name in names if written[name] != 1]


async def labels(world: World) -> Counter[str]:
    """How many things have which label."""
    pages = read_pages(world.storage, world.call, Selection(THING))
    return Counter([decode_object(record.properties).get("label", "") async for page in pages for record in page])
