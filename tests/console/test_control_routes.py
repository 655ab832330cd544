"""The test double in the console: who may steer it there, and that whoever does stays signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from groundlevel.console.control_routes import routes_of
from groundlevel.console.model import Role
from groundlevel.console.rules import NewOperator, create_link, create_operator
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.console.test_routes import EMAIL, OURS, PASSWORD, scene
from tests.control.lab import Lab, open_lab

CONTROL = "/console/control"


@pytest.fixture
async def lab(storage: Storage) -> AsyncIterator[Lab]:
    """A server that tests steer, with a location and the object `pet`."""
    async with open_lab(storage, Settings(control=True)) as opened:
        opened.client.base_url = httpx.URL("http://localhost:8080")
        yield opened


async def sign_in(lab: Lab, **body: str) -> None:
    """Signs the client in; by a link unless told otherwise."""
    wanted = body or {"link": await create_link(lab.double.storage)}
    answer = await lab.client.post("/console/session", json=wanted, headers=OURS)
    assert answer.json()["double"] is True


async def ask(lab: Lab, method: str, path: str, body: Any = None) -> httpx.Response:
    """What the page of the console asks."""
    return await lab.client.request(method, CONTROL + path, json=body, headers=OURS)


async def test_the_cookie_of_an_owner_steers_from_the_page_alone(lab: Lab) -> None:
    assert (await ask(lab, "GET", "")).status_code == 401
    await sign_in(lab)
    assert (await ask(lab, "GET", "")).json()["disposable"] is True
    for route in routes_of(lab.double):
        path = route.path.replace("{name}", "one").replace("{id}", "one")
        for headers in ({}, {**OURS, "Sec-Fetch-Site": "cross-site"}, {**OURS, "Origin": "http://evil.example"}):
            assert (await lab.client.request(route.method, path, headers=headers)).status_code == 403, path
    page = {**OURS, "Sec-Fetch-Site": "same-origin"}
    assert (await lab.client.get("/control", headers=page)).status_code == 403


@pytest.mark.parametrize("limited", [False, True])
async def test_only_owners_of_everything_steer(lab: Lab, limited: bool) -> None:
    operator = NewOperator(EMAIL, PASSWORD, Role.OWNER, (lab.location,)) if limited else None
    await create_operator(lab.double.storage, operator or NewOperator(EMAIL, PASSWORD, Role.EDITOR))
    await sign_in(lab, email=EMAIL, password=PASSWORD)
    bodies = {f"{CONTROL}/faults": {"use": "slow"}, f"{CONTROL}/reset": {"to": "empty"}}
    for route in routes_of(lab.double):
        path = route.path.replace("{name}", "one").replace("{id}", "one")
        body = bodies.get(path, {}) if route.body else None
        answer = await lab.client.request(route.method, path, json=body, headers=OURS)
        assert (answer.status_code, answer.headers["x-groundlevel-doc"]) == (403, "/docs/errors/console_role"), path
    assert lab.double.faults.rules == []


async def test_without_control_the_console_has_no_double(storage: Storage) -> None:
    async with scene(storage) as at:
        assert (await at.sign_in()).json()["double"] is False
        there, nowhere = [await at.browser.get(path, headers=OURS) for path in (CONTROL, "/console/nowhere")]
        assert there.status_code == nowhere.status_code
        assert there.json()["message"] == nowhere.json()["message"]


async def test_a_reset_puts_back_and_leaves_its_owner_signed_in(lab: Lab) -> None:
    await sign_in(lab)
    assert (await ask(lab, "PUT", "/checkpoints/before")).json()["checkpoints"][-1] == "before"
    pet = await lab.create("Rex")
    changes = (await ask(lab, "GET", "/checkpoints/before/changes")).json()["changes"]
    assert [(change["kind"], change["op"], change["id"]) for change in changes] == [("record", "create", pet)]
    assert (await ask(lab, "POST", "/checkpoints/before/restore")).json() == {"done": True}
    assert await lab.status_of(pet) == 404
    assert (await ask(lab, "POST", "/reset", {"to": "empty"})).status_code == 200
    session = (await lab.client.get("/console/session", headers=OURS)).json()
    assert (session["role"], session["places"]) == ("owner", [])
    sessions = (await lab.client.get("/console/sessions", headers=OURS)).json()["sessions"]
    assert [each["own"] for each in sessions] == [True]


@pytest.mark.parametrize("known", [False, True])
async def test_an_operator_stays_signed_in_where_there_still_is_one(lab: Lab, known: bool) -> None:
    if not known:
        await lab.double.save("before")
    await create_operator(lab.double.storage, NewOperator(EMAIL, PASSWORD, Role.OWNER))
    if known:
        await lab.double.save("before")
    await sign_in(lab, email=EMAIL, password=PASSWORD)
    assert (await ask(lab, "POST", "/checkpoints/before/restore")).status_code == 200
    assert (await ask(lab, "GET", "")).status_code == (200 if known else 401)


async def test_what_tests_do_signs_nobody_out(lab: Lab) -> None:
    await sign_in(lab)
    for path, body in (("/reset", {}), ("/clock", {"advance": "30d"}), ("/clock", {"now": 86_400_000}), ("/reset", {})):
        await lab.ask("PUT" if path == "/clock" else "POST", path, body)
        assert (await ask(lab, "GET", "")).status_code == 200
    refused = await ask(lab, "POST", "/checkpoints/nowhere/restore")
    assert refused.status_code == 404
    assert (await ask(lab, "GET", "")).status_code == 200


async def test_a_clock_far_ahead_signs_nobody_out_who_moves_it(lab: Lab) -> None:
    await sign_in(lab)
    moved = (await ask(lab, "PUT", "/clock", {"advance": "30d", "frozen": True})).json()
    assert moved["frozen"] is True
    assert (await ask(lab, "GET", "")).json()["clock"]["now"] == moved["now"]
    bought = await lab.client.post("/console/session/token", json={"locationId": lab.location}, headers=OURS)
    assert bought.json()["expiresAt"] > moved["now"]


async def test_a_bad_duration_is_refused_and_moves_nothing(lab: Lab) -> None:
    await sign_in(lab)
    before = lab.double.clock.read()
    answer = await ask(lab, "PUT", "/clock", {"advance": "soon"})
    assert answer.status_code == 422
    assert "advance must be a duration" in str(answer.json()["message"])
    assert lab.double.clock.read().speed == before.speed
