"""Webhooks over HTTP: whose they are, what may be subscribed to, the log, tests, replays and keys."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from groundlevel.access.store import find_location
from groundlevel.kernel.model import Event
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.signing.rules import ED25519, rotate_key
from groundlevel.webhooks import delivery_store
from groundlevel.webhooks.delivery_store import Outcome
from groundlevel.webhooks.fanout import fan_out
from groundlevel.webhooks.model import Attempt
from groundlevel.webhooks.rules import count_dead_deliveries
from tests.kernel.http.world import World, open_world

URL = "https://example.com/hooks"


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with open_world(storage, Settings(host="0.0.0.0")) as world:
        yield world


async def asked(world: World, method: str, path: str, *, token: str = "own", **given: Any) -> tuple[int, Any]:
    """Status and body of an answer."""
    response = await world.client.request(method, path, headers=world.headers(token), **given)
    return response.status_code, response.json()


async def added(world: World, *, token: str = "own", **members: Any) -> dict[str, Any]:
    """A new webhook."""
    status, body = await asked(world, "POST", "/x/webhooks", token=token, json={"url": URL, **members})
    assert status == 201, body
    webhook: dict[str, Any] = body["webhook"]
    return webhook


async def test_a_webhook_from_its_beginning_to_its_end(world: World) -> None:
    webhook = await added(world, events=["RecordCreate", "RecordCreate", "INSTALL"])
    assert (webhook["url"], webhook["events"], webhook["locationId"]) == (
        URL,
        ["RecordCreate", "INSTALL"],
        world.location,
    )
    path = f"/x/webhooks/{webhook['id']}"
    assert (await asked(world, "GET", path))[1]["webhook"] == webhook
    status, body = await asked(world, "PUT", path, json={"url": f"{URL}/2"})
    assert (status, body["webhook"]) == (200, {**webhook, "url": f"{URL}/2"})
    assert (await asked(world, "PUT", path, json={"events": []}))[1]["webhook"]["events"] == []
    assert [each["id"] for each in (await asked(world, "GET", "/x/webhooks"))[1]["webhooks"]] == [webhook["id"]]
    status, body = await asked(world, "DELETE", path)
    assert (status, body["id"], body["success"]) == (200, webhook["id"], True)
    assert (await asked(world, "GET", path))[0] == 404
    assert (await asked(world, "GET", "/x/webhooks"))[1]["webhooks"] == []


async def test_whose_it_is(world: World) -> None:
    own = await added(world)
    companys = await added(world, token="company")
    sisters = await added(world, token="company", locationId=world.sister)
    assert companys["locationId"] is None
    assert companys["companyId"] == own["companyId"] == sisters["companyId"]
    reach = {"own": [own], "sister": [sisters], "company": [own, companys, sisters], "foreign": []}
    for token, webhooks in reach.items():
        ids = [webhook["id"] for webhook in webhooks]
        listed = (await asked(world, "GET", "/x/webhooks", token=token))[1]["webhooks"]
        assert sorted(each["id"] for each in listed) == sorted(ids)
        for webhook in (own, companys, sisters):
            status, _ = await asked(world, "GET", f"/x/webhooks/{webhook['id']}", token=token)
            assert status == (200 if webhook["id"] in ids else 404)
    named = (await asked(world, "GET", f"/x/webhooks?locationId={world.sister}", token="company"))[1]["webhooks"]
    assert [each["id"] for each in named] == [sisters["id"]]
    for method, path in (("PUT", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
        body: dict[str, Any] = {"json": {}} if method == "PUT" else {}
        assert (await asked(world, method, f"/x/webhooks/{own['id']}{path}", token="foreign", **body))[0] == 404
    assert (await asked(world, "POST", "/x/webhooks", token="own", json={"url": URL, "locationId": world.foreign}))[
        0
    ] == 403


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"url": "http://127.0.0.1/"}, 400, "Webhooks are not sent to 127.0.0.1, which is not a public address"),
        ({"url": "http://169.254.169.254/"}, 400, "Webhooks are not sent to 169.254.169.254"),
        ({"url": "ftp://example.com"}, 400, "The URL has to begin with http:// or https://"),
        ({"url": "https://me:secret@example.com"}, 400, "The URL may not hold a user name or password"),
        ({"url": ""}, 422, "url should not be empty"),
        ({"url": URL, "events": ["RecordCreated"]}, 422, "events"),
        ({"url": URL, "secret": "x"}, 422, "secret"),
    ],
)
async def test_what_is_refused(body: dict[str, Any], status: int, message: str, world: World) -> None:
    answered, refusal = await asked(world, "POST", "/x/webhooks", json=body)
    text = refusal["message"] if isinstance(refusal["message"], str) else " ".join(refusal["message"])
    assert (answered, message in text) == (status, True), text
    assert (await asked(world, "GET", "/x/webhooks"))[1]["webhooks"] == []


async def test_a_location_has_so_many_webhooks_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundlevel.webhooks.rules.MAX_WEBHOOKS", 2)
    await added(world)
    await added(world)
    assert (await asked(world, "POST", "/x/webhooks", json={"url": URL}))[0] == 400
    await added(world, token="sister")


async def delivered(storage: Storage, webhook_id: str, *, status: int) -> None:
    """Does what a worker does, but for the sending."""

    async def work(tx: Transaction) -> None:
        await fan_out(tx, 10)
        now = tx.ids.now()
        for delivery in await delivery_store.lease_deliveries(tx, webhook_id, now=now, until=now + 1, limit=10):
            attempt = Attempt(delivery.id, 0, now, status, 7, "ok", None)
            await delivery_store.record_outcomes(
                tx, [Outcome(delivery, attempt, "dead" if status > 299 else "delivered", now)], now=now
            )

    await storage.write(None, work)


async def test_the_log_and_a_replay(world: World, storage: Storage) -> None:
    webhook = await added(world, events=["RecordUpdate"])
    path = f"/x/webhooks/{webhook['id']}"
    for kind, status in ((None, 200), ("INSTALL", 500)):
        sent = await asked(world, "POST", f"{path}/test" + (f"?type={kind}" if kind else ""))
        assert (sent[0], sent[1]["type"]) == (201, kind or "RecordUpdate")
        await delivered(storage, webhook["id"], status=status)
    log = (await asked(world, "GET", f"{path}/deliveries"))[1]
    newest, oldest = log["deliveries"]
    assert log["next"] is None
    assert (oldest["type"], oldest["state"], newest["type"], newest["state"]) == (
        "RecordUpdate", "delivered", "INSTALL", "dead"
    )  # fmt: skip
    (attempt,) = newest["attempts"]
    assert (attempt["number"], attempt["status"], attempt["latencyMs"], attempt["response"]) == (1, 500, 7, "ok")
    assert newest["dueAt"] is None
    page = (await asked(world, "GET", f"{path}/deliveries?limit=1"))[1]
    assert page["deliveries"] == [newest]
    rest = (await asked(world, "GET", f"{path}/deliveries?before={page['next']}"))[1]
    assert rest["deliveries"] == [oldest]
    assert (await asked(world, "GET", f"{path}/deliveries?state=dead"))[1]["deliveries"] == [newest]

    replay = f"/x/webhooks/deliveries/{newest['id']}/replay"
    assert (await asked(world, "POST", replay, token="foreign"))[0] == 404
    status, body = await asked(world, "POST", replay)
    assert (status, body["delivery"]["state"], body["delivery"]["finishedAt"]) == (200, "pending", None)
    await delivered(storage, webhook["id"], status=200)
    newest = (await asked(world, "GET", f"{path}/deliveries"))[1]["deliveries"][0]
    assert [each["number"] for each in newest["attempts"]] == [1, 2]
    assert (await asked(world, "POST", "/x/webhooks/deliveries/nothing/replay"))[0] == 404


@pytest.mark.parametrize(
    "query", ["state=lost", "limit=0", "limit=101", "limit=ten", "before=-1", "before=" + "9" * 40]
)
async def test_a_query_of_the_log_that_is_not_understood(query: str, world: World) -> None:
    webhook = await added(world)
    assert (await asked(world, "GET", f"/x/webhooks/{webhook['id']}/deliveries?{query}"))[0] == 422


async def test_a_test_of_a_type_that_there_is_not(world: World) -> None:
    webhook = await added(world)
    assert (await asked(world, "POST", f"/x/webhooks/{webhook['id']}/test?type=RecordCreated"))[0] == 422


async def test_keys_are_published_to_everybody(world: World, storage: Storage) -> None:
    before = (await world.client.get("/.well-known/groundlevel/webhook-keys")).json()["keys"]
    assert [(key["header"], key["algorithm"]) for key in before] == [
        ("x-ghl-signature", "Ed25519"),
        ("x-wh-signature", "RSA-SHA256"),
    ]
    rotated = await rotate_key(storage, ED25519)
    after = (await world.client.get("/.well-known/groundlevel/webhook-keys")).json()["keys"]
    assert [key["id"] for key in after] == [rotated.id, before[0]["id"], before[1]["id"]]
    public = serialization.load_pem_public_key(after[0]["pem"].encode())
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    assert base64.b64decode(after[0]["raw"]) == raw
    assert after[2]["raw"] is None
    assert all("PRIVATE" not in key["pem"] for key in after)


async def test_what_was_sent_of_one_record(world: World, storage: Storage) -> None:
    webhook = await added(world, events=["ContactCreate"])
    await added(world, token="sister", events=["ContactCreate"])
    location = await storage.read(None, lambda tx: find_location(tx, world.location))

    async def emit(tx: Transaction) -> None:
        for subject in ("one", "two", "one"):
            tx.emit(Event("ContactCreate", subject, "{}", tx.ids.now()))

    await storage.write(location, emit)
    for _ in range(2):
        await delivered(storage, webhook["id"], status=500)
    path = f"/x/webhooks/deliveries?locationId={world.location}"
    newest, oldest = (await asked(world, "GET", f"{path}&subject=one"))[1]["deliveries"]
    assert {newest["subject"], oldest["subject"]} == {"one"}
    assert newest["number"] > oldest["number"]
    assert [attempt["status"] for attempt in oldest["attempts"]] == [500]
    page = (await asked(world, "GET", f"{path}&subject=one&limit=1"))[1]
    assert page["deliveries"] == [newest]
    rest = (await asked(world, "GET", f"{path}&subject=one&before={page['next']}"))[1]
    assert rest["deliveries"] == [oldest]
    assert (await asked(world, "GET", f"{path}&subject=three"))[1]["deliveries"] == []
    assert (await asked(world, "GET", path))[0] == 422
    assert (await asked(world, "GET", f"{path}&subject=one", token="foreign"))[0] == 403
    assert location is not None
    assert await count_dead_deliveries(storage, location) == 3
