"""Requests known to succeed, one for each operation on associations, relations, apps and webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.compat.known_sales import Parts, contact
from tests.world import wait_until

if TYPE_CHECKING:
    from tests.compat.known import World

Known = Parts | tuple[dict[str, str], dict[str, str], Any, str]
"""The path, the query and the body of a request, and the token where it is not the tenant's own."""

_OBJECT = "custom_objects.pet"
_LABELS = {"firstObjectLabel": "Pet", "secondObjectLabel": "Keeper"}
_NOWHERE = "http://127.0.0.1:4/hooks"
"""Where nobody listens."""


def association(world: World) -> dict[str, Any]:
    """The members of an association that there is not yet: of pets with contacts."""
    world.make_object()
    keys = {"firstObjectKey": _OBJECT, "secondObjectKey": "contact"}
    return {**world.located, **_LABELS, **keys, "key": f"keeper_{world.number()}"}


def new_association(world: World) -> dict[str, Any]:
    """A new association."""
    made: dict[str, Any] = world.post("/associations/", association(world))
    return made


def ends(world: World) -> dict[str, Any]:
    """The members of a relation that there is not yet."""
    made = new_association(world)["id"]
    return {"associationId": made, "firstRecordId": world.record(), "secondRecordId": contact(world)}


def relation(world: World) -> dict[str, Any]:
    """A new relation."""
    made: dict[str, Any] = world.post("/associations/relations", ends(world))
    return made


def code(world: World) -> str:
    """A new authorization code of the tenant's app."""
    program = world.tenant.program
    body = {"clientKey": program.client_id, "clientSecret": program.secret, "companyId": world.tenant.company}
    reply = world.client.post("/oauth/reconnect", json=body)
    return str(reply.json()["authorizationCode"])


def exchange(world: World) -> dict[str, str]:
    """The members of a request for the app's token."""
    program = world.tenant.program
    who = {"client_id": program.client_id, "client_secret": program.secret, "redirect_uri": program.redirect_uri}
    return {**who, "grant_type": "authorization_code", "code": code(world), "user_type": "Company"}


def company_token(world: World) -> str:
    """A new access token of the app, for the whole company."""
    return str(world.client.post("/oauth/token", data=exchange(world)).json()["access_token"])


def webhook(world: World) -> str:
    """The id of a new webhook."""
    body = {**world.located, "url": _NOWHERE, "events": ["RecordCreate"]}
    return str(world.post("/x/webhooks", body)["webhook"]["id"])


def delivery(world: World) -> str:
    """The id of a delivery to a new webhook, as soon as there is one."""
    path = f"/x/webhooks/{webhook(world)}"
    world.post(f"{path}/test", {})
    made: list[str] = []

    def is_made() -> bool:
        made[:] = [each["id"] for each in world.client.get(f"{path}/deliveries").json()["deliveries"]]
        return bool(made)

    wait_until(is_made)
    return made[0]


def platform_request(world: World, operation: str) -> Known | None:
    """A request of the operation that succeeds; None for an operation on something else."""
    return _of_associations(world, operation) or _of_relations(world, operation) or _of_apps(world, operation)


def _of_associations(world: World, operation: str) -> Known | None:
    located = world.located
    match operation:
        case "create-association":
            return {}, {}, association(world)
        case "find-associations":
            return {}, {**located, "skip": "0", "limit": "5"}, None
        case "get-association-by-ID":
            return {"associationId": new_association(world)["id"]}, {}, None
        case "update-association":
            return {"associationId": new_association(world)["id"]}, {}, dict(_LABELS)
        case "delete-association":
            return {"associationId": new_association(world)["id"]}, {}, None
        case "get-association-key-by-key-name":
            return {"key_name": new_association(world)["key"]}, located, None
        case "get-association-by-object-keys":
            new_association(world)
            return {"objectKey": _OBJECT}, located, None
    return None


def _of_relations(world: World, operation: str) -> Known | None:
    located = world.located
    match operation:
        case "create-relation" | "ensure-relation":
            return {}, {}, {**located, **ends(world)}
        case "get-relations-by-record-id":
            related = relation(world)["firstRecordId"]
            return {"recordId": related}, {**located, "skip": "0", "limit": "5"}, None
        case "delete-relation":
            return {"relationId": relation(world)["id"]}, located, None
        case "change-relations":
            return {}, {}, {**located, "add": [ends(world)], "remove": [{"relationId": relation(world)["id"]}]}
    return None


def _of_apps(world: World, operation: str) -> Known | None:
    tenant = world.tenant
    program = tenant.program
    whole = {"companyId": tenant.company}
    match operation:
        case "get-access-token":
            return {}, {}, exchange(world)
        case "get-location-access-token" | "get-location-access-token-v3":
            return {}, {}, {**whole, "locationId": tenant.location}, company_token(world)
        case "get-installed-location" | "get-installed-location-v3":
            return {}, {**whole, "appId": program.id}, None, company_token(world)
        case "reconnect-app":
            return {}, {}, {"clientKey": program.client_id, "clientSecret": program.secret, **whole}
        case "show-consent" | "show-consent-v2":
            return {}, {"client_id": program.client_id, "response_type": "code"}, None
        case "decide-consent" | "decide-consent-v2":
            return {}, {}, {"client_id": program.client_id, "response_type": "code", "token": tenant.token}
    return _of_webhooks(world, operation)


def _of_webhooks(world: World, operation: str) -> Known | None:
    match operation:
        case "list-webhooks":
            return {}, world.located, None
        case "create-webhook":
            return {}, {}, {**world.located, "url": _NOWHERE, "events": ["RecordCreate"]}
        case "get-webhook" | "delete-webhook" | "test-webhook" | "list-webhook-deliveries":
            return {"id": webhook(world)}, {}, None
        case "list-deliveries-of-subject":
            return {}, {**world.located, "subject": "5fd4bc0a2d3e8f0001a1b2c3"}, None
        case "update-webhook":
            return {"id": webhook(world)}, {}, {"events": []}
        case "replay-webhook-delivery":
            return {"id": delivery(world)}, {}, None
    return None
