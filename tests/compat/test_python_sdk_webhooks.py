"""The official Python SDK's middleware takes our webhooks for genuine, with the keys that `groundlevel env` prints."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from highlevel.logging import Logger  # type: ignore[import-untyped]
from highlevel.storage import MemorySessionStorage  # type: ignore[import-untyped]
from highlevel.webhook import WebhookManager  # type: ignore[import-untyped]

from tests.compat.server import Place, Server
from tests.compat.webhooks import Told, printed_keys
from tests.delivery.receiver import Received, Receiver
from tests.postgres import run_apart

HEADERS = {"ed25519": "x-ghl-signature", "rsa": "x-wh-signature"}


class Sdk:
    """The middleware of the SDK, with its session storage and what it asks for tokens."""

    def __init__(self, client_id: str, company_id: str) -> None:
        self.sessions = MemorySessionStorage()
        self.sessions.set_client_id(client_id)
        self.asked: list[dict[str, str]] = []
        self.company_id = company_id
        self.manager = WebhookManager(Logger("none"), self.sessions, self)

    async def get_location_access_token(self, request: dict[str, str]) -> dict[str, str]:
        """Stands for the OAuth service, which is asked for a token when an app is installed."""
        self.asked.append(request)
        return {"access_token": "of the location", "locationId": request["location_id"]}

    async def verdict(self, received: Received, *, without: str | None = None, raw: bytes | None = None) -> Any:
        """What the middleware notes about a request; `without` leaves out one of its signatures."""
        headers = {name: value for name, value in received.headers.items() if name != without}
        request = SimpleNamespace(
            headers=headers, body=raw or received.raw, method="POST", url="/", state=SimpleNamespace()
        )
        await self.manager.subscribe()(request)
        return request.state


def test_the_middleware_accepts_our_webhooks(
    server: Server,
    place: Place,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = Told(server, place, receiver)
    told.install()
    told.create("Zoë \u2028 \U0001f436 \x7f")
    told.heard(told.location, "INSTALL", "RecordCreate")
    told.uninstall(told.location)
    webhooks = told.heard(told.location, "INSTALL", "RecordCreate", "UNINSTALL")
    for name, key in printed_keys(server, place, capsys).items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("CLIENT_ID", place.program.client_id)

    async def verify() -> None:
        sdk = Sdk(place.program.client_id, place.company)
        await sdk.sessions.set_session(sdk.company_id, {"access_token": "of the company", "companyId": sdk.company_id})
        for _, received in sorted(webhooks.items()):
            for kind, header in HEADERS.items():
                other = next(name for name in HEADERS.values() if name != header)
                state = await sdk.verdict(received, without=other)
                assert (state.is_signature_valid, state.signature_type) == (True, kind)
                assert not (await sdk.verdict(received, without=other, raw=received.raw + b" ")).is_signature_valid
        installed = {"company_id": sdk.company_id, "location_id": place.location}
        assert sdk.asked == [installed] * len(HEADERS)
        assert await sdk.sessions.get_session(place.location) is None

    run_apart(verify())
