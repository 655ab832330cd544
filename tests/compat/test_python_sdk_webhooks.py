"""The official Python SDK's middleware takes our webhooks for genuine, with the keys that `groundlevel env` prints."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from highlevel.logging import Logger  # type: ignore[import-untyped]
from highlevel.storage import MemorySessionStorage  # type: ignore[import-untyped]
from highlevel.webhook import WebhookManager  # type: ignore[import-untyped]

from groundlevel.app import open_storage
from groundlevel.cli import run
from groundlevel.model import App
from groundlevel.service.apps import NewApp, Where, create_app, install_app, uninstall_app
from groundlevel.service.networks import ANYWHERE
from groundlevel.service.webhooks import NewWebhook, add_webhook
from groundlevel.settings import Settings
from tests.compat.server import Place, Server
from tests.delivery.receiver import PATIENCE_SECONDS, Received, Receiver, receiving
from tests.postgres import run_apart

HEADERS = {"ed25519": "x-ghl-signature", "rsa": "x-wh-signature"}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """The app's server, which only writes down what arrives."""
    with receiving() as running:
        yield running


async def _installed(server: Server, place: Place, receiver: Receiver) -> App:
    """An app with a webhook, installed in the place, and taken out again after a record was made."""
    storage = await open_storage(Settings(database=server.database, synchronous="OFF", pool_size=1))
    try:
        app, _ = await create_app(storage, NewApp("An app", ("https://example.com/callback",)))
        await add_webhook(storage, ANYWHERE, NewWebhook(receiver.url, app_id=app.id))
        where = Where(location_id=place.location)
        await install_app(storage, app.id, where)
        with server.client(place) as client:
            name = {"locationId": place.location, "properties": {"name": "Zoë \u2028 \U0001f436 \x7f"}}
            created = client.post("/objects/business/records", json=name)
            assert created.status_code == 201, created.text
        await asyncio.to_thread(_waited, receiver, app, 2)
        await uninstall_app(storage, app.id, where)
        return app
    finally:
        await storage.close()


def _waited(receiver: Receiver, app: App, count: int) -> list[Received]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := [each for each in receiver.received if each.body["appId"] == app.id]) < count:
        assert time.monotonic() < deadline, len(found)
        time.sleep(0.01)
    return found


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
    made: list[App] = []

    async def make() -> None:
        made.append(await _installed(server, place, receiver))

    run_apart(make())
    (app,) = made
    webhooks = {each.body["type"]: each for each in _waited(receiver, app, 3)}
    assert sorted(webhooks) == ["INSTALL", "RecordCreate", "UNINSTALL"]
    assert run(["env", "--database", server.database, "--location", place.location, "--json"]) == 0
    variables = json.loads(capsys.readouterr().out)
    for name in ("WEBHOOK_SIGNATURE_PUBLIC_KEY", "WEBHOOK_PUBLIC_KEY"):
        monkeypatch.setenv(name, variables[name])
    monkeypatch.setenv("CLIENT_ID", app.client_id)

    async def verify() -> None:
        sdk = Sdk(app.client_id, webhooks["INSTALL"].body["companyId"])
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
