"""Contacts and opportunities are changed on condition: that nobody has changed them since they were read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import World, open_world


@pytest.fixture(params=["spec", "live"])
async def world(storage: Storage, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A server with a location, in both profiles."""
    async with open_world(storage, Settings(profile=request.param)) as opened:
        yield opened


async def ask(world: World, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """One request of the location's own token."""
    return await world.client.request(method, path, json=body, headers={**world.headers(), **headers})


async def new_thing(world: World, noun: str) -> str:
    """The path of a new contact, or of a new opportunity of one."""
    made = await ask(world, "POST", "/contacts/", {"locationId": world.location, "firstName": "Ada"})
    contact = made.json()["contact"]["id"]
    if noun == "contact":
        return f"/contacts/{contact}"
    pipeline = (await ask(world, "GET", f"/opportunities/pipelines?locationId={world.location}")).json()["pipelines"][0]
    deal = {"locationId": world.location, "pipelineId": pipeline["id"], "contactId": contact, "status": "open"}
    made = await ask(world, "POST", "/opportunities/", {**deal, "name": "Deal"})
    assert made.status_code == 201, made.text
    return f"/opportunities/{made.json()['opportunity']['id']}"


CHANGES = {"contact": ({"city": "Bern"}, {"city": "Basel"}), "opportunity": ({"name": "One"}, {"name": "Two"})}


@pytest.mark.parametrize("noun", CHANGES)
async def test_what_was_changed_since_is_not_overwritten(world: World, noun: str) -> None:
    path, (one, two) = await new_thing(world, noun), CHANGES[noun]
    read = (await ask(world, "GET", path)).headers["etag"]
    assert (await ask(world, "GET", path)).headers["etag"] == read
    first = await ask(world, "PUT", path, one, **{"If-Match": read})
    assert first.status_code == 200, first.text
    assert first.headers["etag"] != read
    late = await ask(world, "PUT", path, two, **{"If-Match": read})
    assert late.status_code == 412
    assert late.headers["x-groundlevel-doc"] == "/docs/errors/record_changed"
    shown = await ask(world, "GET", path)
    assert one.items() <= shown.json()[noun].items()
    assert shown.headers["etag"] == first.headers["etag"]
    for admitted in (f'"9-00000000", {shown.headers["etag"]}', "*"):
        assert (await ask(world, "PUT", path, two, **{"If-Match": admitted})).status_code == 200, admitted
    shown = await ask(world, "GET", path)
    for refused in ("W/" + shown.headers["etag"], '"something else"', ""):
        assert (await ask(world, "PUT", path, one, **{"If-Match": refused})).status_code == 412, refused
    assert (await ask(world, "PUT", path, one)).status_code == 200


@pytest.mark.parametrize("noun", CHANGES)
async def test_a_change_of_nothing_leaves_the_state_as_it_was(world: World, noun: str) -> None:
    path, (one, _) = await new_thing(world, noun), CHANGES[noun]
    first = await ask(world, "PUT", path, one)
    again = await ask(world, "PUT", path, one, **{"If-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] == first.headers["etag"]


async def test_the_tag_of_a_contact_tells_its_business_apart(world: World) -> None:
    path = await new_thing(world, "contact")
    before = (await ask(world, "GET", path)).headers["etag"]
    business = await ask(world, "POST", "/businesses/", {"locationId": world.location, "name": "Acme"})
    linked = {"locationId": world.location, "ids": [path.rpartition("/")[2]]}
    linked["businessId"] = (business.json().get("business") or business.json().get("buiseness"))["id"]
    assert (await ask(world, "POST", "/contacts/bulk/business", linked)).status_code in (200, 201)
    after = (await ask(world, "GET", path)).headers["etag"]
    assert after != before
    # It is another reply, and not another state of the contact: nothing of it would be lost.
    assert (await ask(world, "PUT", path, {"city": "Bern"}, **{"If-Match": before})).status_code == 200


async def test_the_tag_of_an_opportunity_tells_its_contact_apart(world: World) -> None:
    path = await new_thing(world, "opportunity")
    read = await ask(world, "GET", path)
    contact = read.json()["opportunity"]["contactId"]
    assert (await ask(world, "PUT", f"/contacts/{contact}", {"firstName": "Bea"})).status_code == 200
    assert (await ask(world, "GET", path)).headers["etag"] != read.headers["etag"]
