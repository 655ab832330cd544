"""The official Python SDK as an app: its sessions, their renewal, and tokens for locations.

See docs/contract.md#python-sdk.
"""

from __future__ import annotations

import pytest
from highlevel import GHLError, HighLevel  # type: ignore[import-untyped]

from tests.compat.consent import DEAD
from tests.compat.server import Server, Tenant
from tests.compat.sessions import session_of

# What the SDK hands to its HTTP client is spelled as that deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


async def test_a_dead_token_is_renewed_and_the_call_repeated_once(
    sdk_app: HighLevel, server: Server, tenant: Tenant
) -> None:
    tokens = await session_of(sdk_app, server, tenant, tenant.location)
    storage = sdk_app.get_session_storage()
    renewed = tokens
    for _ in range(3):
        known = renewed
        await storage.set_session(tenant.location, {**known, "access_token": DEAD})

        listed = await sdk_app.objects.get_object_by_location_id(tenant.location)

        assert {each["key"] for each in listed["objects"]} >= {"contact", "business"}
        renewed = await storage.get_session(tenant.location)
        assert renewed["access_token"] not in (DEAD, known["access_token"])
        assert renewed["refresh_token"] != known["refresh_token"]
    assert (renewed["userType"], renewed["locationId"], bool(renewed["userId"])) == ("Location", tenant.location, True)


async def test_without_a_good_refresh_token_the_refusal_is_seen(
    sdk_app: HighLevel, server: Server, tenant: Tenant
) -> None:
    tokens = await session_of(sdk_app, server, tenant, tenant.location)
    dead = {"access_token": DEAD, "refresh_token": "none"}
    await sdk_app.get_session_storage().set_session(tenant.location, {**tokens, **dead})

    with pytest.raises(GHLError) as refused:
        await sdk_app.objects.get_object_by_location_id(tenant.location)

    assert (refused.value.status_code, refused.value.message) == (401, "Invalid JWT")


async def test_a_company_gets_tokens_for_its_locations(sdk_app: HighLevel, server: Server, tenant: Tenant) -> None:
    tokens = await session_of(sdk_app, server, tenant, tenant.company)
    assert tokens["approvedLocations"] == [tenant.location]

    installed = await sdk_app.oauth.get_installed_location(company_id=tenant.company, app_id=tenant.program.id)
    located = await sdk_app.oauth.get_location_access_token(
        {"companyId": tenant.company, "locationId": tenant.location}
    )
    await sdk_app.get_session_storage().set_session(tenant.location, located)
    listed = await sdk_app.objects.get_object_by_location_id(tenant.location)

    assert [each["_id"] for each in installed["items"]] == [tenant.location]
    assert (located["locationId"], located["tokenType"]) == (tenant.location, "Bearer")
    assert listed["objects"]


async def test_a_location_whose_tokens_are_lost_falls_back_on_its_company(
    sdk_app: HighLevel, server: Server, tenant: Tenant
) -> None:
    await session_of(sdk_app, server, tenant, tenant.company)
    lost = {"access_token": DEAD, "refresh_token": "none", "userType": "Location", "companyId": tenant.company}
    await sdk_app.get_session_storage().set_session(tenant.location, {**lost, "expires_in": 86_399})

    listed = await sdk_app.objects.get_object_by_location_id(tenant.location)

    assert listed["objects"]
