"""All that is stored in a database, for saying that two are the same; and random work that changes a lot of it."""

from __future__ import annotations

import random
from copy import copy
from typing import Any

from groundlevel.access.rules import NewToken, create_token
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from tests.control.lab import RECORDS, Lab
from tests.world import PET

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    "postgres": (
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
        "ORDER BY relname"
    ),
}
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"


async def everything_in(storage: Storage) -> dict[str, list[str]]:
    """The rows of every table, and on PostgreSQL where the sequences stand."""

    async def rows(sql: str) -> list[Any]:
        return list(await storage.read(None, lambda tx: tx.connection.rows(Statement.query(sql))))

    found = {}
    for (name,) in await rows(_TABLES[storage.engine]):
        found[name] = sorted(repr(tuple(row)) for row in await rows(f'SELECT * FROM "{name}"'))
    if storage.engine == "postgres":
        found["sequences"] = sorted(repr(tuple(row)) for row in await rows(_SEQUENCES))
    return found


class Worker:
    """Does by chance what users of a location do, over HTTP."""

    def __init__(self, lab: Lab, chance: random.Random) -> None:
        self._lab = lab
        self._chance = chance
        self._count = 0
        self.ids: list[str] = []
        """The pets that there are, by what this worker has done."""
        self.association = ""
        """The id of the association between pets, once there is one."""

    def again(self) -> Worker:
        """Another one, who knows what this one has left."""
        other = copy(self)
        other.ids = list(self.ids)
        return other

    async def work(self, times: int) -> None:
        """Does so many things."""
        acts = (self._create, self._create, self._update, self._update, self._delete, self._relate, self._define)
        for _ in range(times):
            self._count += 1
            await self._chance.choice(acts)()

    async def _create(self) -> None:
        self.ids.append(await self._lab.create(f"Pet {self._count}"))

    async def _update(self) -> None:
        if self.ids:
            path = f"{RECORDS}/{self._chance.choice(self.ids)}?locationId={self._lab.location}"
            changed = {"properties": {"name": f"Renamed {self._count}"}}
            assert (await self._lab.api("PUT", path, changed)).status_code == 200

    async def _delete(self) -> None:
        if self.ids:
            gone = self.ids.pop(self._chance.randrange(len(self.ids)))
            assert (await self._lab.api("DELETE", f"{RECORDS}/{gone}")).status_code == 200

    async def _relate(self) -> None:
        if not self.association:
            body = {"locationId": self._lab.location, "key": "friends", "firstObjectKey": PET, "secondObjectKey": PET}
            labels = {"firstObjectLabel": "friend", "secondObjectLabel": "friend of"}
            made = await self._lab.api("POST", "/associations/", {**body, **labels})
            assert made.status_code == 201, made.text
            self.association = made.json()["id"]
        if len(self.ids) > 1:
            first, second = self._chance.sample(self.ids, 2)
            body = {"locationId": self._lab.location, "associationId": self.association}
            ends = {"firstRecordId": first, "secondRecordId": second}
            made = await self._lab.api("POST", "/associations/relations", {**body, **ends})
            # Two pets may be friends already.
            assert made.status_code in (201, 400, 409), made.text

    async def _define(self) -> None:
        match self._chance.randrange(4):
            case 0:
                await self._lab.world.field(f"field_{self._count}")
            case 1:
                await create_token(self._lab.double.storage, NewToken("new", location_id=self._lab.location))
            case 2:
                await self._lab.ask("POST", "/apps", {})
            case _:
                url = "http://localhost/control/inbox/test"
                body = {"locationId": self._lab.location, "url": url, "events": ["RecordCreate"]}
                assert (await self._lab.api("POST", "/x/webhooks", body)).status_code == 201
