"""Requests known to succeed, one for each operation on locations and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.compat.known_sales import Parts

if TYPE_CHECKING:
    from tests.compat.known import World

Known = Parts | tuple[dict[str, str], dict[str, str], Any, str]
"""The path, the query and the body of a request, and the token where it is not the place's own."""

_SHOES = {
    "name": "Mark Shoes",
    "phone": "+1410039940",
    "city": "New York",
    "country": "US",
    "timezone": "US/Central",
    "prospectInfo": {"firstName": "John", "lastName": "Doe", "email": "john.doe@mail.example"},
    "settings": {"allowDuplicateContact": False},
    "social": {"twitter": "https://twitter.example/mark"},
}


def new_location(world: World) -> str:
    """The id of a new location of the place's company."""
    headers = {**world.place.headers(), "Authorization": f"Bearer {world.place.company_token}"}
    made: httpx.Response = world.client.post("/locations/", json=_profile(world), headers=headers)
    return str(made.json()["id"])


def _profile(world: World) -> dict[str, Any]:
    return {**_SHOES, "companyId": world.place.company}


def location_request(world: World, operation: str) -> Known | None:
    """A request of the operation that succeeds; None for an operation on something else."""
    company = world.place.company_token
    located = world.located
    match operation:
        case "search-locations":
            return {}, {"companyId": world.place.company, "limit": "5", "skip": "0", "order": "asc"}, None
        case "create-location":
            return {}, {}, _profile(world), company
        case "put-location":
            return {"locationId": world.place.location}, {}, _profile(world), company
        case "delete-location":
            return {"locationId": new_location(world)}, {"deleteTwilioAccount": "false"}, None, company
        case "get-location" | "get-timezones":
            return dict(located), {}, None
        case "get-user-by-location":
            return {}, located, None
        case "search-users":
            return {}, {**located, "query": "a", "limit": "5"}, None
        case "get-user":
            return {"userId": world.place.users[0]}, {}, None
    return None
