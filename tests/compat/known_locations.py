"""Requests known to succeed, one for each operation on locations and users."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx

from tests.compat.known_sales import Parts, task

if TYPE_CHECKING:
    from tests.compat.known import World

Known = Parts | tuple[dict[str, str], dict[str, str], Any, str]
"""The path, the query and the body of a request, and the token where it is not the tenant's own."""

_SHOES = {
    "name": "Mark Shoes",
    "phone": "+1410039940",
    "address": "4th fleet street",
    "city": "New York",
    "state": "Illinois",
    "postalCode": "567654",
    "website": "https://shoes.example",
    "country": "US",
    "timezone": "US/Central",
    "prospectInfo": {"firstName": "John", "lastName": "Doe", "email": "john.doe@mail.example"},
    "settings": {"allowDuplicateContact": False},
    "social": {"twitter": "https://twitter.example/mark"},
}


def new_location(world: World) -> str:
    """The id of a new location of the tenant's company."""
    headers = {**world.tenant.headers(), "Authorization": f"Bearer {world.tenant.company_token}"}
    made: httpx.Response = world.client.post("/locations/", json=_profile(world), headers=headers)
    return str(made.json()["id"])


def _profile(world: World) -> dict[str, Any]:
    return {**_SHOES, "companyId": world.tenant.company}


def _field(world: World) -> dict[str, Any]:
    return {"name": f"Size {world.number()}", "dataType": "SINGLE_OPTIONS", "options": ["Small", "Large"]}


def new_field(world: World) -> str:
    """The id of a new field of contacts."""
    path = f"/locations/{world.tenant.location}/customFields"
    return str(world.client.post(path, json=_field(world)).json()["customField"]["id"])


def _value(world: World) -> dict[str, Any]:
    return {"name": f"Hours {world.number()}", "value": "9 to 17"}


def new_value(world: World) -> str:
    """The id of a new custom value."""
    path = f"/locations/{world.tenant.location}/customValues"
    return str(world.client.post(path, json=_value(world)).json()["customValue"]["id"])


def location_request(world: World, operation: str) -> Known | None:
    """A request of the operation that succeeds; None for an operation on something else."""
    make = _KNOWN.get(operation)
    return None if make is None else make(world)


def _in_place(body: Any = None, **path: str) -> Known:
    return path, {}, body


_KNOWN: dict[str, Callable[[World], Known]] = {
    "search-locations": lambda world: ({}, {"companyId": world.tenant.company, "limit": "5", "order": "asc"}, None),
    "create-location": lambda world: ({}, {}, _profile(world), world.tenant.company_token),
    "put-location": lambda world: (dict(world.located), {}, _profile(world), world.tenant.company_token),
    "delete-location": lambda world: (
        {"locationId": new_location(world)},
        {"deleteTwilioAccount": "false"},
        None,
        world.tenant.company_token,
    ),
    "get-location": lambda world: _in_place(**world.located),
    "get-timezones": lambda world: _in_place(**world.located),
    "get-custom-fields": lambda world: _in_place(**world.located),
    "create-location-custom-field": lambda world: _in_place(_field(world), **world.located),
    "get-custom-field": lambda world: _in_place(**world.located, id=new_field(world)),
    "update-location-custom-field": lambda world: _in_place({"name": "Size"}, **world.located, id=new_field(world)),
    "delete-location-custom-field": lambda world: _in_place(**world.located, id=new_field(world)),
    "get-custom-values": lambda world: _in_place(**world.located),
    "create-custom-value": lambda world: _in_place(_value(world), **world.located),
    "get-custom-value": lambda world: _in_place(**world.located, id=new_value(world)),
    "update-custom-value": lambda world: _in_place(_value(world), **world.located, id=new_value(world)),
    "delete-custom-value": lambda world: _in_place(**world.located, id=new_value(world)),
    "task-search": lambda world: _in_place(
        {"contactId": [task(world)["contactId"]], "completed": False, "limit": 5, "skip": 0}, **world.located
    ),
    "GET-all-or-email-sms-templates": lambda world: (dict(world.located), {"originId": "nothing"}, None),
    "DELETE-an-email-sms-template": lambda world: _in_place(**world.located, id="nothing"),
    "create-recurring-task": lambda world: _in_place(**world.located),
    "get-recurring-task-by-id": lambda world: _in_place(**world.located, id="nothing"),
    "update-recurring-task": lambda world: _in_place(**world.located, id="nothing"),
    "delete-recurring-task": lambda world: _in_place(**world.located, id="nothing"),
    "upload-file-customFields": lambda world: _in_place(**world.located),
    "get-user-by-location": lambda world: ({}, world.located, None),
    "search-users": lambda world: ({}, {**world.located, "query": "a", "limit": "5"}, None),
    "get-user": lambda world: _in_place(userId=world.tenant.users[0]),
}
