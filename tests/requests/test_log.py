"""The log of requests: whose requests it shows, what it keeps, and that no secret is in it."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from groundlevel.app import make_application
from groundlevel.kernel.http.request_log import KEPT, SHOWN_BYTES, SHOWN_LINE_BYTES, SHOWN_SUCCESS_BYTES, RequestLog
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.requests.rules import MASK, Asked, list_requests, mask
from tests.kernel.http.world import World, open_world

PASSWORD = "correct horse battery"


async def logged(world: World, token: str = "own", **query: str) -> list[dict[str, Any]]:
    """What the holder of a token sees."""
    answer = await world.client.get("/x/requests", params=query, headers=world.headers(token))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["requests"]
    return found


def keep(log: RequestLog, path: bytes, body: bytes = b"", *, status: int, answer: bytes) -> None:
    """Keeps a request that nobody has sent."""
    log.count += 1
    log.add((0.0, 0.1, "trace", "POST", path, b"", b"curl", None, None, None, body, status, answer, None))


async def test_a_request_is_shown_with_its_reason_and_its_hint(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        body = {"locationId": world.location, "labels": {"singular": "Car"}}
        await world.client.post("/objects/", json=body, headers={**world.headers(), "X-SDK-Version": "node 2.2.1"})
        (shown,) = await logged(world)
    assert (shown["method"], shown["path"], shown["status"]) == ("POST", "/objects/", 422)
    assert shown["operation"] == "create-custom-object-schema"
    assert "labels.plural" in shown["reason"]
    assert shown["docs"] == "/docs/errors/invalid_shape"
    assert shown["client"] == "node 2.2.1"
    assert msgspec.json.decode(shown["body"]) == body
    assert msgspec.json.decode(shown["answer"])["statusCode"] == 422


async def test_each_sees_the_requests_of_their_own_location_and_company(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        for token, location in (("own", world.location), ("sister", world.sister), ("foreign", world.foreign)):
            await world.client.get("/objects/", params={"locationId": location}, headers=world.headers(token))
        await world.client.get("/objects/", headers={"Authorization": "Bearer pit-nobody", "Version": "2021-07-28"})
        seen = {name: len(await logged(world, name)) for name in ("own", "sister", "foreign", "company")}
    assert seen == {"own": 1, "sister": 1, "foreign": 1, "company": 2}


async def test_a_company_token_at_a_location_is_seen_there(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        where = {"locationId": world.location}
        await world.client.get("/objects/", params=where, headers=world.headers("company"))
        assert len(await logged(world)) == 1
        assert await logged(world, "sister") == []


async def test_secrets_are_dots(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        own = world.tokens["own"]
        params = {"locationId": world.location, "access_token": own}
        sent = {"locationId": world.location, "password": PASSWORD, "note": f"my token is {own}"}
        await world.client.post("/objects/", params=params, json=sent, headers=world.headers())
        (shown,) = await logged(world)
    text = msgspec.json.encode(shown).decode()
    assert own not in text
    assert PASSWORD not in text
    assert MASK in shown["query"]
    assert f"my token is {MASK}" in shown["body"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"client_secret": "a\\"b", "x": 1}', f'{{"client_secret": "{MASK}", "x": 1}}'),
        ('{"refreshToken":"eyJhbGciOi.eyJzdWIiOiIx.c2ln"}', f'{{"refreshToken":"{MASK}"}}'),
        ('{"password":"cut off in the mid', f'{{"password":"{MASK}'),
        ("Bearer pit-0f8fad5b-d9cb-469f-a165-70867728950e!", f"Bearer {MASK}!"),
        ("a ticket once-AbCdEfGhIj", f"a ticket {MASK}"),
        ('{"name": "Rex"}', '{"name": "Rex"}'),
        ('{"password": 12345, "api_key":"k"}', f'{{"password": "{MASK}", "api_key":"{MASK}"}}'),
        ('{"token": {"id": 1}, "tokens": ["x"]}', '{"token": {"id": 1}, "tokens": ["x"]}'),
        ('{"url": "https://a.example/?x=1&token=abc&y=2"}', f'{{"url": "https://a.example/?x=1&token={MASK}&y=2"}}'),
        ("client_id=x&client_secret=abc&code=12", f"client_id=x&client_secret={MASK}&code={MASK}"),
        ("client%5Fsecret=abc", f"client%5Fsecret={MASK}"),
        ("q=pit%2D0f8fad5b-d9cb-469f", f"q={MASK}"),
        ("name=Rex&country=US", "name=Rex&country=US"),
        ("a = b, c=d", "a = b, c=d"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


async def test_credentials_that_are_exchanged_are_not_shown_at_all(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        await world.client.post("/oauth/token", data={"client_id": "x", "client_secret": PASSWORD})
    log = RequestLog()
    sent = b"client_secret=" + PASSWORD.encode()
    said = b'{"message": "no"}'
    keep(log, b"/oauth/token", sent, status=400, answer=said)
    (shown,) = list_requests(log, Asked(), lambda each: True)
    assert (shown.body, shown.answer, shown.reason) == ("", "", "no")


async def test_the_log_can_be_followed_and_narrowed(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        where = {"locationId": world.location}
        for path in ("/objects/", "/objects/custom_objects.none", "/objects/"):
            await world.client.get(path, params=where, headers=world.headers())
        everything = await logged(world)
        assert [row["number"] for row in everything] == [3, 2, 1]
        assert [row["number"] for row in await logged(world, after="1")] == [3, 2]
        assert [row["number"] for row in await logged(world, limit="1")] == [3]
        assert [row["status"] for row in await logged(world, refused="true")] == [404]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "501"}, {"after": "x"}, {"limit": "١"}])
async def test_a_wrong_number_is_refused(storage: Storage, query: dict[str, str]) -> None:
    async with open_world(storage, Settings()) as world:
        answer = await world.client.get("/x/requests", params=query, headers=world.headers())
    assert answer.status_code == 422
    assert next(iter(query)) in answer.json()["message"][0]


async def test_without_a_log_the_operation_says_so(storage: Storage) -> None:
    async with open_world(storage, Settings(request_log=False)) as world:
        answer = await world.client.get("/x/requests", headers=world.headers())
    assert answer.status_code == 400
    assert "--request-log" in answer.headers["x-groundlevel-hint"]


async def test_credentials_that_go_astray_are_dots(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        headers = {**world.headers(), "content-type": "application/x-www-form-urlencoded"}
        form = f"name=x&client_secret={PASSWORD.replace(' ', '+')}"
        await world.client.post("/objects/?client%5Fsecret=hunter2", content=form, headers=headers)
        (shown,) = await logged(world)
    assert (shown["query"], shown["body"]) == (f"client%5Fsecret={MASK}", f"name=x&client_secret={MASK}")


async def test_what_needs_no_token_takes_little_of_the_memory(storage: Storage) -> None:
    application = make_application(storage, Settings())
    log = application.requests
    assert log is not None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test") as client:
        await client.get(f"/{'p' * 30_000}?{'q' * 30_000}", headers={"user-agent": "a" * 30_000})
    (kept,) = log.newest()
    assert [len(each) for each in (kept.path, kept.query, kept.client)] == [SHOWN_LINE_BYTES] * 3


async def test_long_bodies_are_cut(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        sent = {"locationId": world.location, "note": "x" * 2 * SHOWN_BYTES}
        await world.client.post("/objects/", json=sent, headers=world.headers())
        (shown,) = await logged(world)
    assert len(shown["body"]) == SHOWN_BYTES
    assert shown["cut"] is True


@pytest.mark.parametrize("control", [False, True])
async def test_of_what_succeeds_the_beginning_is_kept_unless_for_tests(storage: Storage, *, control: bool) -> None:
    async with open_world(storage, Settings(control=control)) as world:
        located = {"locationId": world.location}
        reply = await world.client.get("/objects/", params=located, headers=world.headers())
        (shown,) = await logged(world)
    assert len(reply.content) > SHOWN_SUCCESS_BYTES
    assert shown["answer"] == (reply.text if control else reply.text[:SHOWN_SUCCESS_BYTES])
    assert shown["cut"] is not control


def test_the_oldest_make_room() -> None:
    log = RequestLog()
    for number in range(1, KEPT + 3):
        keep(log, b"/%d" % number, status=200, answer=b"")
    assert log.oldest == 3
    numbers = [(entry.number, entry.path) for entry in log.newest()]
    assert numbers == [(number, b"/%d" % number) for number in range(KEPT + 2, 2, -1)]
    log.clear()
    assert (log.oldest, log.count, list(log.newest())) == (0, KEPT + 2, [])


@pytest.mark.parametrize("refused", [False, True])
def test_what_is_long_is_cut_by_what_it_is(refused: bool) -> None:
    long = b"x" * 2 * SHOWN_BYTES
    *lines, body, answer = RequestLog().cut((long, long, long), long, long, refused=refused)
    assert [len(line) for line in lines] == [SHOWN_LINE_BYTES] * 3
    assert (len(body), len(answer)) == (SHOWN_BYTES, SHOWN_BYTES if refused else SHOWN_SUCCESS_BYTES)


@pytest.mark.parametrize("body", [b"", b"\n", b"one\ntwo\n", b"x" * 3_000])
@pytest.mark.parametrize("answer", [b"", b"\n\n", b"{}\n"])
@pytest.mark.parametrize("status", [200, 400])
def test_what_was_sent_and_answered_is_told_apart(body: bytes, answer: bytes, status: int) -> None:
    log = RequestLog()
    keep(log, b"/a", body, status=status, answer=answer)
    (entry,) = log.newest()
    assert (entry.path, entry.query, entry.client, entry.trace_id) == (b"/a", b"", b"curl", "trace")
    assert (entry.body, entry.answer, entry.cut) == (body, answer, False)
