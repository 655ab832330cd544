"""What has changed since a checkpoint: exactly that, in an order in which it can be done again."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.control.everything import Worker
from tests.control.lab import RECORDS, Lab, open_lab

State = dict[str, dict[str, Any]]


async def stored(lab: Lab) -> State:
    """The properties of all pets by their ids."""
    found: State = {}
    body: dict[str, Any] = {"locationId": lab.location, "page": 1, "pageLimit": 100}
    for record in (await lab.api("POST", f"{RECORDS}/search", body)).json()["records"]:
        found[record["id"]] = record["properties"]
    return found


async def changes(lab: Lab, name: str = "one", query: str = "") -> list[dict[str, Any]]:
    """The changes since a checkpoint."""
    found: list[dict[str, Any]] = (await lab.ask("GET", f"/checkpoints/{name}/changes{query}"))["changes"]
    return found


def replay(state: State, made: list[dict[str, Any]]) -> State:
    """What a state becomes by changes of records."""
    state = {record_id: dict(properties) for record_id, properties in state.items()}
    for change in made:
        if change["op"] == "delete":
            assert change["before"]["properties"] == state.pop(change["id"])
            continue
        now = state.setdefault(change["id"], {})
        if change["op"] == "update":
            before = change["before"].get("properties", {})
            assert {key: now.get(key) for key in before} == before
        now.update(change["after"]["properties"])
        for key in [key for key, value in now.items() if value is None]:
            del now[key]
    return state


async def test_the_changes_since_a_checkpoint_lead_from_it_to_what_is_stored(lab: Lab) -> None:
    chance = random.Random(3)
    await lab.world.field("colour")
    for number in range(5):
        await lab.create(f"First {number}")
    before = await stored(lab)
    await lab.ask("PUT", "/checkpoints/one")
    ids = sorted(before)
    for number in range(60):
        match chance.randrange(3):
            case 0:
                ids.append(await lab.create(f"Pet {number}"))
            case 1 if ids:
                record_id = chance.choice(ids)
                value = chance.choice([None, "red", "blue"])
                await lab.world.update(record_id, {"colour": value})
            case 2 if ids:
                await lab.world.delete(ids.pop(chance.randrange(len(ids))))
    assert replay(before, await changes(lab)) == await stored(lab)
    await lab.ask("POST", "/checkpoints/one/restore")
    assert await changes(lab) == []
    assert await stored(lab) == before


async def relations_of(lab: Lab, record_ids: Iterable[str]) -> set[tuple[str, str, str]]:
    """The relations of pets: their ids, and those of both ends."""
    found = set()
    for record_id in record_ids:
        path = f"/associations/relations/{record_id}?locationId={lab.location}&skip=0&limit=100"
        listed = (await lab.api("GET", path)).json()
        assert listed["total"] == len(listed["relations"])
        found |= {(each["id"], each["firstRecordId"], each["secondRecordId"]) for each in listed["relations"]}
    return found


async def test_all_that_was_done_leads_from_a_checkpoint_to_what_is_stored(lab: Lab) -> None:
    """What goes with a record that is deleted, its relations, is among the changes too."""
    worker = Worker(lab, random.Random(5))
    await worker.work(20)
    before = await stored(lab)
    relations = await relations_of(lab, before)
    fields = {field.key for field in (await lab.world.object()).fields}
    await lab.ask("PUT", "/checkpoints/one")
    await worker.work(200)
    made = [change for change in await changes(lab) if change["locationId"] == lab.location]

    assert replay(before, [change for change in made if change["kind"] == "record"]) == await stored(lab)
    for change in made:
        if change["kind"] == "relation":
            ends = change["after"] or change["before"]
            relation = (change["id"], ends["firstRecordId"], ends["secondRecordId"])
            assert (relation in relations) is (change["op"] == "delete")
            relations ^= {relation}
        if change["kind"] == "field":
            fields.add(change["after"]["key"])
    assert relations == await relations_of(lab, worker.ids)
    assert fields == {field.key for field in (await lab.world.object()).fields}
    kinds = {f"{change['op']} {change['kind']}" for change in made}
    assert {"update record", "delete record", "delete relation", "create webhook", "create install"} <= kinds


async def test_definitions_and_other_locations_are_among_them(lab: Lab) -> None:
    await lab.ask("PUT", "/checkpoints/one")
    await lab.world.field("colour")
    car = {"key": "car", "labels": {"singular": "Car", "plural": "Cars"}, "primary": {"key": "name", "name": "Name"}}
    world = await lab.ask("POST", "/worlds", {"seed": {"locations": [{"name": "New", "objects": [car]}]}})
    await lab.create()
    found = await changes(lab)
    own = [(each["op"], each["kind"]) for each in found if each["locationId"] == lab.location]
    assert own == [("create", "field"), ("create", "record")]
    assert world["locationId"] in {each["locationId"] for each in found}
    assert [each["kind"] for each in await changes(lab, query=f"?locationId={lab.location}")] == ["field", "record"]


async def test_the_start_counts_as_a_checkpoint(lab: Lab) -> None:
    record_id = await lab.create()
    assert [each["id"] for each in await changes(lab, "seed")] == [record_id]
    await lab.ask("POST", "/reset", {})
    assert await changes(lab, "seed") == []


async def test_what_has_not_come_from_a_checkpoint_has_no_changes_since(lab: Lab) -> None:
    await lab.ask("PUT", "/checkpoints/one")
    await lab.create()
    await lab.ask("PUT", "/checkpoints/two")
    await lab.ask("POST", "/checkpoints/one/restore")
    assert await changes(lab) == []
    await lab.ask("GET", "/checkpoints/two/changes", status=409)
    await lab.ask("POST", "/checkpoints/two/restore")
    assert len(await changes(lab)) == 1
    assert await changes(lab, "two") == []
    await lab.ask("PUT", "/checkpoints/one")
    await lab.create()
    await lab.ask("POST", "/checkpoints/two/restore")
    await lab.ask("GET", "/checkpoints/one/changes", status=409)
    await lab.ask("POST", "/reset", {"to": "empty"})
    await lab.ask("GET", "/checkpoints/seed/changes", status=409)
    await lab.ask("GET", "/checkpoints/none/changes", status=404)
    await lab.ask("GET", "/checkpoints/empty/changes", status=404)


async def test_where_changes_are_not_logged_it_is_said(storage: Storage) -> None:
    async with open_lab(storage, Settings(control=True)) as lab:
        storage.audited = False
        await lab.ask("GET", "/checkpoints/seed/changes", status=409)
