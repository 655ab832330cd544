"""Webhooks of a double: the inbox, what faults do to them, the clock, and that resets do not disturb them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from groundlevel.control.settling import list_unfinished
from groundlevel.kernel.storage.base import Progress
from groundlevel.testing import Double
from groundlevel.testing.session import Inbox, Session
from tests.control.lab import RECORDS, Lab
from tests.postgres import database_of, fresh_database


@pytest.fixture
def session(engine_name: str, request: pytest.FixtureRequest) -> Session:
    """A double that all tests of this module share, as it was at the start."""
    shared: Session = request.getfixturevalue(f"_{engine_name}_session")
    shared.reset()
    return shared


@pytest.fixture(scope="module")
def _sqlite_session() -> Iterator[Session]:
    with Double() as running:
        yield running


@pytest.fixture(scope="module")
def _postgres_session(migrated_postgres: str, postgres_server: str) -> Iterator[Session]:
    with (
        fresh_database(postgres_server, template=database_of(migrated_postgres)) as url,
        Double(database=url) as running,
    ):
        yield running


def subscribe(session: Session, url: str | None = None) -> Inbox:
    """A webhook for records that leads to the inbox, which is returned."""
    inbox = session.inbox()
    body = {"locationId": session.location, "url": url or inbox.url, "events": ["RecordCreate"]}
    session.api("POST", "/x/webhooks", body)
    return inbox


def create(session: Session, name: str = "Hook") -> str:
    """Creates a pet and returns its id."""
    body = {"locationId": session.location, "properties": {"name": name, "species": "dog"}}
    return str(session.api("POST", RECORDS, body)["record"]["id"])


def ids(messages: list[dict[str, Any]]) -> list[str]:
    """The ids of the records that webhooks are about."""
    return [message["body"]["id"] for message in messages]


def fail(session: Session, **then: Any) -> str:
    """Adds a rule for all webhooks."""
    return session.fail({"event": "*"}, **then)


def test_a_webhook_arrives_with_good_signatures(session: Session) -> None:
    subscribe(session)
    record_id = create(session)
    (message,) = session.wait_for("RecordCreate")
    assert ids([message]) == [record_id]
    assert (message["event"], message["signature"], message["answered"]) == ("RecordCreate", "valid", 200)
    assert message["headers"]["content-type"] == "application/json"
    assert session.inbox().messages("RecordUpdate") == []


def test_what_does_not_arrive_is_said(session: Session) -> None:
    subscribe(session)
    create(session)
    session.wait_for("RecordCreate")
    with pytest.raises(AssertionError, match="there came: RecordCreate"):
        session.wait_for("RecordDelete", timeout=0)


def test_what_nobody_has_signed_is_not_valid(session: Session) -> None:
    session.control.ask("POST", "/inbox/test", {"type": "Ping"})
    assert session.wait_for("Ping")[0]["signature"] == "missing"


def test_settling_ends_when_every_webhook_has_been_sent(session: Session) -> None:
    inbox = subscribe(session)
    made = [create(session, f"Hook {number}") for number in range(12)]
    session.settle()
    assert sorted(ids(inbox.messages())) == sorted(made)


@pytest.mark.parametrize("event", ["*", "RecordCreate"])
def test_a_webhook_arrives_twice(session: Session, event: str) -> None:
    inbox = subscribe(session)
    session.fail_next({"event": event}, duplicate=2)
    first, second = create(session, "One"), create(session, "Two")
    session.settle()
    assert sorted(ids(inbox.messages())) == sorted([first, first, second])


def test_a_webhook_never_arrives(session: Session) -> None:
    inbox = subscribe(session)
    session.fail_next({"event": "*"}, drop="yes")
    create(session)
    session.settle()
    session.clock.advance("48h")
    session.settle()
    assert inbox.messages() == []


def test_a_webhook_of_one_location_never_arrives(session: Session) -> None:
    """What another location does is not touched: tests beside each other have one each."""
    inbox = subscribe(session)
    session.fail({"event": "*", "locationId": "another"}, drop="yes")
    first = create(session, "One")
    session.settle()
    session.fail({"event": "*", "locationId": session.location}, drop="yes")
    create(session, "Two")
    session.settle()
    assert ids(inbox.messages()) == [first]


def test_webhooks_arrive_in_reverse_order(session: Session) -> None:
    inbox = subscribe(session)
    fail(session, reorder=3)
    made = [create(session, f"Hook {number}") for number in range(3)]
    messages = inbox.wait_for(count=3)
    assert sorted(ids(messages)) == sorted(made)
    assert ids(messages) != made


def test_fewer_than_are_to_change_places_arrive_after_a_while(session: Session) -> None:
    inbox = subscribe(session)
    fail(session, reorder=100)
    record_id = create(session)
    assert ids(inbox.wait_for()) == [record_id]


def test_signatures_are_wrong(session: Session) -> None:
    inbox = subscribe(session)
    session.fail_next({"event": "*"}, bad_signature=True)
    create(session, "One")
    session.settle()
    create(session, "Two")
    session.settle()
    assert [message["signature"] for message in inbox.messages()] == ["invalid", "valid"]


def test_a_webhook_comes_late(session: Session) -> None:
    inbox = subscribe(session)
    fail(session, delay="20ms±10ms")
    create(session)
    assert len(inbox.wait_for()) == 1


def test_an_inbox_refuses_and_the_clock_brings_the_next_attempt(session: Session) -> None:
    inbox = session.inbox()
    subscribe(session, inbox.refusing(500, times=2))
    create(session)
    session.settle()
    assert [message["answered"] for message in inbox.messages()] == [500]
    session.clock.advance("6s")
    session.settle()
    session.clock.advance("20s")
    session.settle()
    assert [message["answered"] for message in inbox.messages()] == [500, 500, 200]
    assert len({message["body"]["webhookId"] for message in inbox.messages()}) == 1


def test_webhooks_go_on_after_resets(session: Session) -> None:
    for number in range(10):
        inbox = subscribe(session)
        record_id = create(session, f"Hook {number}")
        if number % 2:
            assert ids(inbox.wait_for()) == [record_id]
        session.reset()
    session.settle()
    assert session.inbox().messages() == []
    assert session.api("GET", f"/x/webhooks?locationId={session.location}")["webhooks"] == []
    metrics = httpx.get(f"{session.url}/metrics").text
    restarts = re.findall(r"^groundlevel_background_restarts_total\{.*\} (.*)$", metrics, re.MULTILINE)
    assert restarts
    assert set(restarts) == {"0.0"}


def test_what_is_on_its_way_at_a_reset_is_forgotten(session: Session) -> None:
    inbox = subscribe(session)
    checkpoint = session.checkpoint("subscribed")
    fail(session, delay="10s")
    create(session, "Slow")
    session.wait_for_requests(f"POST {RECORDS}")
    checkpoint.restore()
    session.clear_faults()
    record_id = create(session, "Next")
    assert ids(inbox.wait_for()) == [record_id]
    session.settle()
    assert ids(inbox.messages()) == [record_id]


async def test_what_arrives_from_before_a_reset_is_not_kept(lab: Lab) -> None:
    now = lab.double.storage.generation
    for generation in (now - 1, now):
        await lab.client.post("/control/inbox/one", json={}, headers={"X-GroundLevel-Generation": str(generation)})
    assert len((await lab.ask("GET", "/inbox/one/messages"))["messages"]) == 1


async def test_what_is_begun_while_it_is_looked_is_not_overlooked(lab: Lab) -> None:
    storage = lab.double.storage
    looks = [Progress(unfinished=0, begun=4), Progress(unfinished=0, begun=5)]
    storage.progress["deliveries"] = lambda: looks.pop(0) if len(looks) > 1 else looks[0]
    assert await list_unfinished(storage) == {"deliveries": 1}
    assert await list_unfinished(storage) == {}
    assert (await lab.ask("POST", "/settle", {"timeout": 1}))["settled"] is True


async def test_events_that_no_worker_has_seen_yet_are_unfinished(lab: Lab) -> None:
    storage = lab.double.storage
    webhook = {"locationId": lab.location, "url": "http://localhost/control/inbox/test", "events": ["RecordCreate"]}
    assert (await lab.api("POST", "/x/webhooks", webhook)).status_code == 201
    await lab.create()
    assert await list_unfinished(storage) == {}, "without a worker they are nothing that this server will do"
    storage.progress["deliveries"] = lambda: Progress(unfinished=0, begun=0)
    assert await list_unfinished(storage) == {"events": 1}


async def test_an_inbox_can_be_emptied(lab: Lab) -> None:
    for name in ("one", "two"):
        await lab.ask("POST", f"/inbox/{name}", {"type": "Ping"})
    await lab.ask("DELETE", "/inbox/one")
    assert (await lab.ask("GET", "/inbox/one/messages"))["messages"] == []
    assert len((await lab.ask("GET", "/inbox/two/messages"))["messages"]) == 1
    assert (await lab.ask("GET", "/inbox/two/messages?after=1"))["messages"] == []


async def test_an_inbox_takes_what_is_no_json(lab: Lab) -> None:
    answer = await lab.client.post("/control/inbox/one", content=b"\xffplain")
    assert answer.status_code == 200
    (message,) = (await lab.ask("GET", "/inbox/one/messages"))["messages"]
    assert (message["body"], message["event"]) == ("�plain", "")
