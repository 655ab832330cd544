"""The official Node SDK as an app: its sessions, their renewal, and tokens for locations.

See docs/contract.md#node-sdk.
"""

from __future__ import annotations

import pytest

from tests.compat.consent import DEAD
from tests.compat.expected import ALL, REPLIES, UNLOCATED
from tests.compat.known import OBJECT, World
from tests.compat.node.driver import Call, NodeSdk, Refused
from tests.compat.node.operations import arguments, method
from tests.compat.node.sessions import LIST, STANDARD, keep, kept, keys, session_of
from tests.compat.server import Server, Tenant

SCHEMA = "create-custom-object-schema"
"""The one operation for which the SDK wants a company's session."""


def test_every_operation_succeeds_with_sessions(node_app: NodeSdk, server: Server, world: World) -> None:
    """The SDK finds the session of a call by its locationId; by headers where the call has none of its own."""
    tenant = world.tenant
    session_of(node_app, server, tenant, tenant.location)
    session_of(node_app, server, tenant, tenant.company)

    replies, without = {}, {}
    for operation in ALL:
        given = arguments(world.known(operation))
        (replies[operation],) = node_app.calls(Call(method(operation), (*given,)))
        if isinstance(refused := replies[operation], Refused):
            without[operation] = (refused.status, str(refused))
            named = {"headers": {"locationId": tenant.location, "companyId": tenant.company}}
            replies[operation] = node_app.call(method(operation), *given, named)

    assert without == dict.fromkeys(UNLOCATED | {SCHEMA}, (None, "Authentication token required but not available"))
    assert {operation: set(reply) - {"traceId"} for operation, reply in replies.items()} == REPLIES


def test_a_dead_token_is_renewed_and_the_call_repeated(node_app: NodeSdk, server: Server, tenant: Tenant) -> None:
    renewed = session_of(node_app, server, tenant, tenant.location)
    for _ in range(3):
        known = renewed
        keep(node_app, tenant.location, {**known, "access_token": DEAD})

        assert keys(node_app, tenant) == STANDARD
        renewed = kept(node_app, tenant.location)
        assert renewed["access_token"] not in (DEAD, known["access_token"])
        assert renewed["refresh_token"] != known["refresh_token"]
    assert (renewed["userType"], renewed["locationId"], bool(renewed["userId"])) == ("Location", tenant.location, True)
    assert renewed["companyId"] == tenant.company


def test_a_token_is_renewed_before_it_expires(node_app: NodeSdk, server: Server, tenant: Tenant) -> None:
    tokens = session_of(node_app, server, tenant, tenant.location)
    keep(node_app, tenant.location, {**tokens, "expires_in": 1})

    assert keys(node_app, tenant) == STANDARD
    renewed = kept(node_app, tenant.location)
    assert renewed["access_token"] != tokens["access_token"]
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert keys(node_app, tenant) == STANDARD
    assert kept(node_app, tenant.location) == renewed


def test_calls_at_once_share_one_renewal(node_app: NodeSdk, server: Server, tenant: Tenant) -> None:
    """The SDK renews once for all of them: a refresh token used again after the grace time would end them all."""
    tokens = session_of(node_app, server, tenant, tenant.location)
    keep(node_app, tenant.location, {**tokens, "access_token": DEAD})

    outcomes = node_app.calls(*[Call(LIST, ({"locationId": tenant.location},))] * 12)

    assert [each for each in outcomes if isinstance(each, Refused)] == []
    keep(node_app, tenant.location, {**kept(node_app, tenant.location), "access_token": DEAD})
    assert keys(node_app, tenant) == STANDARD


def test_what_is_written_on_a_dead_token_is_written_once(node_app: NodeSdk, server: Server, world: World) -> None:
    """After a refusal the SDK finds no locationId in a body, since that is a text by then: a header has to name it."""
    tenant = world.tenant
    tokens = session_of(node_app, server, tenant, tenant.location)
    body = {**world.located, "properties": {"name": "Zoë 🐶"}}
    named = {"headers": {"locationId": tenant.location}}

    keep(node_app, tenant.location, {**tokens, "access_token": DEAD})
    with pytest.raises(Refused, match="Invalid JWT"):
        node_app.call("objects.createObjectRecord", {"schemaKey": OBJECT}, body)
    made = node_app.call("objects.createObjectRecord", {"schemaKey": OBJECT}, body, named)
    search = {**world.located, "page": 1, "pageLimit": 10, "query": "zoë", "searchAfter": []}
    found = node_app.call("objects.searchObjectRecords", {"schemaKey": OBJECT}, search)

    assert made["record"]["properties"] == {"name": "Zoë 🐶"}
    assert [each["id"] for each in found["records"]] == [made["record"]["id"]]
    assert found["records"][0]["createdBy"]["sourceId"] == tenant.program.client_id


def test_without_a_good_refresh_token_the_refusal_is_seen(node_app: NodeSdk, server: Server, tenant: Tenant) -> None:
    tokens = session_of(node_app, server, tenant, tenant.location)
    keep(node_app, tenant.location, {**tokens, "access_token": DEAD, "refresh_token": "none"})

    with pytest.raises(Refused, match="Invalid JWT") as caught:
        keys(node_app, tenant)

    assert (caught.value.status, caught.value.kind) == (401, "GHLAuthenticationError")


def test_a_refresh_token_used_again_at_once_gets_the_same_tokens(
    node_app: NodeSdk, server: Server, tenant: Tenant
) -> None:
    """Within the grace time; what a use after it revokes is tested beside the rule, in tests/oauth/test_grace.py."""
    tokens = session_of(node_app, server, tenant, tenant.location)

    renewed = node_app.call("oauth.refreshToken", *refresh(tenant, tokens["refresh_token"]))
    again = node_app.call("oauth.refreshToken", *refresh(tenant, tokens["refresh_token"]))
    keep(node_app, tenant.location, again)

    named = ("access_token", "refresh_token")
    assert [again[each] for each in named] == [renewed[each] for each in named]
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert keys(node_app, tenant) == STANDARD


def test_a_refresh_token_nobody_issued_is_refused(node_app: NodeSdk, server: Server, tenant: Tenant) -> None:
    with pytest.raises(Refused, match="refresh token") as caught:
        node_app.call("oauth.refreshToken", *refresh(tenant, "none"))

    assert (caught.value.status, caught.value.kind) == (400, "GHLValidationError")


def refresh(tenant: Tenant, token: str) -> tuple[str, ...]:
    """The arguments of the SDK's `refreshToken`."""
    return (token, tenant.program.client_id, tenant.program.secret, "refresh_token", "Location")


def test_a_company_gets_tokens_for_its_locations(node_app: NodeSdk, server: Server, tenant: Tenant) -> None:
    tokens = session_of(node_app, server, tenant, tenant.company)
    assert (tokens["userType"], tokens["approvedLocations"]) == ("Company", [tenant.location])

    asked = {"companyId": tenant.company, "appId": tenant.program.id}
    installed = node_app.call("oauth.getInstalledLocation", asked)
    located = node_app.call(
        "oauth.getLocationAccessToken", {"companyId": tenant.company, "locationId": tenant.location}
    )
    keep(node_app, tenant.location, located)

    assert [each["_id"] for each in installed["locations"]] == [tenant.location]
    assert (located["locationId"], located["token_type"]) == (tenant.location, "Bearer")
    assert keys(node_app, tenant) == STANDARD


def test_tokens_of_a_location_that_its_company_got_are_renewed(
    node_app: NodeSdk, server: Server, tenant: Tenant
) -> None:
    session_of(node_app, server, tenant, tenant.company)
    located = node_app.call(
        "oauth.getLocationAccessToken", {"companyId": tenant.company, "locationId": tenant.location}
    )
    keep(node_app, tenant.location, {**located, "access_token": DEAD})

    assert keys(node_app, tenant) == STANDARD
    assert kept(node_app, tenant.location)["refresh_token"] != located["refresh_token"]


@pytest.mark.parametrize("company_expires_in", [86_399, 1])
def test_a_location_whose_tokens_are_lost_falls_back_on_its_company(
    company_expires_in: int, node_app: NodeSdk, server: Server, tenant: Tenant
) -> None:
    company = session_of(node_app, server, tenant, tenant.company)
    keep(node_app, tenant.company, {**company, "expires_in": company_expires_in})
    lost = {"access_token": DEAD, "refresh_token": "none", "userType": "Location", "companyId": tenant.company}
    keep(node_app, tenant.location, {**lost, "expires_in": 86_399})

    assert keys(node_app, tenant) == STANDARD
    renewed = kept(node_app, tenant.location)
    assert (renewed["locationId"], renewed["companyId"]) == (tenant.location, tenant.company)
    assert renewed["access_token"] != DEAD
    assert (kept(node_app, tenant.company)["refresh_token"] == company["refresh_token"]) == (company_expires_in > 1)
