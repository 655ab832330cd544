"""Sessions of the official Node SDK: got by consent, kept in its storage, and used by a call."""

from __future__ import annotations

from typing import Any

import httpx

from groundlevel.kernel.scopes import declared_scopes
from tests.compat.consent import approved
from tests.compat.node.driver import NodeSdk
from tests.compat.server import Server, Tenant

LIST = "objects.getObjectByLocationId"
STANDARD = {"contact", "business", "opportunity"}
"""The objects that every location has."""


def session_of(node: NodeSdk, server: Server, tenant: Tenant, chosen: str) -> dict[str, Any]:
    """A session as the SDK keeps it, of the tenant's location or its company: from the consent page to the tokens."""
    program = tenant.program
    scopes = " ".join(declared_scopes())
    asked = httpx.URL(node.call("oauth.getAuthorizationUrl", program.client_id, program.redirect_uri, scopes))
    here = httpx.URL(server.url)
    link = asked.copy_with(scheme=here.scheme, host=here.host, port=here.port)
    tokens: dict[str, Any] = node.call(
        "oauth.getAccessToken",
        {
            "client_id": program.client_id,
            "client_secret": program.secret,
            "grant_type": "authorization_code",
            "code": approved(link, tenant, chosen),
            "redirect_uri": program.redirect_uri,
        },
    )
    keep(node, chosen, tokens)
    assert tokens["companyId" if chosen == tenant.company else "locationId"] == chosen
    return tokens


def keep(node: NodeSdk, tenant: str, session: dict[str, Any]) -> None:
    """Puts a session into the SDK's storage."""
    node.call("sessionStorage.setSession", tenant, session)


def kept(node: NodeSdk, tenant: str) -> Any:
    """What the SDK's storage has of a tenant; None for nothing."""
    return node.call("sessionStorage.getSession", tenant)


def keys(node: NodeSdk, tenant: Tenant) -> set[str]:
    """What a call in the location returns: the keys of its objects."""
    return {each["key"] for each in node.call(LIST, {"locationId": tenant.location})["objects"]}
