"""Both official SDKs, unchanged but for their base URL: operations on contacts, opportunities, locations and users.

See docs/contract.md#python-sdk, #node-sdk.
"""

from __future__ import annotations

from typing import Any

from highlevel import GHLError, HighLevel  # type: ignore[import-untyped]

from tests.compat.deviations_contacts import CONTACTS
from tests.compat.deviations_locations import LOCATIONS
from tests.compat.deviations_sales import OPPORTUNITIES
from tests.compat.documented_calls import Documented, documented, snake
from tests.compat.known import World
from tests.compat.node.driver import NodeSdk, Refused
from tests.compat.node.operations import arguments

ALL = documented(CONTACTS, OPPORTUNITIES, LOCATIONS)
UNSUPPORTED = {each.name: f"400 {each.route.summary} by this server" for each in ALL if not each.route.supported}
OUTDATED = {"get-contacts"}
"""What version v3 of the API, which the Python SDK speaks, no longer has."""
UNCALLABLE = {each.name for each in ALL if each.lacks_parameters}
"""What the Python SDK cannot call: where the document lacks a parameter of the path, so does the method."""
USERS = {
    "search-users": {"users", "count"},
    "get-user": {"id", "name", "firstName", "lastName", "email", "phone", "roles"},
    "get-user-by-location": {"users"},
}
"""The operations on users, and members of their replies."""


def without_documented_members(replies: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    """The documented members that replies lack, by operation."""
    lacking = {each.name: each.shown - replies.get(each.name, each.shown) for each in ALL}
    return {name: members for name, members in lacking.items() if members}


async def test_python(sdk: HighLevel, world: World) -> None:
    replies: dict[str, set[str]] = {}
    refused: dict[str, str] = {}
    called = [each for each in ALL if each.name not in OUTDATED | UNCALLABLE]
    for each in called:
        try:
            replies[each.name] = set(await _call_python(sdk, world, each))
        except GHLError as refusal:
            refused[each.name] = f"{refusal.status_code} {refusal.message}"
    sdk.set_private_integration_token(world.tenant.token)
    found = await sdk.users.search_users(company_id=world.tenant.company, location_id=world.tenant.location)
    user = await sdk.users.get_user(user_id=world.tenant.users[0])

    assert refused == UNSUPPORTED
    assert replies.keys() == {each.name for each in called} - refused.keys()
    assert without_documented_members(replies) == {}
    assert not any(hasattr(sdk.contacts, snake(name)) for name in OUTDATED)
    assert found.keys() >= USERS["search-users"]
    assert user.keys() >= USERS["get-user"]


async def _call_python(sdk: HighLevel, world: World, each: Documented) -> dict[str, Any]:
    request = world.known(each.route.operation_id)
    sdk.set_private_integration_token(request.token or world.tenant.token)
    given: dict[str, Any] = {snake(name): value for name, value in {**request.path, **request.query}.items()}
    if request.body is not None or each.operation.body is not None:
        given["request_body"] = request.body or {}
    reply: dict[str, Any] = await getattr(getattr(sdk, each.service), each.snake)(**given)
    return reply


def test_node(node: NodeSdk, world: World) -> None:
    replies: dict[str, set[str]] = {}
    refused: dict[str, str] = {}
    for each in ALL:
        request = world.known(each.route.operation_id)
        node.call("setPrivateIntegrationToken", request.token or world.tenant.token)
        if each.operation.body is not None:
            request.body = request.body or {}
        try:
            replies[each.name] = set(node.call(f"{each.service}.{each.camel}", *arguments(request)))
        except Refused as refusal:
            refused[each.name] = f"{refusal.status} {refusal}"
    node.call("setPrivateIntegrationToken", world.tenant.token)
    users = {
        "search-users": node.call("users.searchUsers", {"companyId": world.tenant.company, **world.located}),
        "get-user": node.call("users.getUser", {"userId": world.tenant.users[0]}),
        "get-user-by-location": node.call("users.getUserByLocation", world.located),
    }

    assert refused == UNSUPPORTED
    assert replies.keys() == {each.name for each in ALL} - refused.keys()
    assert without_documented_members(replies) == {}
    assert [name for name, members in USERS.items() if not members <= users[name].keys()] == []
