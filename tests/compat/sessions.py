"""Sessions of the official Python SDK: got by consent, and kept in its storage."""

from __future__ import annotations

from typing import Any

import httpx
from highlevel import HighLevel  # type: ignore[import-untyped]

from tests.compat.consent import approved
from tests.compat.server import Server, Tenant


async def session_of(sdk: HighLevel, server: Server, tenant: Tenant, chosen: str) -> dict[str, Any]:
    """A session as the SDK keeps it, of the tenant's location or its company: from the consent page to the tokens."""
    program = tenant.program
    asked = {"client_id": program.client_id, "response_type": "code", "redirect_uri": program.redirect_uri}
    link = httpx.URL(f"{server.url}/v2/oauth/chooselocation", params=asked)
    tokens: dict[str, Any] = await sdk.oauth.get_access_token(
        {
            "clientId": program.client_id,
            "clientSecret": program.secret,
            "grantType": "authorization_code",
            "code": approved(link, tenant, chosen),
            "redirectUri": program.redirect_uri,
        }
    )
    await sdk.get_session_storage().set_session(chosen, tokens)
    assert tokens["companyId" if chosen == tenant.company else "locationId"] == chosen
    return tokens
