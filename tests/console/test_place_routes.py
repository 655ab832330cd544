"""What the console keeps and says of one location: the choices of people, and how it is doing."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from groundlevel.access.rules import NewToken, create_token, list_locations
from groundlevel.console import place_rules, rules
from groundlevel.console.model import Role
from groundlevel.console.rules import NewOperator, create_operator
from groundlevel.crm.contacts.rules import NewContact, create_contact
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Event, IndexState, Object
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.kernel.storage.transaction import Transaction, find_object, list_objects
from groundlevel.locations.rules import delete_location
from groundlevel.schema import store as schema_store
from groundlevel.schema.field_rules import NewField, insert_field
from groundlevel.seed.rules import DEMO, is_empty, load_seed
from groundlevel.webhooks.egress import EgressPolicy
from groundlevel.webhooks.rules import NewWebhook, create_webhook
from tests.console.test_routes import EMAIL, OURS, PASSWORD, Scene, scene
from tests.webhooks.test_routes import delivered
from tests.world import world_in

ALL = Statement.query("SELECT owner, value FROM console_choices")


async def choices(at: Scene, location_id: str = "") -> Any:
    """What the signed-in person has chosen in a location, or the status of a refusal."""
    answer = await at.browser.get(f"/console/places/{location_id or at.mine.id}/choices", headers=OURS)
    return answer.json()["choices"] if answer.status_code == 200 else answer.status_code


async def choose(at: Scene, name: str, value: str, location_id: str = "") -> httpx.Response:
    """Keeps a choice."""
    path = f"/console/places/{location_id or at.mine.id}/choices"
    return await at.browser.put(path, json={"name": name, "value": value}, headers=OURS)


async def state(at: Scene) -> Any:
    """How the scene's own location is doing."""
    return (await at.browser.get(f"/console/places/{at.mine.id}/state", headers=OURS)).json()


# --- choices ------------------------------------------------------------------------------------------------------


async def test_choices_are_of_one_person_and_one_location(storage: Storage) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.VIEWER))
    async with scene(storage) as at:
        await at.sign_in()
        assert await choices(at) == {}
        assert (await choose(at, "columns.business", '{"frozen":2}')).status_code == 200
        assert (await choose(at, "views.business", "[]")).status_code == 200
        assert (await choose(at, "columns.business", '{"frozen":3}')).status_code == 200
        assert await choices(at) == {"columns.business": '{"frozen":3}', "views.business": "[]"}
        assert await choices(at, at.other.id) == {}
        await choose(at, "views.business", "")
        assert await choices(at) == {"columns.business": '{"frozen":3}'}
        await at.sign_in(email=EMAIL, password=PASSWORD)
        assert await choices(at) == {}
        assert (await choose(at, "columns.business", '{"frozen":1}')).status_code == 200
        await at.sign_in()
        assert await choices(at) == {"columns.business": '{"frozen":3}'}


async def test_choices_end_with_the_operator_and_with_the_location(storage: Storage) -> None:
    await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.EDITOR))
    async with scene(storage) as at:
        await at.sign_in(email=EMAIL, password=PASSWORD)
        await choose(at, "columns.business", "1")
        await choose(at, "columns.business", "2", at.other.id)
        await delete_location(storage, at.other)
        await at.sign_in()
        await choose(at, "columns.business", "3")
        await rules.remove_operator(storage, EMAIL)
        rows = await storage.read(None, lambda tx: tx.connection.rows(ALL))
        assert [tuple(row) for row in rows] == [("", "3")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("columns", "1"), ("Columns.x", "1"), ("columns.", "1"), ("columns.a b", "1"), ("columns.x", "x" * 32_769)],
)
async def test_what_is_no_choice_is_refused(name: str, value: str, storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        refused = await choose(at, name, value)
        assert refused.status_code == 400
        assert refused.headers["x-groundlevel-doc"].endswith("/console_choice")
        assert await choices(at) == {}


async def test_so_many_choices_are_kept_and_no_more(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_rules, "MOST_CHOICES", 1)
    async with scene(storage) as at:
        await at.sign_in()
        assert (await choose(at, "columns.one", "1")).status_code == 200
        assert (await choose(at, "columns.two", "1")).status_code == 400
        assert (await choose(at, "columns.one", "2")).status_code == 200


async def test_only_whoever_reaches_a_location_sees_anything_of_it(storage: Storage) -> None:
    async with scene(storage) as at:
        assert await choices(at) == 401
        await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.OWNER, (at.mine.id,)))
        await at.sign_in(email=EMAIL, password=PASSWORD)
        assert await choices(at) == {}
        assert await choices(at, at.other.id) == 404
        assert (await choose(at, "columns.x", "1", at.other.id)).status_code == 404
        path = f"/console/places/{at.other.id}/state"
        assert (await at.browser.get(path, headers=OURS)).status_code == 404
        assert (await state(at))["backups"] is None


# --- how it is doing ----------------------------------------------------------------------------------------------


async def test_the_state_of_a_location_names_what_needs_looking_at(storage: Storage) -> None:
    settings = Settings(limits="live")
    async with scene(storage, settings) as at:
        await at.sign_in()
        calm = await state(at)
        assert (calm["deadDeliveries"], calm["building"]) == (0, [])
        assert calm["limits"]["mode"] == "live"
        assert (calm["limits"]["burst"], calm["limits"]["daily"]) == (100, 200_000)

        networks = EgressPolicy()
        hook = await create_webhook(storage, networks, NewWebhook("https://example.com/hooks", location=at.mine))

        async def emit(tx: Transaction) -> None:
            tx.emit(Event("ContactCreate", "one", "{}", tx.ids.now()))
            business = await find_object(tx, "business")
            assert business is not None
            field = next(each for each in business.fields if each.key == business.primary)
            await schema_store.update_field(tx, replace(field, index=IndexState.BUILDING))

        await storage.write(at.mine, emit)
        await delivered(storage, hook.id, status=500)
        told = await state(at)
        assert told["deadDeliveries"] == 1
        assert [each["objectKey"] for each in told["building"]] == ["business"]
        assert told["building"][0]["field"]
        assert told["building"][0]["percent"] is None


async def _count(definition: Object, tx: Transaction) -> int:
    return await tx.records.count(CompiledObject(definition))


async def test_an_empty_location_is_filled_with_the_demo_once(storage: Storage) -> None:
    async with scene(storage) as at:
        await at.sign_in()
        path = f"/console/places/{at.mine.id}/demo"
        assert (await state(at))["empty"] is True
        answers = await asyncio.gather(*(at.browser.post(path, headers=OURS) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert (await state(at))["empty"] is False
        refused = await at.browser.post(path, headers=OURS)
        assert refused.headers["x-groundlevel-doc"] == "/docs/errors/location_filled"
        demo, seeded = load_seed(DEMO).locations[0], await storage.read(at.mine, list_objects)
        found = {each.key.removeprefix("custom_objects."): each for each in seeded}
        for each in demo.objects:
            count = await storage.read(at.mine, partial(_count, found[each.key]))
            assert count == len(each.records), each.key
        assert await storage.read(at.other, is_empty)
        (location,) = [each for each in await list_locations(storage) if each.id == at.mine.id]
        assert location.name == "Mine"


@pytest.mark.parametrize("kind", ["object", "record", "field"])
async def test_what_holds_anything_is_not_filled(storage: Storage, kind: str) -> None:
    async with scene(storage) as at:
        world = await world_in(storage, at.mine)
        if kind == "object":
            await world.pet()
        elif kind == "record":
            await world.do(create_contact, NewContact({"first_name": "Ada"}))
        else:
            folder = (await world.object("contact")).folders[0].id
            await world.do(insert_field, NewField("contact", "mood", "TEXT", folder))
        await at.sign_in()
        assert (await state(at))["empty"] is False
        assert (await at.browser.post(f"/console/places/{at.mine.id}/demo", headers=OURS)).status_code == 409


async def test_only_owners_of_a_location_fill_it(storage: Storage) -> None:
    async with scene(storage) as at:
        await create_operator(storage, NewOperator(EMAIL, PASSWORD, Role.EDITOR))
        await at.sign_in(email=EMAIL, password=PASSWORD)
        path = f"/console/places/{at.mine.id}/demo"
        assert (await at.browser.post(path, headers=OURS)).status_code == 403
        assert (await at.browser.post(path)).status_code == 403
        assert (await state(at))["empty"] is True


async def test_the_state_is_for_people_alone(storage: Storage) -> None:
    async with scene(storage) as at:
        secret, _ = await create_token(storage, NewToken("program", at.mine.id))
        headers = {**OURS, "Authorization": f"Bearer {secret}"}
        assert (await at.browser.get(f"/console/places/{at.mine.id}/state", headers=headers)).status_code == 401
