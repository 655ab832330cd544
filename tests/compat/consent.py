"""What an app gets from its user: the code with which the consent page sends the user's browser back."""

from __future__ import annotations

import httpx

from tests.compat.server import Tenant
from tests.world import PATIENCE_SECONDS

DEAD = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"
"""Looks like an access token, and is none."""


def approved(link: httpx.URL, tenant: Tenant, chosen: str) -> str:
    """The code, after the user has followed the app's link and let it into the tenant's location or company."""
    kind, token = ("company", tenant.company_token) if chosen == tenant.company else ("location", tenant.token)
    with httpx.Client(timeout=PATIENCE_SECONDS) as browser:
        page = browser.get(link)
        assert page.status_code == 200, page.text
        form = {**link.params, "target": f"{kind}:{chosen}", "token": token, "decision": "approve"}
        reply = browser.post(link.copy_with(query=None), data=form)
    assert reply.status_code == 302, reply.text
    return httpx.URL(reply.headers["location"]).params["code"]
