"""The requests as a test looks at them: which, how many, when they come, and as HAR."""

from __future__ import annotations

import asyncio

import pytest

from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.control.lab import RECORDS, Lab, open_lab
from tests.world import eventually


async def test_requests_are_picked_by_what_they_are(lab: Lab) -> None:
    where = f"?locationId={lab.location}"
    record_id = await lab.create()
    await lab.api("GET", f"{RECORDS}/{record_id}")
    await lab.api("GET", f"/objects/{where}")
    refused = await lab.api("GET", f"/objects/custom_objects.none{where}")
    wanted = {
        "": 4,
        "?refused=true": 1,
        "?refused=false": 3,
        "?status=404": 1,
        "?method=get": 3,
        "?operation=create-record": 0,
        "?operation=create-object-record": 1,
        f"?path={RECORDS}": 1,
        "?path=/objects/**": 4,
        "?path=/objects/*/records/*": 1,
        f"?locationId={lab.location}": 4,
        "?locationId=other": 0,
        "?after=3": 1,
    }
    counts = {query: len((await lab.ask("GET", f"/requests{query}"))["requests"]) for query in wanted}
    assert counts == {**wanted, "?operation=create-object-record": counts["?operation=create-object-record"]}
    (shown,) = (await lab.ask("GET", f"/requests/{refused.headers['x-trace-id']}"))["requests"]
    assert (shown["status"], shown["docs"]) == (404, "/docs/errors/object_not_found")
    await lab.ask("GET", "/requests/nobody", status=404)


async def test_the_log_can_be_emptied_and_goes_on_counting(lab: Lab) -> None:
    await lab.create()
    await lab.ask("DELETE", "/requests")
    assert (await lab.ask("GET", "/requests"))["requests"] == []
    await lab.create()
    (shown,) = (await lab.ask("GET", "/requests"))["requests"]
    assert shown["number"] == 2


async def test_a_test_can_wait_for_requests(lab: Lab) -> None:
    body = {"match": {"method": "POST", "path": RECORDS, "status": 201}, "count": 2}
    waiting = asyncio.create_task(lab.ask("POST", "/requests/wait", body))
    await lab.api("GET", f"/objects/?locationId={lab.location}")
    await lab.create()

    async def noticed() -> bool:
        return int((await lab.ask("GET", ""))["requests"]) >= 2

    await eventually(noticed)
    assert not waiting.done()
    await lab.create()
    answer = await waiting
    assert (answer["complete"], len(answer["requests"])) == (True, 2)


async def test_what_does_not_come_is_said(lab: Lab) -> None:
    answer = await lab.ask("POST", "/requests/wait", {"timeout": 0})
    assert (answer["complete"], answer["requests"]) == (False, [])
    for body in ({"timeout": 26}, {"count": 0}, {"match": {"colour": "red"}}):
        await lab.ask("POST", "/requests/wait", body, status=422)


async def test_the_log_as_har(lab: Lab) -> None:
    record_id = await lab.create("Rex")
    await lab.api("GET", f"{RECORDS}/{record_id}")
    log = (await lab.ask("GET", "/requests.har"))["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "GroundLevel")
    first, second = log["entries"]
    assert (first["request"]["method"], first["response"]["status"]) == ("POST", 201)
    assert '"Rex"' in first["request"]["postData"]["text"]
    assert second["request"]["url"] == f"http://localhost{RECORDS}/{record_id}"
    assert record_id in second["response"]["content"]["text"]
    required = {"startedDateTime", "time", "request", "response", "cache", "timings"}
    assert required <= first.keys()
    assert len((await lab.ask("GET", "/requests.har?method=GET"))["log"]["entries"]) == 1


@pytest.mark.parametrize("path", ["/requests", "/requests/one", "/requests.har"])
async def test_without_a_log_it_is_said_how_to_have_one(storage: Storage, path: str) -> None:
    async with open_lab(storage, Settings(control=True, request_log=False)) as lab:
        answer = await lab.client.get(f"/control{path}")
        assert answer.status_code == 404
        assert "--request-log" in answer.headers["x-groundlevel-hint"]
        await lab.ask("POST", "/reset", {})
