"""The feed of changes over HTTP: pages, waiting, and the stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from groundlevel.app import make_application
from groundlevel.audit.retention import Retention, prune
from groundlevel.kernel.http.listener import bind_socket, make_server
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.conformance.given import PET
from tests.conformance.scenario import Scenario, play
from tests.conftest import Opening
from tests.kernel.http.world import World, open_world
from tests.world import PATIENCE_SECONDS

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def pets(storage: Storage, **settings: Any) -> AsyncIterator[World]:
    """A world with the object `pet`."""
    async with open_world(storage, Settings(**settings)) as world:
        await play(Scenario("given", "pets", (PET,)), world, {"location": world.location})
        yield world


async def create(world: World, name: str) -> str:
    body = {"locationId": world.location, "properties": {"name": name}}
    reply = await world.client.post("/objects/custom_objects.pet/records", json=body, headers=world.headers())
    record_id: str = reply.json()["record"]["id"]
    return record_id


async def changes(world: World, **query: str) -> dict[str, Any]:
    reply = await world.client.get("/x/changes", params=query, headers=world.headers())
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


async def test_a_page_says_what_happened_and_where_to_go_on(storage: Storage) -> None:
    async with pets(storage) as world:
        start = (await changes(world, since="now"))["next"]
        reply = await world.client.post(
            "/objects/custom_objects.pet/records",
            json={"locationId": world.location, "properties": {"name": "Rex"}},
            headers=world.headers(),
        )
        record_id, trace_id = reply.json()["record"]["id"], reply.json()["traceId"]
        url = f"/objects/custom_objects.pet/records/{record_id}?locationId={world.location}"
        await world.client.put(url, json={"properties": {"name": "Max"}}, headers=world.headers())
        page = await changes(world, since=start, limit="1")
        assert not page["complete"]
        (created,) = page["changes"]
        assert {name: created[name] for name in ("op", "kind", "object", "id", "version", "traceId")} == {
            "op": "create",
            "kind": "record",
            "object": "custom_objects.pet",
            "id": record_id,
            "version": 1,
            "traceId": trace_id,
        }
        assert created["actor"]["kind"] == "token"
        assert created["actor"]["source"] == "INTEGRATION"
        assert created["after"] == {"properties": {"name": "Rex"}, "owners": [], "followers": []}
        page = await changes(world, since=page["next"])
        (changed,) = page["changes"]
        assert changed["changed"] == ["name"]
        assert changed["before"] == {"properties": {"name": "Rex"}}
        assert changed["after"] == {"properties": {"name": "Max"}}
        assert page["complete"]
        assert page["next"] == changed["cursor"]


async def test_a_location_sees_its_own_changes_alone(storage: Storage) -> None:
    async with pets(storage) as world:
        await create(world, "Rex")
        reply = await world.client.get("/x/changes", headers=world.headers("sister"))
        assert {each["kind"] for each in reply.json()["changes"]} == {"location", "token"}
        where = {"locationId": world.location}
        assert (await world.client.get("/x/changes", params=where, headers=world.headers("foreign"))).status_code == 403
        assert (await world.client.get("/x/changes", headers=world.headers("reader"))).status_code == 401


async def test_waiting_for_nothing_ends_when_time_is_up(storage: Storage) -> None:
    async with pets(storage, request_timeout_seconds=0.5) as world:
        start = (await changes(world, since="now"))["next"]
        page = await changes(world, since=start, wait="60")
        assert (page["changes"], page["next"]) == ([], start)


async def test_a_cursor_that_is_too_old_is_gone(storage: Storage) -> None:
    async with pets(storage) as world:
        for name in ("Rex", "Max", "Moritz"):
            await create(world, name)
        await prune(storage, Retention(days=90, max_rows=2))
        reply = await world.client.get("/x/changes", params={"since": "0"}, headers=world.headers())
        assert reply.status_code == 410
        oldest = reply.json()["meta"]["oldest"]
        page = await changes(world, since=oldest)
        assert [each["after"]["properties"]["name"] for each in page["changes"]] == ["Max", "Moritz"]


async def test_while_audit_is_off_the_refusal_names_the_setting(storage: Storage) -> None:
    storage.audited = False
    async with pets(storage) as world:
        reply = await world.client.get("/x/changes", headers=world.headers())
        assert reply.status_code == 409
        assert "--audit" in reply.headers["x-groundlevel-hint"]


@pytest.mark.parametrize("query", [{"since": "x"}, {"since": "-1"}, {"types": "contact"}, {"wait": "61"}])
async def test_what_is_not_understood_is_refused(storage: Storage, query: dict[str, str]) -> None:
    async with pets(storage) as world:
        reply = await world.client.get("/x/changes", params=query, headers=world.headers())
        assert reply.status_code == 422
        assert next(iter(query)) in reply.json()["message"][0]


@asynccontextmanager
async def served(storage: Storage) -> AsyncIterator[tuple[World, int, Callable[[], None]]]:
    """A world that is also served on a port, and what stops that server."""
    settings = Settings(port=0, shutdown_grace_seconds=PATIENCE_SECONDS)
    async with pets(storage) as world:
        ready = asyncio.Event()
        with bind_socket(settings) as listener:
            server = make_server(make_application(storage, settings), settings, ready=ready.set)
            serving = asyncio.create_task(server.serve(sockets=[listener]))

            def stop() -> None:
                server.should_exit = True

            try:
                await ready.wait()
                yield world, listener.getsockname()[1], stop
            finally:
                stop()
                await serving


async def begin_stream(world: World, port: int, **headers: str) -> Connection:
    """Asks for the stream of changes, and reads the head of the reply."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = {"Host": "x", "Accept": "text/event-stream", **world.headers(), **headers}
    lines = ["GET /x/changes?types=record HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 200")
    assert "content-type: text/event-stream" in head
    return reader, writer


async def read_event(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The next change of a stream, with its id."""
    while True:
        size = int(await reader.readline(), 16)
        text = (await reader.readexactly(size)).decode()
        await reader.readexactly(2)
        if not text.startswith(":"):
            break
    cursor, kind, data = text.rstrip().split("\n")
    change: dict[str, Any] = msgspec.json.decode(data.removeprefix("data: "))
    assert kind == "event: change"
    assert cursor == f"id: {change['cursor']}"
    return change


async def test_changes_arrive_as_events(opening: Opening) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), served(await opening()) as (world, port, _):
        first = await create(world, "Rex")
        reader, writer = await begin_stream(world, port)
        begun = await read_event(reader)
        assert begun["id"] == first
        second = await create(world, "Max")
        assert (await read_event(reader))["id"] == second
        writer.close()
        reader, writer = await begin_stream(world, port, **{"Last-Event-ID": begun["cursor"]})
        assert (await read_event(reader))["id"] == second
        writer.close()


async def test_a_stream_ends_when_the_server_stops(opening: Opening) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS / 2), served(await opening()) as (world, port, stop):
        await create(world, "Rex")
        reader, writer = await begin_stream(world, port)
        await read_event(reader)
        stop()
        await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()
