"""Workers deliver every event to whoever subscribed, once, in order, signed, and again after a failure."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from groundlevel.kernel.background import Background
from groundlevel.kernel.errors import InvalidValue, StorageUnavailable, UnknownProperty
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.oauth.app_rules import NewApp, TargetQuery, create_app, install_app, uninstall_app
from groundlevel.schema.object_rules import ObjectChange, update_object
from groundlevel.signing.rules import ED25519, list_active_keys, rotate_key
from groundlevel.webhooks import store as webhooks_store
from groundlevel.webhooks import worker as module
from groundlevel.webhooks.delivery_store import Outcome
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.fanout import fan_out
from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.policy import POLICIES
from groundlevel.webhooks.rules import (
    NewWebhook,
    create_webhook,
    delete_webhook,
    list_webhooks,
    replay_delivery,
    send_test,
)
from groundlevel.webhooks.transport import Transport
from groundlevel.webhooks.worker import Listener, Worker
from tests.webhooks.conftest import ForwardClock, Post
from tests.webhooks.receiver import Received, Reply, becomes, verified
from tests.world import PET, world_in


async def test_a_new_record_is_told_with_its_envelope_and_both_signatures(post: Post) -> None:
    webhook = await post.subscribe(path="/hooks?a=1")
    record_id = await post.world.create({"name": "buddy"}, owners=["sx6wyHhbFdRXh302LLNR"])
    async with post.working():
        (received,) = await post.receiver.wait(1)
        (logged,) = await post.wait_for(webhook, "delivered")

    assert list(received.body) == [
        "type", "id", "locationId", "objectKey", "owners", "followers", "properties", "timestamp", "webhookId", "appId"
    ]  # fmt: skip
    assert received.body == {
        "type": "RecordCreate",
        "id": record_id,
        "locationId": post.world.location.id,
        "objectKey": PET,
        "owners": ["sx6wyHhbFdRXh302LLNR"],
        "followers": [],
        "properties": [{"key": "name", "valueString": "buddy"}],
        "timestamp": received.body["timestamp"],
        "webhookId": logged.delivery.id,
        "appId": webhook.id,
    }
    assert datetime.fromisoformat(received.body["timestamp"]).timestamp() * 1_000 >= logged.delivery.created_at
    assert received.path == "/hooks?a=1"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"].startswith("GroundLevel/")
    assert await verified(post.storage, received)
    (attempt,) = logged.attempts
    assert (attempt.number, attempt.status, attempt.head, attempt.error) == (1, 200, "thanks", None)


async def test_what_was_refused_or_is_elsewhere_is_told_to_nobody(post: Post) -> None:
    await post.subscribe("RecordCreate", "RecordDelete")
    sister = await create_location(post.storage, NewLocation("Sister", post.world.location.company_id))
    elsewhere = await world_in(post.storage, sister)
    await elsewhere.pet()
    await elsewhere.create({"name": "of a sister"})
    record_id = await post.world.create({"name": "first"})
    with pytest.raises(UnknownProperty):
        await post.world.create({"colour": "red"})
    await post.world.field("age", "NUMERICAL")
    with pytest.raises(InvalidValue):
        await post.world.create({"name": "second", "age": "old"})
    await post.world.update(record_id, {"name": "changed"})
    await post.world.delete(record_id)
    async with post.working():
        received = await post.receiver.wait(2)
    assert [(each.body["type"], each.body["id"]) for each in received] == [
        ("RecordCreate", record_id),
        ("RecordDelete", record_id),
    ]


async def test_a_company_hears_of_all_its_locations_and_of_no_other(post: Post) -> None:
    company_id = post.world.location.company_id
    webhook = Webhook("w", None, company_id, None, post.receiver.url, ("RecordCreate",), None, 0)
    await post.storage.write(None, lambda tx: webhooks_store.insert_webhook(tx, webhook))
    others = [
        await create_location(post.storage, NewLocation("Sister", company_id)),
        await create_location(post.storage, NewLocation("Foreign")),
    ]
    made = [await post.world.create({"name": "own"})]
    for location in others:
        world = await world_in(post.storage, location)
        await world.pet()
        made.append(await world.create({"name": location.name}))
    async with post.working():
        received = await post.receiver.wait(2)
    assert {each.body["id"] for each in received} == set(made[:2])


async def test_an_app_hears_only_what_it_may_read_and_only_once(post: Post) -> None:
    scopes = ("objects/record.readonly",)
    app, _ = await create_app(post.storage, NewApp("An app", ("https://example.com/callback",), scopes))
    await create_webhook(post.storage, UNRESTRICTED, NewWebhook(post.receiver.url, app_id=app.id))
    location = post.world.location
    for where in (TargetQuery(location_id=location.id), TargetQuery(company_id=location.company_id)):
        await install_app(post.storage, app.id, where)
    await update_object(post.storage, post.world.call, ObjectChange(PET, [f"{PET}.name"], singular="Puppy"))
    await post.world.create({"name": "buddy"})
    async with post.working():
        await post.receiver.wait(3)
        for where in (TargetQuery(location_id=location.id), TargetQuery(company_id=location.company_id)):
            await uninstall_app(post.storage, app.id, where)
        await post.world.create({"name": "after"})
        received = await post.receiver.wait(5)
        (webhook,) = await list_webhooks(post.storage, None)
        await post.wait_for(webhook, *["delivered"] * 5)
    types = sorted(each.body["type"] for each in received)
    assert types == ["INSTALL", "INSTALL", "RecordCreate", "UNINSTALL", "UNINSTALL"]
    assert {each.body["appId"] for each in received} == {app.id}


async def test_a_receiver_that_fails_is_tried_again_under_the_same_id(post: Post) -> None:
    webhook = await post.subscribe("RecordCreate")
    post.receiver.reply = Reply(500, b"broken\0" + b"x" * 1_000)
    await post.world.create({"name": "buddy"})
    async with post.working():
        await post.attempted(webhook, 1)
        post.receiver.reply = Reply(204, b"")
        post.clock.forward(3_600)
        first, second = await post.receiver.wait(2)
        (logged,) = await post.wait_for(webhook, "delivered")

    assert first.id == second.id == logged.delivery.id
    assert first.body["timestamp"] != second.body["timestamp"]
    assert first.headers["x-ghl-signature"] != second.headers["x-ghl-signature"]
    assert await verified(post.storage, first)
    assert await verified(post.storage, second)
    assert [attempt.status for attempt in logged.attempts] == [500, 204]
    assert logged.attempts[0].head == "broken\ufffd" + "x" * 493


async def test_events_of_one_record_arrive_in_order_and_others_do_not_wait(post: Post) -> None:
    webhook = await post.subscribe("RecordCreate", "RecordUpdate", "RecordDelete")
    stuck = await post.world.create({"name": "0"})
    for step in range(1, 4):
        await post.world.update(stuck, {"name": str(step)})
    await post.world.delete(stuck)
    other = await post.world.create({"name": "other"})
    failures = 2

    def answer(received: Received) -> Reply:
        nonlocal failures
        if received.body["id"] == stuck and failures:
            failures -= 1
            return Reply(503)
        return Reply()

    post.receiver.answer = answer
    async with post.working():
        await post.receiver.wait(2)
        await post.wait_for(webhook, "pending", "waiting", "waiting", "waiting", "waiting", "delivered")
        for attempts in (2, 3):
            await post.attempted(webhook, attempts)
            post.clock.forward(3_600)
        await post.wait_for(webhook, *["delivered"] * 6)

    told = [each for each in post.receiver.received if each.body["id"] == stuck]
    names = [each.body["properties"][0]["valueString"] for each in told]
    assert names == ["0", "0", "0", "1", "2", "3", "3"]
    assert [each.body["type"] for each in told[-2:]] == ["RecordUpdate", "RecordDelete"]
    assert [each.body["id"] for each in post.receiver.received].index(other) < 3


async def test_a_delivery_dies_after_its_last_try_and_can_be_replayed(post: Post) -> None:
    webhook = await post.subscribe("RecordCreate", "RecordUpdate")
    post.receiver.answer = lambda each: Reply(400 if each.body["type"] == "RecordCreate" else 200)
    record_id = await post.world.create({"name": "buddy"})
    await post.world.update(record_id, {"name": "buddy 2"})
    tries = len(POLICIES["patient"].pauses) + 1
    async with post.working():
        for count in range(1, tries + 1):
            await post.attempted(webhook, count)
            post.clock.forward(2 * 86_400)
        first, _ = await post.wait_for(webhook, "dead", "delivered")
        assert len(first.attempts) == tries
        post.receiver.answer = lambda _: Reply()
        again = await replay_delivery(post.storage, None, first.delivery.id)
        assert (again.delivery.state, again.delivery.attempts) == ("pending", 0)
        await post.wait_for(webhook, "delivered", "delivered")
        await replay_delivery(post.storage, None, first.delivery.id)
        await post.attempted(webhook, tries + 3)
    first, second = await post.wait_for(webhook, "delivered", "delivered")
    assert [attempt.number for attempt in first.attempts] == list(range(1, tries + 3))
    assert [each.id for each in post.receiver.received].count(first.delivery.id) == tries + 2
    assert [attempt.status for attempt in second.attempts] == [200]


@pytest.mark.parametrize(("status", "state"), [(429, "pending"), (500, "dead"), (302, "dead"), (202, "delivered")])
async def test_the_live_policy_repeats_only_429(status: int, state: str, post: Post) -> None:
    webhook = await post.subscribe("RecordCreate")
    post.receiver.reply = Reply(status, headers=(("location", f"{post.receiver.url}/elsewhere"),))
    await post.world.create({"name": "buddy"})
    async with post.working(POLICIES["live"]):
        (logged,) = await post.attempted(webhook, 1)
    assert logged.delivery.state == state
    assert [attempt.status for attempt in logged.attempts] == [status]
    assert [each.path for each in post.receiver.received] == ["/"]


async def test_a_new_key_signs_at_once_and_the_old_one_stays_good(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundlevel.webhooks.worker.KEYS_SECONDS", 0.0)
    await post.subscribe("RecordCreate")
    async with post.working():
        await post.world.create({"name": "before"})
        (before,) = await post.receiver.wait(1)
        assert await verified(post.storage, before)
        await rotate_key(post.storage, ED25519)
        await post.world.create({"name": "after"})
        _, after = await post.receiver.wait(2)
    assert await verified(post.storage, after)
    assert not await verified(post.storage, before)
    assert len(await list_active_keys(post.storage, ED25519)) == 2


async def test_a_test_goes_to_its_webhook_alone_and_waits_for_nothing(post: Post) -> None:
    one = await post.subscribe("INSTALL", path="/one")
    await post.subscribe(path="/other")
    assert await send_test(post.storage, None, one.id, None) == "INSTALL"
    async with post.working():
        (received,) = await post.receiver.wait(1)
        await post.wait_for(one, "delivered")
    assert [each.path for each in post.receiver.received] == ["/one"]
    assert received.body["locationId"] == post.world.location.id


async def test_a_removed_webhook_is_told_nothing_more(post: Post) -> None:
    webhook = await post.subscribe(path="/removed")
    post.receiver.reply = Reply(500)
    record_id = await post.world.create({"name": "buddy"})
    await post.world.update(record_id, {"name": "buddy 2"})
    async with post.working():
        await post.attempted(webhook, 1)
        await delete_webhook(post.storage, None, webhook.id)
        kept = await post.subscribe(path="/kept")
        post.receiver.reply = Reply()
        post.clock.forward(86_400)
        await post.world.create({"name": "after"})
        await post.wait_for(kept, "delivered")
    assert [each.path for each in post.receiver.received] == ["/removed", "/kept"]


async def test_a_worker_that_is_stopped_gives_back_what_it_has_not_sent(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundlevel.webhooks.worker.GRACE_SECONDS", 0.2)
    webhook = await post.subscribe("RecordCreate")
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()
    post.receiver.answer = lambda _: asyncio.run_coroutine_threadsafe(_opened(gate), loop).result()
    await post.world.create({"name": "buddy"})
    async with post.working():
        await post.receiver.wait(1)
    (logged,) = await post.log(webhook)
    assert (logged.delivery.state, logged.attempts) == ("pending", [])
    assert logged.delivery.due_at <= post.storage.ids.now()
    gate.set()
    async with post.working():
        await post.wait_for(webhook, "delivered")
    assert len({each.id for each in post.receiver.received}) == 1


async def _opened(gate: asyncio.Event) -> Reply:
    await gate.wait()
    return Reply()


async def test_a_listener_alone_delivers_to_its_webhook(post: Post) -> None:
    usual = await post.subscribe("RecordCreate", path="/usual")
    until_then = post.storage.ids.now() + 60_000
    location = post.world.location
    own = Webhook("own", None, location.company_id, location.id, f"{post.receiver.url}/own", (), until_then, 0)
    await post.storage.write(None, lambda tx: webhooks_store.insert_webhook(tx, own))
    heard: list[Outcome] = []
    await post.world.create({"name": "buddy"})
    async with post.working(listener=Listener(own.id, heard.append)):
        await post.wait_for(own, "delivered")
        assert await post.states(usual) == ["pending"]
    async with post.working():
        await post.wait_for(usual, "delivered")
        post.clock.forward(3_600)
    assert [each.path for each in post.receiver.received] == ["/own", "/usual"]
    assert [each.attempt.status for each in heard] == [200]
    async with post.working():
        await becomes(
            lambda: post.storage.read(None, lambda tx: webhooks_store.find_webhook(tx, own.id)),
            lambda left: left is None,
        )


@pytest.mark.parametrize("where", ["fan_out", "delete_expired"])
async def test_an_error_nobody_expected_ends_the_worker_and_loses_nothing(
    where: str, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the supervisor that starts the next one, which finds everything in the database."""
    webhook = await post.subscribe("RecordCreate")
    real, calls = getattr(module, where), []

    async def failing_once(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise LookupError("nobody expected it")
        return await real(*args)

    monkeypatch.setattr(module, where, failing_once)
    background = Background(pauses=(0.0,), stable_seconds=600)
    task = background.start(
        "webhook worker", lambda: Worker(post.storage, Transport(UNRESTRICTED), POLICIES["patient"]).run()
    )
    await post.world.create({"name": "buddy"})
    await post.wait_for(webhook, "delivered")
    await background.stop()
    assert (task.restarts, task.error) == (1, "LookupError: nobody expected it")
    assert len(post.receiver.received) == 1


async def test_a_database_that_refuses_for_a_while_is_waited_for(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    webhook = await post.subscribe("RecordCreate")
    real, calls = fan_out, []

    async def refusing_twice(*args: Any) -> Any:
        calls.append(args)
        if len(calls) <= 2:
            raise StorageUnavailable("not now")
        return await real(*args)

    monkeypatch.setattr(module, "fan_out", refusing_twice)
    await post.world.create({"name": "buddy"})
    async with post.working():
        await post.wait_for(webhook, "delivered")
    assert len(post.receiver.received) == 1


class TickingClock(ForwardClock):
    """A clock that moves between any two looks at it, as it does where a transaction takes its time."""

    def now(self) -> int:
        self.ahead_ms += 1
        return super().now()


async def test_an_event_is_sent_in_the_round_that_finds_it(post: Post) -> None:
    await post.subscribe()
    await post.world.create({"name": "Rex"})
    post.storage.ids.clock = TickingClock(post.storage.work_available.set)
    transport = Transport(UNRESTRICTED)
    worker = Worker(post.storage, transport, POLICIES["patient"])
    try:
        await worker._round()
        assert len(worker._leased) == 1, "it waits until the worker happens to look again"
    finally:
        await worker._finish()
        await transport.close()
