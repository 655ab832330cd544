"""All records of an object are led back to what they were at a time."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec import Struct

from groundlevel.access.store import find_location
from groundlevel.audit.retention import Retention, prune
from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.timestamps import iso
from tests.conformance.given import PET
from tests.conformance.scenario import Scenario, play
from tests.kernel.http.world import World, open_world
from tests.oauth.world import Moving
from tests.world import world_in

PETS = "/objects/custom_objects.pet/records"


class Pets(Struct):
    """Short ways to change pets, each at a time of its own."""

    world: World
    clock: Moving

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        self.clock.timestamp += 1_000
        return await self.world.client.request(method, path, json=body, headers=self.world.headers())

    async def create(self, **properties: Any) -> str:
        reply = await self.send("POST", PETS, {"locationId": self.world.location, "properties": properties})
        assert reply.status_code == 201, reply.text
        record_id: str = reply.json()["record"]["id"]
        return record_id

    async def change(self, record_id: str, **properties: Any) -> httpx.Response:
        return await self.send(
            "PUT", f"{PETS}/{record_id}?locationId={self.world.location}", {"properties": properties}
        )

    async def delete(self, record_id: str) -> None:
        assert (await self.send("DELETE", f"{PETS}/{record_id}")).status_code == 200

    async def bring_back(self, record_id: str) -> None:
        assert (await self.send("POST", f"/x/bin/{record_id}/restore")).status_code == 200

    async def all(self) -> dict[str, Any]:
        """What there is of each pet, by its id."""
        lines = (await self.send("GET", f"/x{PETS}/export")).text.splitlines()
        return {row["id"]: (row["properties"], row["createdAt"]) for row in map(json.loads, lines)}

    async def restore(self, at: int, **members: Any) -> list[dict[str, Any]]:
        """The lines of the reply; the last one counts."""
        reply = await self.send("POST", f"/x{PETS}/restore-as-of", {"at": iso(at), **members})
        assert reply.status_code == 200, reply.text
        return [json.loads(line) for line in reply.text.splitlines()]

    def moment(self) -> int:
        """A time between what was and what will be."""
        self.clock.timestamp += 1_000
        return self.clock.timestamp


@pytest.fixture
async def pets(storage: Storage) -> AsyncIterator[Pets]:
    clock = Moving()
    storage.ids.clock = clock
    async with open_world(storage, Settings()) as world:
        await play(Scenario("given", "pets", (PET,)), world, {"location": world.location})
        location = await storage.read(None, lambda tx: find_location(tx, world.location))
        await (await world_in(storage, location)).field("chip", unique=True)
        yield Pets(world, clock)


def done(created: int = 0, updated: int = 0, deleted: int = 0, refused: int = 0) -> dict[str, Any]:
    return {"done": {"created": created, "updated": updated, "deleted": deleted, "refused": refused}}


async def test_all_that_has_happened_since_is_undone(pets: Pets, storage: Storage) -> None:
    changed, gone, renewed, kept = [await pets.create(name=name, chip=name) for name in ("A", "B", "C", "D")]
    was = await pets.all()
    at = pets.moment()
    await pets.change(changed, name="A2")
    await pets.change(changed, name="A3", chip="X")
    await pets.change(gone, name="B2")
    await pets.delete(gone)
    await pets.delete(renewed)
    await pets.bring_back(renewed)
    await pets.change(renewed, name="C2")
    new = await pets.create(name="E", chip="A")
    await pets.delete(await pets.create(name="F"))
    now = await pets.all()
    expected = [
        {"id": new, "action": "deleted"},
        {"id": renewed, "action": "updated"},
        {"id": gone, "action": "created"},
        {"id": changed, "action": "updated"},
        done(created=1, updated=2, deleted=1),
    ]
    assert await pets.restore(at, dryRun=True) == expected
    assert await pets.all() == now
    assert await pets.restore(at) == expected
    assert await pets.all() == was
    assert kept in was
    assert await pets.restore(at) == [done()]
    assert (await examine(storage)).ok


async def test_values_that_two_have_changed_for_each_other_come_back(pets: Pets) -> None:
    one, two = await pets.create(name="A", chip="1"), await pets.create(name="B", chip="2")
    was, at = await pets.all(), pets.moment()
    await pets.change(one, chip="3")
    await pets.change(two, chip="1")
    assert (await pets.restore(at))[-1] == done(updated=2)
    assert await pets.all() == was


async def test_what_is_in_the_way_is_said_and_harms_no_other(pets: Pets) -> None:
    one, two, three = [await pets.create(name=name, chip=name) for name in ("1", "2", "3")]
    at = pets.moment()
    await pets.change(three, name="Changed")
    # A ring: neither can come back before the other.
    await pets.change(one, chip="4")
    await pets.change(two, chip="1")
    await pets.change(one, chip="2")
    first, second, third, last = await pets.restore(at)
    code = "unique_property_conflict"
    assert [(line["id"], line["code"]) for line in (first, second)] == [(one, code), (two, code)]
    assert (third, last) == ({"id": three, "action": "updated"}, done(updated=1, refused=2))
    await pets.change(one, chip="4")
    assert (await pets.restore(at))[-1] == done(updated=1, refused=1)
    assert (await pets.restore(at))[-1] == done(updated=1)


async def test_any_moment_of_a_long_history_can_be_led_back_to(pets: Pets, storage: Storage) -> None:
    dice = random.Random(7)
    moments: list[tuple[int, dict[str, Any]]] = []
    alive: list[str] = []
    binned: list[str] = []
    for step in range(80):
        turn = dice.random()
        if turn < 0.35 or not alive:
            alive.append(await pets.create(name=f"N{step}"))
        elif turn < 0.7:
            await pets.change(dice.choice(alive), name=f"C{step}", **({"chip": f"{step}"} if step % 3 else {}))
        elif turn < 0.85 or not binned:
            binned.append(alive.pop(dice.randrange(len(alive))))
            await pets.delete(binned[-1])
        else:
            alive.append(binned.pop(dice.randrange(len(binned))))
            await pets.bring_back(alive[-1])
        if step % 8 == 0:
            moments.append((pets.moment(), await pets.all()))
    # There and back again: what one restoration does is undone by the next.
    for at, was in (*reversed(moments), *moments):
        lines = await pets.restore(at)
        assert lines[-1]["done"]["refused"] == 0, lines
        assert await pets.all() == was
    assert (await examine(storage)).ok


async def test_a_time_of_which_too_little_is_kept_is_refused(pets: Pets, storage: Storage) -> None:
    record_id = await pets.create(name="A")
    at = pets.moment()
    for name in ("B", "C"):
        await pets.change(record_id, name=name)
    await prune(storage, Retention(days=90, max_rows=1))
    reply = await pets.send("POST", f"/x{PETS}/restore-as-of", {"at": iso(at)})
    assert reply.status_code == 410, reply.text
    assert reply.json()["meta"]["oldest"] > iso(at)
    assert (await pets.restore(pets.moment()))[-1] == done()


@pytest.mark.parametrize(
    ("key", "at", "status", "said"),
    [
        ("custom_objects.pet", "yesterday", 422, "at must be a timestamp"),
        ("custom_objects.pet", "2999-01-01T00:00:00Z", 422, "at must not lie in the future"),
        ("custom_objects.pet", None, 422, "at should not be empty"),
        ("custom_objects.car", "2026-01-01", 404, "custom_objects.car"),
        ("contact", "2026-01-01", 400, "contact"),
    ],
)
async def test_what_cannot_be_led_back_is_refused(pets: Pets, key: str, at: str | None, status: int, said: str) -> None:
    body = {} if at is None else {"at": at}
    reply = await pets.send("POST", f"/x/objects/{key}/records/restore-as-of", body)
    assert reply.status_code == status, reply.text
    assert said in reply.text
