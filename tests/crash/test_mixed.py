"""A server that is killed under everything at once loses nothing that was acknowledged, and leaves nothing half done.

Records, relations, fields, indexes, bulk requests, an import and webhooks: `make campaign` does it with many seeds.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import httpx
import pytest

from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.records.rules import NewRecord, create_record
from groundlevel.records.upkeep import carry_out
from groundlevel.schema.object_rules import NewObject, create_object, get_object
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.rules import NewWebhook, create_webhook
from tests.webhooks.receiver import Receiver, becomes, receiving
from tests.world import PATIENCE_SECONDS, World, world_in

from .mixed import ANCHORS, KIN, THING, Bulk, Importer, Relations, Schema
from .storm import Server, Storm, server
from .test_kill import database

ROUNDS = 2
"""How often each server is killed."""
FEWEST, MOST = 20, 200
"""Writes of records that are acknowledged before a kill."""
LEASES_OVER = Statement.command("UPDATE deliveries SET due_at = 0 WHERE finished_at IS NULL")
"""What becomes of the deliveries of a killed worker, without the time that it takes."""
UNDELIVERED = Statement.query(
    "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM deliveries WHERE finished_at IS NULL)"
)


class Campaign:
    """A database under everything at once, for some rounds."""

    def __init__(self, url: str, directory: Path, *, seed: int) -> None:
        self.url = url
        self.dice = Random(seed)
        self._directory = directory
        self._bulks: list[Bulk] = []
        self._clients: list[Relations | Schema] = []
        self._importers: list[Importer] = []

    async def prepare(self, receiver: Receiver) -> None:
        """Makes what the clients work on."""
        storage = await open_storage(Settings(database=self.url))
        try:
            self.world = world = await world_in(storage)
            await world.pet()
            await world.field("chip", unique=True)
            await world.field("note")
            new = NewWebhook(receiver.url, ("RecordCreate",), location=world.location)
            await create_webhook(storage, UNRESTRICTED, new)
            await world.do(create_object, NewObject(THING, "Thing", "Things", None, "label", "Label", "TEXT"))
            made = [NewRecord(THING, {"label": f"anchor {number}"}) for number in range(ANCHORS)]
            self.ids = [(await world.do(create_record, each)).record.id for each in made]
            self.folder = (await world.do(get_object, THING)).folders[0].id
            new_kin = NewAssociation(KIN, THING, "Thing", THING, "Kin")
            self.association = (await world.do(create_association, new_kin)).id
            self.storm = await Storm.over(world, seed=self.dice.getrandbits(32))
        finally:
            await storage.close()

    async def rage(self, number: int, running: Server) -> None:
        """Everything at once, until the server and the import are killed at some moment."""
        goal = self.dice.randint(FEWEST, MOST)
        relations = Relations(self.world, Random(number), number, ids=self.ids[:20], association=self.association)
        schema = Schema(self.world, Random(number), number, ids=self.ids, folder=self.folder)
        for known in self._clients:
            # What earlier rounds have left is there still.
            if isinstance(known, Relations):
                relations.sure, relations.unsure = known.sure, known.unsure
            else:
                schema.fields, schema.unsure = known.fields, known.unsure
        self._clients = [relations, schema]
        self._bulks.append(Bulk(self.world, Random(number), number))
        importer = Importer(self._directory, number)
        self._importers.append(importer)
        await importer.begin(self.url, self.world.location.id)
        headers = {"Authorization": f"Bearer {self.storm.token}", "Version": "2021-07-28"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=PATIENCE_SECONDS) as http:
            others = [client.work(http) for client in (relations, schema, self._bulks[-1])]
            raging = asyncio.gather(self.storm.blow(running.url, switch=False), *others)
            reaching = asyncio.create_task(self.storm.reaches(goal))
            await asyncio.wait((raging, reaching), timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            running.kill()
            await importer.kill()
            await raging
        assert reaching.done(), "the clients got no further"
        assert self.storm.refused == []

    async def prove(self, receiver: Receiver) -> None:
        """Looks for everything that was acknowledged, finishes what was cut off, and has the doctor look."""
        storage = await open_storage(Settings(database=self.url))
        try:
            world = await world_in(storage, self.world.location)
            lost = await self.storm.losses(world)
            for client in (*self._clients, *self._bulks):
                lost += await client.lost(world)
            for importer in self._importers:
                lost += await importer.finish(world)
            assert lost == []
            await self._resend(world)
            await carry_out(storage)
            total, possible = await self.storm.total(world)
            assert total in possible
            report = await examine(storage)
            assert report.ok, report
        finally:
            await storage.close()
        await self._deliver(receiver)

    async def _resend(self, world: World) -> None:
        """Sends again the bodies that were not answered to their end: then each of their rows is there once."""
        headers = {"Authorization": f"Bearer {self.storm.token}", "Version": "2021-07-28"}
        with server(self.url) as running:
            async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=PATIENCE_SECONDS) as http:
                for bulk in self._bulks:
                    for name in [name for name, answered in bulk.bodies.items() if not answered]:
                        await bulk.post(http, name)
        for bulk in self._bulks:
            assert all(bulk.bodies.values())
            assert await bulk.lost(world) == []

    async def _deliver(self, receiver: Receiver) -> None:
        """Lets webhooks be delivered to the end: each creation that was acknowledged has been told."""
        storage = await open_storage(Settings(database=self.url))
        try:
            await storage.write(None, lambda tx: tx.connection.run(LEASES_OVER))

            async def left() -> int:
                row = await storage.read(None, lambda tx: tx.connection.row(UNDELIVERED))
                return int(row[0]) if row else 0

            with server(self.url, webhook_networks="any"):
                await becomes(left, lambda number: not number)
        finally:
            await storage.close()
        told = {body["id"] for body in receiver.of("RecordCreate")}
        assert self.storm.fates.keys() | set(self.ids) <= told


async def survive(url: str, directory: Path, *, seed: int) -> None:
    campaign = Campaign(url, directory, seed=seed)
    with receiving() as receiver:
        await campaign.prepare(receiver)
        for number in range(ROUNDS):
            with server(url, webhook_networks="any") as running:
                await campaign.rage(number, running)
            campaign.storm = campaign.storm.calmed()
        await campaign.prove(receiver)


async def test_a_server_killed_under_everything_loses_nothing(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with database(engine_name, request, tmp_path) as url:
        await survive(url, tmp_path, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
async def test_no_moment_is_a_bad_one_to_be_killed(
    seed: int, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with database(engine_name, request, tmp_path) as url:
        await survive(url, tmp_path, seed=seed)
