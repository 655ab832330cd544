"""Who may steer the server, and that there is nothing to steer where control is off."""

from __future__ import annotations

import re
import socket

import httpx
import pytest

from groundlevel.app import make_application, make_double
from groundlevel.control.routes import OPERATIONS
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.testing import Double
from tests.control.lab import Lab
from tests.kernel.http.world import open_world

KEY = "k" * 32
PATHS = [(row.method, re.sub(r"\{\w+\}", "one", row.path)) for row in OPERATIONS]


async def test_without_control_its_paths_are_like_any_other(storage: Storage) -> None:
    assert make_double(storage, Settings()) is None
    async with open_world(storage, Settings()) as world:
        for method, path in PATHS:
            there = await world.client.request(method, path, headers=world.headers())
            nowhere = await world.client.request(method, "/nowhere", headers=world.headers())
            assert there.status_code == nowhere.status_code == 404
            assert there.json()["message"] == nowhere.json()["message"].replace("/nowhere", path)
            without_version = await world.client.request(method, path)
            assert without_version.status_code == (await world.client.request(method, "/nowhere")).status_code


async def test_nobody_steers_under_a_stranger_s_name(lab: Lab) -> None:
    for method, path in PATHS:
        body = {"seed": None} if path == "/control/ids" else {}
        answer = await lab.client.request(method, path, json=body, headers={"Host": "rebound.example"})
        assert answer.status_code == 403, path
        assert answer.headers["x-groundlevel-doc"] == "/docs/errors/control_forbidden"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8080", "[::1]:8080", "app.localhost"])
async def test_this_machine_steers_by_its_own_names(lab: Lab, host: str) -> None:
    assert (await lab.client.get("/control", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost.example.com"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": "10.0.0.1"},
        {"Host": ""},
        {"Origin": "http://localhost:5173"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-GroundLevel-Control-Key": ""},
        {"Host": "example.com", "X-GroundLevel-Control-Key": KEY},
    ],
)
async def test_others_and_pages_of_browsers_do_not(lab: Lab, headers: dict[str, str]) -> None:
    status = (await lab.client.post("/control/reset", json={}, headers=headers)).status_code
    assert status == (200 if headers == {"X-GroundLevel-Control-Key": ""} else 403)


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), ("", 403), ("k" * 31, 403), (KEY + "k", 403)])
async def test_from_another_machine_the_key_is_needed(storage: Storage, key: str, status: int) -> None:
    settings = Settings(control=True, control_key=KEY)
    application = make_application(storage, settings, double=make_double(storage, settings))
    transport = httpx.ASGITransport(application, client=("192.0.2.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://double") as client:
        answer = await client.get("/control/clock", headers={"X-GroundLevel-Control-Key": key})
        assert answer.status_code == status


async def test_without_a_key_no_other_machine_gets_in(storage: Storage) -> None:
    settings = Settings(control=True)
    application = make_application(storage, settings, double=make_double(storage, settings))
    transport = httpx.ASGITransport(application, client=("192.0.2.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/control/clock")).status_code == 403
        assert (await client.get("/control/clock", headers={"X-GroundLevel-Control-Key": ""})).status_code == 403


def test_a_real_server_answers_on_loopback() -> None:
    with Double() as session, socket.create_connection(session.url.removeprefix("http://").split(":")) as raw:  # type: ignore[arg-type]
        raw.sendall(b"GET /control/clock HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 403 ")
        assert session.clock.now
