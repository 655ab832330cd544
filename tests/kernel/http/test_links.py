"""Clients that follow the links of a list see every one of it once, and then stop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import World, open_world

COUNT = 5
LISTS = {"contacts": "/contacts/", "opportunities": "/opportunities/search"}


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    """Five contacts, each with an opportunity."""
    async with open_world(storage, Settings()) as opened:
        located = {"locationId": opened.location}
        found = await opened.client.get("/opportunities/pipelines", params=located, headers=opened.headers())
        deal = {**located, "pipelineId": found.json()["pipelines"][0]["id"], "status": "open"}
        for number in range(COUNT):
            contact = await _made(opened, "/contacts/", {**located, "name": f"Ann & Bob {number}"})
            await _made(opened, "/opportunities/", {**deal, "name": "Ann & Bob", "contactId": contact["contact"]["id"]})
        yield opened


async def _made(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    reply = await world.client.post(path, json=body, headers=world.headers())
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def _pages(world: World, kind: str, first: str) -> list[dict[str, Any]]:
    """The page at the URL, and those that its links lead to."""
    pages = []
    following: str | None = first
    while following is not None:
        reply = await world.client.get(following, headers=world.headers())
        assert reply.status_code == 200, reply.text
        pages.append(reply.json())
        assert pages[-1][kind], "a link that leads to nothing"
        following = pages[-1]["meta"].get("nextPageUrl")
    return pages


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("limit", [1, 2, COUNT, COUNT + 1])
async def test_links_lead_to_everything_once(kind: str, limit: int, world: World) -> None:
    text = {"contacts": "query", "opportunities": "q"}[kind]
    asked = httpx.QueryParams({"locationId": world.location, "limit": limit, text: "ann & bob"})

    pages = await _pages(world, kind, f"{LISTS[kind]}?{asked}")

    ids = [each["id"] for page in pages for each in page[kind]]
    assert len(ids) == len(set(ids)) == COUNT
    assert len(pages) == -(-COUNT // limit)


async def test_links_and_numbers_of_pages_may_be_mixed(world: World) -> None:
    asked: dict[str, str | int] = {"location_id": world.location, "limit": 2, "page": 2, "order": "added_asc"}
    reply = await world.client.get(LISTS["opportunities"], params=asked, headers=world.headers())
    second = reply.json()

    (third,) = await _pages(world, "opportunities", second["meta"]["nextPageUrl"])

    assert (len(second["opportunities"]), len(third["opportunities"])) == (2, 1)
    everything = await world.client.get(
        LISTS["opportunities"], params={**asked, "limit": 100, "page": 1}, headers=world.headers()
    )
    ids = [each["id"] for each in everything.json()["opportunities"]]
    assert [each["id"] for page in (second, third) for each in page["opportunities"]] == ids[2:]


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "http://server"),
        ({"Host": "crm.example.com:8080"}, "http://crm.example.com:8080"),
        ({"Host": "crm.example.com", "X-Forwarded-Proto": "https"}, "https://crm.example.com"),
        ({"Host": "crm.example.com", "X-Forwarded-Proto": "javascript"}, "http://crm.example.com"),
    ],
    ids=str,
)
async def test_a_link_begins_as_the_client_has_reached_the_server(
    headers: dict[str, str], address: str, world: World
) -> None:
    asked: dict[str, str | int] = {"locationId": world.location, "limit": 2}
    reply = await world.client.get("/contacts/", params=asked, headers={**world.headers(), **headers})

    assert reply.json()["meta"]["nextPageUrl"].startswith(f"{address}/contacts/?locationId={world.location}&limit=2&")


async def test_a_link_begins_with_the_public_url(storage: Storage) -> None:
    async with open_world(storage, Settings(public_url="https://crm.example.com")) as world:
        located = {"locationId": world.location}
        for name in ("Ann", "Bob"):
            await _made(world, "/contacts/", {**located, "name": name, "email": f"{name}@example.com"})

        reply = await world.client.get("/contacts/", params={**located, "limit": 1}, headers=world.headers())

    assert reply.json()["meta"]["nextPageUrl"].startswith("https://crm.example.com/contacts/?")


@pytest.mark.parametrize("behind", [False, True])
async def test_no_page_of_nothing(behind: bool, world: World) -> None:
    asked: dict[str, str | int] = {"locationId": world.location, "limit": 1}
    first = (await world.client.get("/contacts/", params=asked, headers=world.headers())).json()["meta"]
    cursor = {name: first[name] for name in ("startAfter", "startAfterId")} if behind else {}

    reply = await world.client.get("/contacts/", params={**asked, **cursor, "limit": 0}, headers=world.headers())

    assert reply.status_code == 422, reply.text
