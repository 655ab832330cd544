"""The official Python SDK's middleware takes our webhooks for genuine, and gets and forgets tokens as they say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from highlevel import HighLevel  # type: ignore[import-untyped]

from tests.compat.server import Server, Tenant
from tests.compat.sessions import session_of
from tests.compat.webhooks import Told, printed_keys
from tests.webhooks.receiver import Received, Receiver

# What the SDK hands to its HTTP client is spelled as that deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

HEADERS = {"ed25519": "x-ghl-signature", "rsa": "x-wh-signature"}


@pytest.fixture
def told(
    server: Server,
    tenant: Tenant,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Told:
    """The app's webhook, in an environment from which the SDK takes the server's keys."""
    for name, key in printed_keys(server, tenant, capsys).items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("CLIENT_ID", tenant.program.client_id)
    return Told(server, tenant, receiver)


async def verdict(sdk: HighLevel, received: Received, kind: str, *, changed: bool = False) -> Any:
    """What the middleware notes about a request that has the one signature, or about a longer body with the same."""
    headers = {name: value for name, value in received.headers.items() if name not in HEADERS.values()}
    headers[HEADERS[kind]] = received.headers[HEADERS[kind]]
    body = received.raw + b" " if changed else received.raw
    request = SimpleNamespace(headers=headers, body=body, method="POST", url="/", state=SimpleNamespace())
    await sdk.webhooks.subscribe()(request)
    return request.state


@pytest.mark.parametrize("kind", HEADERS)
async def test_an_app_is_installed_told_and_uninstalled(
    kind: str, sdk_app: HighLevel, server: Server, tenant: Tenant, told: Told
) -> None:
    sessions = sdk_app.get_session_storage()
    await session_of(sdk_app, server, tenant, tenant.company)
    told.install()
    told.create("Zoë \u2028 \U0001f436 \x7f")
    webhooks = told.heard(told.location, "INSTALL", "RecordCreate")

    assert not (await verdict(sdk_app, webhooks["INSTALL"], kind, changed=True)).is_signature_valid
    assert await sessions.get_session(tenant.location) is None
    for name in ("INSTALL", "RecordCreate"):
        state = await verdict(sdk_app, webhooks[name], kind)
        assert (state.is_signature_valid, state.signature_type) == (True, kind)
    session = await sessions.get_session(tenant.location)
    assert (session["userType"], session["locationId"]) == ("Location", tenant.location)
    listed = await sdk_app.objects.get_object_by_location_id(tenant.location)
    assert {each["key"] for each in listed["objects"]} >= {"contact", "business"}

    told.uninstall(told.location)
    uninstalled = told.heard(told.location, "UNINSTALL")["UNINSTALL"]
    assert not (await verdict(sdk_app, uninstalled, kind, changed=True)).is_signature_valid
    assert await sessions.get_session(tenant.location) is not None
    assert (await verdict(sdk_app, uninstalled, kind)).is_signature_valid
    assert await sessions.get_session(tenant.location) is None
    assert await sessions.get_session(tenant.company) is not None
