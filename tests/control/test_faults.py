"""What faults do to requests: what is answered then, and what is stored all the same."""

from __future__ import annotations

import json
import random
import socket
from typing import Any

import httpx
import pytest

from groundlevel.api import ROUTES
from groundlevel.associations.relation_rules import NewRelation, create_relation
from groundlevel.associations.rules import NewAssociation, create_association
from groundlevel.control.fault_sending import break_json, without_newer
from groundlevel.control.faults import scenarios
from groundlevel.kernel.events import event_kinds
from groundlevel.testing import Double
from groundlevel.testing.session import Session
from tests.control.lab import RECORDS, Lab, fail, listed
from tests.world import PET


@pytest.fixture(scope="module")
def server() -> Any:
    """One real server for the faults of connections."""
    with Double() as running:
        yield running


@pytest.fixture
def session(server: Session) -> Session:
    """It, as it was at the start."""
    server.reset()
    return server


async def test_times_and_nth_are_counted(lab: Lab) -> None:
    await fail(lab, {"times": 2}, status=500)
    assert [await listed(lab) for _ in range(4)] == [500, 500, 200, 200]
    assert lab.double._application.find_fault is None
    await fail(lab, {"nth": 3}, status=500)
    assert [await listed(lab) for _ in range(4)] == [200, 200, 500, 200]
    shown = (await lab.ask("GET", "/faults"))["faults"]
    assert [(each["seen"], each["applied"]) for each in shown] == [(2, 2), (3, 1)]


async def test_chance_repeats_itself(lab: Lab) -> None:
    async def run() -> list[int]:
        await fail(lab, {"probability": 0.5}, status=500)
        return [await listed(lab) for _ in range(20)]

    first = await run()
    assert set(first) == {200, 500}
    await lab.ask("POST", "/reset", {})
    assert await run() == first


async def test_the_first_rule_that_matches_applies(lab: Lab) -> None:
    first = await fail(lab, {}, status=500)
    await fail(lab, {}, status=503)
    assert await listed(lab) == 500
    await lab.ask("DELETE", f"/faults/{first}")
    assert await listed(lab) == 503
    await lab.ask("DELETE", f"/faults/{first}", status=404)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (408, "Request Timeout"),
        (422, "Unprocessable Entity"),
        (429, "Too Many Requests"),
        (500, "Internal Server Error"),
        (502, "Bad Gateway"),
        (503, "Service Unavailable"),
        (504, "Gateway Timeout"),
        (599, "Error"),
    ],
)
async def test_a_status_has_the_platform_s_body(lab: Lab, status: int, error: str) -> None:
    rule = await fail(lab, {}, status=status, retryAfter=7, headers={"X-More": "yes"})
    answer = await lab.api("GET", f"/objects/?locationId={lab.location}")
    body = answer.json()
    assert (answer.status_code, body["statusCode"], body["error"]) == (status, status, error)
    assert body["traceId"] == answer.headers["x-trace-id"]
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-more"] == "yes"
    assert answer.headers["x-groundlevel-fault"] == rule
    assert answer.headers["x-ratelimit-remaining"] == ("0" if status == 429 else "100")


async def test_a_status_can_have_another_body(lab: Lab) -> None:
    await fail(lab, {}, status=400, body={"error": "invalid_grant"})
    assert (await lab.api("GET", "/objects/")).json() == {"error": "invalid_grant"}
    await lab.ask("DELETE", "/faults")
    await fail(lab, {}, status=502, body="<h1>Bad gateway</h1>")
    answer = await lab.api("GET", "/objects/")
    assert (answer.text, answer.headers["content-type"]) == ("<h1>Bad gateway</h1>", "text/html; charset=utf-8")


async def test_an_operation_is_performed_only_where_the_rule_says_so(lab: Lab) -> None:
    record = {"locationId": lab.location, "properties": {"name": "Rex"}}
    await fail(lab, {"times": 1}, status=500)
    assert (await lab.api("POST", RECORDS, record)).status_code == 500
    assert await lab.names() == []
    await fail(lab, {"times": 1}, status=500, performed=True)
    assert (await lab.api("POST", RECORDS, record)).status_code == 500
    assert await lab.names() == ["Rex"]


async def test_a_refusal_is_answered_before_a_fault_that_performs(lab: Lab) -> None:
    await fail(lab, {"times": 1}, status=500, performed=True)
    answer = await lab.api("POST", RECORDS, {"locationId": lab.location, "properties": {"nonsense": 1}})
    assert answer.status_code in (400, 422)


async def test_the_log_says_which_requests_a_fault_has_changed(lab: Lab) -> None:
    rule = await fail(lab, {"times": 1}, status=429)
    await listed(lab)
    await listed(lab)
    shown = (await lab.ask("GET", "/requests"))["requests"]
    assert [(each["status"], each["fault"]) for each in shown] == [(200, ""), (429, rule)]


async def test_control_and_console_meet_no_fault(lab: Lab) -> None:
    await fail(lab, {}, status=500)
    await lab.ask("GET", "")
    assert (await lab.client.get("/console/session", headers={"X-GroundLevel-Console": "1"})).status_code == 401
    assert (await lab.client.get("/health")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"match": {}}, 400),
        ({"then": {}}, 400),
        ({"then": {"performed": True}}, 400),
        ({"then": {"status": 500}, "use": "slow"}, 400),
        ({"then": {"status": 200}}, 422),
        ({"then": {"status": 600}}, 422),
        ({"then": {"drop": "later"}}, 400),
        ({"then": {"delay": "soon"}}, 422),
        ({"then": {"trickle": "fast"}}, 422),
        ({"then": {"explode": True}}, 422),
        ({"then": {"duplicate": 2}}, 400),
        ({"match": {"event": "*"}, "then": {"status": 500}}, 400),
        ({"match": {"event": "*", "method": "GET"}, "then": {"drop": "x"}}, 400),
        ({"match": {"times": 0}, "then": {"status": 500}}, 422),
        ({"match": {"probability": 2}, "then": {"status": 500}}, 422),
        ({"match": {"colour": "red"}, "then": {"status": 500}}, 422),
        ({"use": "nothing-of-the-kind"}, 404),
    ],
)
async def test_a_rule_that_cannot_be_used_is_refused(lab: Lab, body: dict[str, Any], status: int) -> None:
    await lab.ask("POST", "/faults", body, status=status)
    assert (await lab.ask("GET", "/faults"))["faults"] == []
    assert lab.double._application.find_fault is None


@pytest.mark.parametrize("name", [name for name, _ in scenarios()])
async def test_every_scenario_can_be_used(lab: Lab, name: str) -> None:
    added = (await lab.ask("POST", "/faults", {"use": name}))["faults"]
    assert added
    assert {each["scenario"] for each in added} == {name}
    shown = {each["name"]: each for each in (await lab.ask("GET", "/scenarios"))["scenarios"]}
    assert [each["rule"] for each in added] == shown[name]["rules"]


def test_scenarios_name_operations_and_events_that_there_are() -> None:
    rules = [rule.match for _, scenario in scenarios() for rule in scenario.rules]
    operations = {rule.operation for rule in rules if isinstance(rule.operation, str)}
    events = {rule.event for rule in rules if isinstance(rule.event, str)}
    assert operations
    assert operations <= {route.operation_id for route in ROUTES}
    assert events <= {"*", *(kind.type for kind in event_kinds())}


async def test_a_search_does_not_find_what_is_too_new(lab: Lab) -> None:
    await lab.create("Old")
    await lab.ask("PUT", "/profile", {"searchLag": "2s"})
    await lab.ask("PUT", "/clock", {"advance": "3s", "frozen": True})
    fresh = await lab.create("New")
    assert await lab.names() == ["Old"]
    assert await lab.status_of(fresh) == 200
    await lab.ask("PUT", "/clock", {"advance": "2s"})
    assert await lab.names() == ["New", "Old"]
    await lab.ask("PUT", "/profile", {"searchLag": None})
    assert (await lab.ask("GET", "/faults"))["faults"] == []


async def test_the_relations_of_a_record_show_late(lab: Lab) -> None:
    await lab.ask("PUT", "/profile", {"relationLag": "2s"})
    await lab.ask("PUT", "/clock", {"frozen": True})
    first, second = await lab.create("A"), await lab.create("B")
    friends = await lab.world.do(create_association, NewAssociation("friends", PET, "A", PET, "B"))
    relation = await lab.world.do(create_relation, NewRelation(friends.id, first, second))
    path = f"/associations/relations/{first}?locationId={lab.location}&skip=0&limit=10"
    shown = (await lab.api("GET", path)).json()
    assert (shown["relations"], shown["total"]) == ([], 0)
    await lab.ask("PUT", "/clock", {"advance": "2s"})
    shown = (await lab.api("GET", path)).json()
    assert ([each["id"] for each in shown["relations"]], shown["total"]) == ([relation.relation.id], 1)


def test_what_is_newer_is_left_out_of_any_list() -> None:
    body = json.dumps({"contacts": [{"dateAdded": 5}, {"dateAdded": "1970-01-01T00:00:00.009Z"}, {}], "total": 8})
    assert json.loads(without_newer(body.encode(), 6)) == {"contacts": [{"dateAdded": 5}, {}], "total": 7}
    for other in (b"no json", b"[]", b'{"record":{"createdAt":9}}'):
        assert without_newer(other, 6).replace(b" ", b"") == other.replace(b" ", b"")


def test_a_broken_body_has_its_length() -> None:
    body = b'{"record":{"id":"1"}}'
    for seed in range(50):
        broken = break_json(body, random.Random(seed))
        assert len(broken) == len(body)
        with pytest.raises(ValueError):
            json.loads(broken)


# --- connections


def create(session: Session, **headers: str) -> httpx.Response:
    """Creates a pet."""
    body = {"locationId": session.location, "properties": {"name": "Fault", "species": "dog"}}
    return httpx.post(session.url + RECORDS, json=body, headers={**session.headers, **headers})


def count(session: Session) -> int:
    """How many of them there are."""
    body = {"locationId": session.location, "page": 1, "pageLimit": 1, "query": "Fault"}
    return int(session.api("POST", f"{RECORDS}/search", body)["total"])


@pytest.mark.parametrize(("drop", "stored"), [("before", 0), ("after-commit", 1)])
def test_an_answer_is_lost_before_or_after_the_commit(session: Session, drop: str, stored: int) -> None:
    session.fail_next(f"POST {RECORDS}", drop=drop)
    with pytest.raises(httpx.RemoteProtocolError):
        create(session)
    assert count(session) == stored
    (lost,) = session.requests(path=RECORDS, method="POST")
    assert lost["status"] == (201 if stored else 0)
    assert create(session).status_code == 201


def test_an_answer_is_lost_when_all_was_sent_and_without_a_reset(session: Session) -> None:
    session.fail_next(f"POST {RECORDS}", drop="before")
    host, port = session.url.removeprefix("http://").split(":")
    body = b" " * 4_000_000
    head = "".join(f"{name}: {value}\r\n" for name, value in session.headers.items())
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(f"POST {RECORDS} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n".encode() + body)
        assert raw.recv(100) == b""


def test_a_retry_with_the_same_key_finds_the_record_of_the_lost_answer(session: Session) -> None:
    session.fail_next(f"POST {RECORDS}", drop="after-commit")
    with pytest.raises(httpx.RemoteProtocolError):
        create(session, **{"Idempotency-Key": "one"})
    assert create(session, **{"Idempotency-Key": "one"}).status_code == 201
    assert count(session) == 1


def test_a_connection_is_reset(session: Session) -> None:
    session.fail_next("GET /objects/", reset=True)
    host, port = session.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        head = "".join(f"{name}: {value}\r\n" for name, value in session.headers.items())
        raw.sendall(f"GET /objects/?locationId={session.location} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n".encode())
        with pytest.raises(ConnectionResetError):
            raw.recv(100)


def test_a_body_is_cut_off(session: Session) -> None:
    session.fail_next("GET /objects/", truncate=10)
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        httpx.get(f"{session.url}/objects/?locationId={session.location}", headers=session.headers)


def test_a_body_is_no_json(session: Session) -> None:
    session.fail_next("GET /objects/", malformed=True)
    answer = httpx.get(f"{session.url}/objects/?locationId={session.location}", headers=session.headers)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


def test_a_body_comes_slowly_and_whole(session: Session) -> None:
    path = f"{session.url}/objects/?locationId={session.location}"
    usual = httpx.get(path, headers=session.headers)
    session.fail_next("GET /objects/", trickle="100KB/s", delay="10ms±5ms")
    pieces = []
    with httpx.stream("GET", path, headers=session.headers) as slow:
        pieces = list(slow.iter_raw())
    assert json.loads(b"".join(pieces))["objects"] == usual.json()["objects"]


def test_a_streamed_reply_is_cut_off_as_well(session: Session) -> None:
    path = f"{session.url}/x/objects/custom_objects.pet/records/export?locationId={session.location}"
    whole = httpx.get(path, headers=session.headers)
    assert whole.status_code == 200, whole.text
    session.fail_next("GET /x/objects/*/records/export", truncate=20)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(path, headers=session.headers)
