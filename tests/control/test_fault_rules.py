"""What the rules of faults are about: requests by what they are and who sends them, webhooks by their event."""

from __future__ import annotations

from typing import Any

import pytest

from groundlevel.access.rules import NewToken, create_token
from groundlevel.control.fault_rules import path_pattern
from groundlevel.kernel.storage.statements import Statement
from tests.control.lab import RECORDS, Lab, fail, listed


@pytest.mark.parametrize(
    "match",
    [
        {},
        {"operation": "get-object-by-location-id"},
        {"method": "get"},
        {"path": "/objects"},
        {"path": "/obj*"},
        {"path": "/**"},
        {"headers": {"X-Step": "2"}},
        {"method": "GET", "path": "/objects/", "times": 9},
    ],
)
async def test_what_a_rule_matches(lab: Lab, match: dict[str, Any]) -> None:
    await fail(lab, match, status=500)
    answer = await lab.api("GET", f"/objects/?locationId={lab.location}", **{"X-Step": "2"})
    assert answer.status_code == 500
    await lab.ask("DELETE", "/faults")
    assert await listed(lab) == 200


@pytest.mark.parametrize(
    "match",
    [
        {"operation": "create-record"},
        {"method": "POST"},
        {"path": "/objects/*"},
        {"path": "/contacts/**"},
        {"headers": {"X-Step": "2"}},
        {"locationId": "another"},
        {"event": "*"},
    ],
)
async def test_what_it_does_not_match(lab: Lab, match: dict[str, Any]) -> None:
    await fail(lab, match, **({"drop": "yes"} if "event" in match else {"status": 500}))
    assert await listed(lab) == 200


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("/objects/*/records", "/objects/custom_objects.pet/records", True),
        ("/objects/*/records", "/objects/custom_objects.pet/records/", True),
        ("/objects/*/records", "/objects/custom_objects.pet/records/1", False),
        ("/objects/*/records", "/objects/a/b/records", False),
        ("/objects/**", "/objects/a/b/records", True),
        ("/**/search", "/objects/a/records/search", True),
        ("/objects/custom_objects.*", "/objects/custom_objects.pet", True),
        ("/objects/custom_objects.*", "/objects/customXobjects.pet", False),
    ],
)
def test_paths_of_rules(glob: str, path: str, matches: bool) -> None:
    assert (path_pattern(glob).fullmatch(path) is not None) is matches


async def test_a_location_is_that_of_the_path_the_query_or_the_token(lab: Lab) -> None:
    await fail(lab, {"locationId": lab.location}, status=503)
    record = {"locationId": lab.location, "properties": {"name": "Rex"}}
    assert (await lab.api("POST", RECORDS, record)).status_code == 503
    assert (await lab.api("GET", f"/locations/{lab.location}")).status_code == 503
    company = (await lab.double.storage.read(None, _first_company))[0]
    secret, _ = await create_token(lab.double.storage, NewToken("company", company_id=company))
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await lab.api("GET", f"/objects/?locationId={lab.location}", **headers)).status_code == 503
    assert (await lab.api("GET", "/objects/?locationId=other", **headers)).status_code == 403


async def test_a_token_is_matched_and_shown_to_nobody(lab: Lab) -> None:
    other, _ = await create_token(lab.double.storage, NewToken("other", location_id=lab.location))
    await fail(lab, {"token": lab.token}, status=401)
    await fail(lab, {"headers": {"Authorization": f"Bearer {other}", "X-Step": "2"}}, status=503)
    path = f"/objects/?locationId={lab.location}"
    assert (await lab.api("GET", path)).headers["x-groundlevel-fault"] == "fault-1"
    assert (await lab.api("GET", path, Authorization=f"bearer  {lab.token}")).status_code == 401
    assert (await lab.api("GET", path, Authorization=f"Bearer {other}")).status_code == 200
    refused = await lab.api("GET", path, Authorization="Basic eDp5")
    assert refused.status_code == 401
    assert "x-groundlevel-fault" not in refused.headers
    shown = await lab.ask("GET", "/faults")
    assert [rule["rule"]["match"] for rule in shown["faults"]] == [
        {"token": "•••"},
        {"headers": {"Authorization": "•••", "X-Step": "2"}},
    ]


async def test_a_rule_about_webhooks_names_no_request(lab: Lab) -> None:
    for member, value in {"token": "t", "operation": "o", "method": "GET", "path": "/x", "headers": {"a": "b"}}.items():
        rule = {"match": {"event": "*", member: value}, "then": {"drop": "yes"}}
        refused = await lab.ask("POST", "/faults", rule, status=400)
        assert "not both" in str(refused["message"])


async def _first_company(tx: Any) -> Any:
    return await tx.connection.row(Statement.query("SELECT id FROM companies"))
