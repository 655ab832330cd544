"""Tests of the application and the server around the operations: methods, time, disconnects, faults, start and stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from groundlevel.api import ROUTES
from groundlevel.app import make_application
from groundlevel.kernel.http.routing import Endpoint, Router
from groundlevel.kernel.http.server import Application
from groundlevel.kernel.http.timeouts import Timeouts
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import World, open_world
from tests.world import eventually


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings()) as opened:
        yield opened


async def test_head_says_what_get_would(world: World) -> None:
    path = f"/locations/{world.location}"
    got = await world.client.get(path, headers=world.headers())
    head = await world.client.head(path, headers=world.headers())

    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


async def test_options_name_the_methods(world: World) -> None:
    reply = await world.client.options("/objects/")

    assert reply.status_code == 204
    assert reply.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert (await world.client.options("/nothing")).status_code == 404


async def test_a_method_that_a_path_does_not_have_is_405_with_those_it_has(world: World) -> None:
    reply = await world.client.patch("/objects/", headers=world.headers())

    assert reply.status_code == 405
    assert reply.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    body = reply.json()
    assert (body["statusCode"], body["message"], body["error"]) == (405, "Cannot PATCH /objects/", "Method Not Allowed")
    assert (await world.client.post("/health")).status_code == 405
    assert (await world.client.head("/oauth/token")).status_code == 405


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PATCH", "/objects/", 405)])
async def test_a_missing_version_is_told_before_a_missing_route(
    world: World, method: str, path: str, status: int
) -> None:
    for version, message in ((None, "version header was not found."), ("v9", "version header is invalid")):
        reply = await world.client.request(method, path, headers=world.headers(version=version))
        assert (reply.status_code, reply.json()["message"]) == (401, message)

    assert (await world.client.request(method, path, headers=world.headers())).status_code == status
    page = {"Accept": "text/html,application/xhtml+xml"}
    assert (await world.client.request(method, path, headers=page)).status_code == status


async def test_no_version_is_wanted_where_the_settings_want_none(storage: Storage) -> None:
    async with open_world(storage, Settings(version_required=False)) as world:
        assert (await world.client.get("/nothing")).status_code == 404


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_has_no_case(world: World, scheme: str) -> None:
    headers = {**world.headers(), "Authorization": f"{scheme} {world.tokens['own']}"}

    assert (await world.client.get(f"/locations/{world.location}", headers=headers)).status_code == 200


async def test_a_location_shows_its_profile(world: World) -> None:
    reply = await world.client.get(f"/locations/{world.location}", headers=world.headers())

    shown = reply.json()["location"]
    told = {"id": world.location, "name": "Mine", "city": "Motihari", "timezone": "Asia/Kolkata"}
    assert told.items() <= shown.items()
    assert (await world.client.get(f"/locations/{world.foreign}", headers=world.headers("company"))).status_code == 403


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/metrics", "/openapi.json", "/docs", "/docs/errors", "/docs/errors/in_use"]
)
async def test_the_server_speaks_of_itself_to_everyone(world: World, path: str) -> None:
    reply = await world.client.get(path)

    assert reply.status_code == 200
    assert reply.headers["x-trace-id"]
    assert (await world.client.get("/docs/errors/nothing")).status_code == 404


async def test_metrics_count_requests(world: World) -> None:
    for _ in range(3):
        await world.client.get("/health")
    await world.client.get("/nothing", headers=world.headers())

    text = (await world.client.get("/metrics")).text
    assert "groundlevel_jobs_reindex 0.0" in text
    assert "groundlevel_indexes_wanted 0.0" in text

    assert 'groundlevel_requests_total{operation="get-health",status="200"} 3.0' in text
    assert 'groundlevel_requests_total{operation="unknown",status="404"} 1.0' in text
    assert 'groundlevel_request_seconds_bucket{le="+Inf",operation="get-health",status="200"} 3.0' in text


async def test_the_version_can_be_left_out_when_it_is_not_required(storage: Storage) -> None:
    async with open_world(storage, Settings(version_required=False)) as world:
        path = f"/locations/{world.location}"
        assert (await world.client.get(path, headers=world.headers(version=None))).status_code == 200
        assert (await world.client.get(path, headers=world.headers(version="1"))).status_code == 401


async def test_the_second_answer_is_from_memory(world: World) -> None:
    path = f"/objects/business?locationId={world.location}"
    answers = [(await world.client.get(path, headers=world.headers())).json()["cache"] for _ in range(2)]

    assert answers == [False, True]


def _replaced(application: Application, handler: Any) -> None:
    """Makes one operation of the application do what a test needs."""
    routes = [msgspec.structs.replace(r, handler=handler) if r.operation_id == "get-health" else r for r in ROUTES]
    application._router = Router(Endpoint(route, strict=False) for route in routes)


async def test_a_fault_of_ours_says_nothing(storage: Storage) -> None:
    async def broken(request: Any) -> Any:
        raise RuntimeError("the secret is 1234")

    application = make_application(storage, Settings())
    _replaced(application, broken)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://server") as client:
        reply = await client.get("/health")

    assert reply.status_code == 500
    assert "1234" not in reply.text
    assert reply.json()["message"] == "Internal server error"
    assert reply.json()["traceId"] == reply.headers["x-trace-id"]


async def test_a_request_that_takes_too_long_is_given_up(storage: Storage) -> None:
    async def endless(request: Any) -> Any:
        await asyncio.Event().wait()

    application = make_application(storage, Settings(request_timeout_seconds=0.05))
    _replaced(application, endless)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://server") as client:
        replies = await asyncio.gather(*(client.get("/health") for _ in range(3)))

        async def is_ready() -> bool:
            return (await client.get("/ready")).status_code == 200

        await eventually(is_ready)

    assert [reply.status_code for reply in replies] == [503] * 3
    assert "0.05 seconds" in replies[0].json()["message"]


async def test_a_cancellation_from_elsewhere_passes(storage: Storage) -> None:
    begun = asyncio.Event()

    async def endless(request: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    application = make_application(storage, Settings())
    _replaced(application, endless)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://server") as client:
        task = asyncio.create_task(client.get("/health"))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_deadlines_leave_finished_tasks_alone() -> None:
    deadlines = Timeouts(0.01)
    task = deadlines.start()
    deadlines.finish(task)

    async def endless() -> None:
        await deadlines.watched(asyncio.Event().wait())

    # It ends later than the other one would have.
    with pytest.raises(TimeoutError):
        await asyncio.create_task(endless())

    assert not deadlines.expired(task)
    assert task.cancelling() == 0
    deadlines.stop()


async def test_a_client_that_goes_away_is_not_answered(world: World, storage: Storage) -> None:
    application = make_application(storage, Settings())
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in world.headers().items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/objects/",
        "raw_path": b"/objects/",
        "query_string": b"",
        "headers": headers,
    }

    await application(scope, receive, send)

    assert sent == []


async def _live(application: Application) -> list[str]:
    """What an application says to a server that starts it and stops it."""
    said: list[str] = []
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Any:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        said.append(message["type"])

    await application({"type": "lifespan"}, receive, send)
    return said


async def test_start_and_stop(storage: Storage) -> None:
    opened = []

    async def opening() -> None:
        opened.append(True)

    assert await _live(make_application(storage, Settings(), opening=opening)) == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert opened == [True]


async def test_a_start_that_fails(storage: Storage) -> None:
    async def opening() -> None:
        raise OSError("no disk")

    assert await _live(make_application(storage, Settings(), opening=opening)) == ["lifespan.startup.failed"]
