"""Tests of what pages of other origins may do: preflights, and the headers of every reply."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from msgspec.structs import replace

from groundlevel.access.admission import make_access
from groundlevel.api import ROUTES
from groundlevel.kernel.http.cross_origin import EXPOSED, CrossOrigin, is_loopback_origin
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Page
from groundlevel.kernel.http.server import Application, Parts
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import World, open_world

PAGE = "http://localhost:5173"
STRANGER = "https://stranger.example"
SAFELISTED = {"content-type", "content-length", "cache-control", "vary", "date"}
"""Headers that every page may read, or that browsers and caches alone have a use for."""
FOR_BROWSERS = {"x-content-type-options", "content-security-policy", "referrer-policy", "connection"}


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings(max_body_bytes=100)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [
        ("http://localhost", True),
        ("https://localhost:8443", True),
        ("http://app.localhost:3000", True),
        ("http://127.0.0.1:5173", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8080", True),
        ("null", False),
        ("", False),
        ("http://localhost.evil.example", False),
        ("http://evillocalhost", False),
        ("http://localhost@evil.example", False),
        ("http://evil.example/localhost", False),
        ("http://localhost/", False),
        ("http://10.0.0.1", False),
        ("file://localhost", False),
        ("http://[::1", False),
        ("http://127.0.0.1.evil.example", False),
    ],
)
def test_loopback_origins(origin: str, loopback: bool) -> None:
    assert is_loopback_origin(origin) is loopback
    assert CrossOrigin(("loopback",)).allows(origin) is loopback
    assert not CrossOrigin(()).allows(origin)


@pytest.mark.parametrize("path", ["/objects/", "/nothing", "/objects/custom_objects.pet/records/search"])
async def test_a_preflight_needs_no_token_and_no_route(world: World, path: str) -> None:
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,locationid,version",
    }
    reply = await world.client.options(path, headers=asked)

    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == PAGE
    assert "PUT" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-headers"] == "authorization,content-type,locationid,version"
    assert int(reply.headers["access-control-max-age"]) > 0
    assert reply.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in reply.headers


async def test_a_preflight_of_a_stranger_allows_nothing(world: World) -> None:
    reply = await world.client.options(
        "/objects/", headers={"Origin": STRANGER, "Access-Control-Request-Method": "GET"}
    )

    assert reply.status_code == 204
    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert reply.headers["vary"] == "Origin"
    assert reply.headers["allow"] == "GET, POST, HEAD, OPTIONS"


async def test_names_that_are_none_are_not_repeated(world: World) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "a:b"}
    reply = await world.client.options("/objects/", headers=asked)

    assert "Authorization" in reply.headers["access-control-allow-headers"]


async def test_every_reply_may_be_read_with_all_its_headers(world: World) -> None:
    own = world.headers()
    place = {"locationId": world.location}
    replies = {
        200: await world.client.get("/objects/", params=place, headers={**own, "Origin": PAGE}),
        401: await world.client.get("/objects/", params=place, headers={"Origin": PAGE}),
        403: await world.client.get(f"/locations/{world.foreign}", headers={**own, "Origin": PAGE}),
        404: await world.client.get("/nothing", headers={**own, "Origin": PAGE}),
        405: await world.client.patch("/objects/", headers={**own, "Origin": PAGE}),
        413: await world.client.post("/objects/", content=b" " * 101, headers={**own, "Origin": PAGE}),
        422: await world.client.post("/objects/", json={}, headers={**own, "Origin": PAGE}),
    }
    exposed = {name.strip().lower() for name in EXPOSED.decode().split(",")}

    for status, reply in replies.items():
        assert reply.status_code == status
        assert reply.headers["access-control-allow-origin"] == PAGE
        assert "access-control-allow-credentials" not in reply.headers
        unread = {name for name in reply.headers if not name.startswith("access-control")}
        assert unread - exposed - SAFELISTED - FOR_BROWSERS == set()


async def test_a_fault_of_ours_may_be_read(storage: Storage) -> None:
    async def fail(request: Request) -> Page:
        raise RuntimeError("a fault")

    broken = replace(next(route for route in ROUTES if route.path == "/health"), handler=fail)
    settings = Settings()
    app = Application(storage, settings, Parts((broken,), make_access(storage)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
        reply = await client.get("/health", headers={"Origin": PAGE})

    assert reply.status_code == 500
    assert reply.headers["access-control-allow-origin"] == PAGE


async def test_a_stranger_reads_nothing(world: World) -> None:
    reply = await world.client.get("/health", headers={"Origin": STRANGER})

    assert reply.status_code == 200
    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert reply.headers["vary"] == "Origin"


async def test_without_an_origin_nothing_is_added(world: World) -> None:
    reply = await world.client.get("/health")

    assert "vary" not in reply.headers
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (("*",), STRANGER, "*"),
        (("*",), "null", "*"),
        ((STRANGER,), STRANGER, STRANGER),
        ((STRANGER,), PAGE, None),
        ((STRANGER, "loopback"), PAGE, PAGE),
        ((), PAGE, None),
    ],
)
async def test_the_setting_says_who(
    storage: Storage, origins: tuple[str, ...], origin: str, allowed: str | None
) -> None:
    async with open_world(storage, Settings(cors_origins=origins)) as world:
        preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        for reply in (
            await world.client.get("/health", headers={"Origin": origin}),
            await world.client.options("/health", headers=preflight),
        ):
            assert reply.headers.get("access-control-allow-origin") == allowed
            assert "access-control-allow-credentials" not in reply.headers
