"""Back to the start and to checkpoints: what is stored, what is remembered of it, and who may do it."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import Any

import httpx
import pytest

from groundlevel.access.rules import NewToken, create_token
from groundlevel.doctor.rules import examine
from groundlevel.kernel.model import IndexState
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.records.upkeep import keep_up
from groundlevel.schema import indexes
from groundlevel.testing.session import Session
from tests.control.everything import Worker, everything_in
from tests.control.lab import RECORDS, Lab, open_lab
from tests.world import PET, World, eventually


async def test_a_reset_takes_back_everything_that_is_stored(lab: Lab) -> None:
    kept = await lab.create("Kept")
    await lab.ask("PUT", "/checkpoints/one")
    gone = await lab.create("Gone")
    await lab.api("DELETE", f"{RECORDS}/{kept}")
    await lab.world.field("colour")
    assert await lab.names() == ["Gone"]
    answer = await lab.ask("POST", "/reset", {"to": "one"})
    assert answer["tookMs"] > 0
    assert (await lab.status_of(gone), await lab.status_of(kept)) == (404, 200)
    assert await lab.names() == ["Kept"]
    assert [field.key for field in (await lab.world.object()).fields] == ["name"]
    refused = await lab.api("PUT", f"{RECORDS}/{kept}?locationId={lab.location}", {"properties": {"colour": "red"}})
    assert refused.status_code in (400, 422)


async def test_a_token_made_before_is_unknown_afterwards(lab: Lab) -> None:
    secret, _ = await create_token(lab.double.storage, NewToken("new", location_id=lab.location))
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await lab.api("GET", f"/objects/?locationId={lab.location}", **headers)).status_code == 200
    await lab.ask("POST", "/reset", {})
    assert (await lab.api("GET", f"/objects/?locationId={lab.location}", **headers)).status_code == 401
    assert (await lab.api("GET", f"/objects/?locationId={lab.location}")).status_code == 200


async def test_numbers_that_the_database_gives_begin_again(lab: Lab) -> None:
    first = await create_location(lab.double.storage, NewLocation("Other"))
    await lab.ask("POST", "/reset", {})
    second = await create_location(lab.double.storage, NewLocation("Other"))
    assert second.number == first.number


async def test_an_empty_database_knows_nobody(lab: Lab) -> None:
    await lab.ask("POST", "/reset", {"to": "empty"})
    assert (await lab.api("GET", f"/objects/?locationId={lab.location}")).status_code == 401
    world = await lab.ask("POST", "/worlds", {"seed": {"locations": [{"name": "New"}]}})
    answer = await lab.api(
        "GET", f"/objects/?locationId={world['locationId']}", Authorization=f"Bearer {world['token']}"
    )
    assert answer.status_code == 200, answer.text
    await lab.ask("POST", "/reset", {})
    assert (await lab.api("GET", f"/objects/?locationId={lab.location}")).status_code == 200


async def test_checkpoints_know_what_has_changed_since_each_of_them(lab: Lab) -> None:
    images = lab.double.storage.images()
    for number, name in enumerate(("a", "b", "c")):
        await lab.create(f"Pet {number}")
        await images.take(name)
    await lab.create("Last")
    expected = {"a": 1, "b": 2, "c": 3, "seed": 0}
    chance = random.Random(7)
    for _ in range(12):
        name = chance.choice(list(expected))
        await lab.ask("POST", f"/checkpoints/{name}/restore")
        assert await lab.names() == [f"Pet {number}" for number in range(expected[name])]
        if chance.random() < 0.5:
            await lab.create("Passing")
    assert (await examine(lab.double.storage)).ok


async def test_after_random_work_a_reset_leaves_what_there_was_to_the_last_row(lab: Lab, long: bool) -> None:
    storage, chance = lab.double.storage, random.Random(11)
    before = Worker(lab, chance)
    await before.work(10)
    await lab.ask("PUT", "/checkpoints/worked")
    at_the_start, worked = await everything_in(storage), await image_of(storage)
    for _ in range(1_000 if long else 12):
        await before.again().work(chance.randrange(1, 12))
        await lab.ask("POST", "/reset", {"to": "worked"})
        assert await everything_in(storage) == at_the_start
        assert await image_of(storage) == worked
        report = await examine(storage)
        assert report.ok, report


async def image_of(storage: Storage) -> bytes:
    """A SQLite database as a file holds it, without the counts of its changes; nothing of another engine."""
    if storage.engine != "sqlite":
        return b""
    images = storage.images()
    await images.take("now")
    image = bytearray(images._taken["now"].serialize("main"))  # type: ignore[attr-defined]
    image[24:28] = image[92:96] = bytes(4)
    await images.drop("now")
    return bytes(image)


async def test_a_checkpoint_can_be_taken_again_and_let_go_of(lab: Lab) -> None:
    await lab.ask("PUT", "/checkpoints/one")
    await lab.create("Later")
    assert (await lab.ask("PUT", "/checkpoints/one"))["checkpoints"] == ["empty", "seed", "one"]
    await lab.ask("POST", "/reset", {})
    await lab.ask("POST", "/checkpoints/one/restore")
    assert await lab.names() == ["Later"]
    assert (await lab.ask("DELETE", "/checkpoints/one"))["checkpoints"] == ["empty", "seed"]
    await lab.ask("POST", "/checkpoints/one/restore", status=404)
    await lab.ask("POST", "/reset", {"to": "one"}, status=404)
    await lab.ask("DELETE", "/checkpoints/one", status=404)
    assert await lab.names() == ["Later"]


@pytest.mark.parametrize("name", ["seed", "empty"])
async def test_the_names_of_the_server_s_own_images_are_taken(lab: Lab, name: str) -> None:
    await lab.ask("PUT", f"/checkpoints/{name}", status=400)
    await lab.ask("DELETE", f"/checkpoints/{name}", status=400)
    assert (await lab.ask("GET", "/checkpoints"))["checkpoints"] == ["empty", "seed"]


async def test_a_database_that_nobody_called_disposable_keeps_everything(storage: Storage) -> None:
    async with open_lab(storage, Settings(control=True), disposable=False) as lab:
        record_id = await lab.create()
        for method, path in (("POST", "/reset"), ("PUT", "/checkpoints/one"), ("POST", "/checkpoints/seed/restore")):
            answer = await lab.client.request(method, f"/control{path}", json={})
            assert answer.status_code == 409
            assert "groundlevel mark-disposable" in answer.headers["x-groundlevel-hint"]
        assert await lab.status_of(record_id) == 200
        assert (await lab.ask("GET", ""))["disposable"] is False
        assert (await lab.ask("GET", "/checkpoints"))["checkpoints"] == []


async def test_the_mark_can_be_taken_away(storage: Storage) -> None:
    images = storage.images()
    await images.mark_disposable()
    await images.mark_disposable()
    assert await images.is_disposable()
    await images.mark_disposable(disposable=False)
    assert not await images.is_disposable()


async def test_a_reset_takes_back_what_tests_have_set_unless_it_is_to_keep_it(lab: Lab) -> None:
    async def set_everything() -> None:
        await lab.ask("PUT", "/clock", {"advance": "25h", "frozen": True})
        await lab.ask("PUT", "/ids", {"seed": 5})
        await lab.ask("POST", "/faults", {"match": {"path": "/nowhere"}, "then": {"status": 500}})
        await lab.ask("PUT", "/profile", {"profile": "live", "limits": "live"})
        await lab.ask("POST", "/inbox/one", {"type": "Ping"})
        await lab.api("GET", f"/objects/?locationId={lab.location}")

    async def state() -> dict[str, Any]:
        shown = await lab.ask("GET", "")
        requests = (await lab.ask("GET", "/requests"))["requests"]
        return {
            "clock": shown["clock"]["frozen"],
            "ids": shown["ids"]["seed"],
            "faults": shown["faults"],
            "profile": (shown["profile"], shown["limits"]),
            "inbox": shown["inboxes"],
            "requests": bool(requests),
        }

    at_first = await state()
    await set_everything()
    changed = await state()
    assert all(changed[name] != at_first[name] for name in at_first)
    await lab.ask("POST", "/reset", {"keep": list(at_first)})
    assert await state() == changed
    await lab.ask("POST", "/reset", {})
    assert await state() == at_first


async def test_the_same_ids_come_again(lab: Lab) -> None:
    async def make() -> list[str]:
        await lab.ask("PUT", "/clock", {"now": "2026-01-01T00:00:00Z", "frozen": True})
        await lab.ask("PUT", "/ids", {"seed": 42})
        world = await lab.ask("POST", "/worlds", {"seed": {"locations": [{"name": "New"}]}})
        return [await lab.create(), world["locationId"], world["token"]]

    first = await make()
    await lab.ask("POST", "/reset", {})
    assert await make() == first


async def test_ids_of_an_earlier_clock_are_not_in_the_way(lab: Lab) -> None:
    await lab.ask("PUT", "/clock", {"advance": "1000h"})
    later = await lab.create()
    await lab.ask("POST", "/reset", {})
    assert await lab.create() < later


def test_writers_notice_nothing_of_resets_but_that_their_records_are_gone(session: Session) -> None:
    async def write(statuses: list[int], done: asyncio.Event) -> None:
        body = {"locationId": session.location, "properties": {"name": "Busy", "species": "dog"}}
        async with httpx.AsyncClient(base_url=session.url, headers=session.headers) as client:
            while not done.is_set():
                statuses.append((await client.post(RECORDS, json=body)).status_code)

    async def reset(statuses: list[int], done: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=session.url) as client:
            for number in range(15):
                await eventually(partial(enough, statuses, 5 * number))
                assert (await client.post("/control/reset", json={})).status_code == 200
        done.set()

    async def enough(statuses: list[int], count: int) -> bool:
        return len(statuses) >= count

    async def run() -> list[int]:
        statuses: list[int] = []
        done = asyncio.Event()
        await asyncio.gather(*(write(statuses, done) for _ in range(4)), reset(statuses, done))
        return statuses

    total = search(session)["total"]
    statuses = asyncio.run(run())
    assert set(statuses) == {201}
    session.reset()
    assert search(session)["total"] == total


def search(session: Session) -> Any:
    """All pets of the demo."""
    body = {"locationId": session.location, "page": 1, "pageLimit": 5}
    return session.api("POST", f"{RECORDS}/search", body)


async def test_work_that_waits_runs_after_a_reset(storage: Storage) -> None:
    async with open_lab(storage, Settings(control=True)) as lab:
        world: World = lab.world
        made = await asyncio.gather(*(world.create({"name": f"{n}"}) for n in range(5)), lab.ask("POST", "/reset", {}))
        assert len(made) == 6
        await lab.ask("POST", "/reset", {})
        assert await lab.names() == []


async def test_background_tasks_survive_resets(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "LOOK_SECONDS", 0.001)
    storage = lab.double.storage
    field = await lab.world.field("colour")
    for number in range(20):
        await lab.world.create({"name": f"Pet {number}", "colour": "red"})
    await lab.ask("PUT", "/checkpoints/one")
    storage.background.start("index keeper", partial(indexes.keep_indexes, storage))
    storage.background.start("upkeep", partial(keep_up, storage))
    for number in range(15):
        storage.cache.demand.wanted[lab.location, PET, field.number] = None
        if number % 3 == 0:
            await lab.world.field(f"later_{number}")
        await asyncio.sleep(0.002 * (number % 4))
        await lab.ask("POST", "/reset", {"to": "one"})

    async def built() -> bool:
        # The keeper may take work on the index before the last reset for the answer to this, so it is asked again.
        storage.cache.demand.wanted[lab.location, PET, field.number] = None
        fields = (await lab.world.object()).fields
        return next(each for each in fields if each.key == "colour").index is IndexState.READY

    await eventually(built)
    assert storage.background.failing() == []
    assert [restarts for _, restarts, _ in storage.background.states()] == [0] * len(storage.background.tasks)
    assert (await examine(storage)).ok
