"""What an app is told by webhooks, made to happen for the middleware of both official SDKs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest

from groundlevel.cli import run
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.oauth.app_rules import TargetQuery, install_app, uninstall_app
from groundlevel.webhooks.egress import UNRESTRICTED
from groundlevel.webhooks.rules import NewWebhook, create_webhook
from tests.compat.server import Server, Tenant
from tests.postgres import run_apart
from tests.webhooks.receiver import Received, Receiver
from tests.world import wait_until


class Told:
    """The webhook of a tenant's app, and what comes of it."""

    def __init__(self, server: Server, tenant: Tenant, receiver: Receiver) -> None:
        self._server = server
        self._tenant = tenant
        self._receiver = receiver
        self.location = TargetQuery(location_id=tenant.location)
        self.company = TargetQuery(company_id=tenant.company)
        new = NewWebhook(receiver.url, app_id=tenant.program.id)
        self._work(lambda storage: create_webhook(storage, UNRESTRICTED, new))

    def install(self) -> None:
        """Installs the app in the location, beside its company."""
        self._work(lambda storage: install_app(storage, self._tenant.program.id, self.location))

    def uninstall(self, where: TargetQuery) -> None:
        """Takes the app out of the location or the company."""
        self._work(lambda storage: uninstall_app(storage, self._tenant.program.id, where))

    def create(self, name: str) -> None:
        """Creates a record."""
        body = {"locationId": self._tenant.location, "properties": {"name": name}}
        with self._server.client(self._tenant) as client:
            created = client.post("/objects/business/records", json=body)
        assert created.status_code == 201, created.text

    def heard(self, where: TargetQuery, *types: str) -> dict[str, Received]:
        """What was received of a location, or of a company itself, by the types of events, as soon as all are there.

        What happened before there was a webhook may be told too, such as that the app was installed in the company.
        """
        wait_until(lambda: self._newest(where).keys() >= {*types})
        found = self._newest(where)
        return {event: found[event] for event in types}

    def _newest(self, where: TargetQuery) -> dict[str, Received]:
        mine = [each for each in [*self._receiver.received] if each.body["appId"] == self._tenant.program.id]
        return {str(each.body["type"]): each for each in mine if each.body.get("locationId") == where.location_id}

    def _work(self, work: Callable[[Storage], Awaitable[object]]) -> None:
        async def done() -> None:
            settings = Settings(database=self._server.database, synchronous="OFF", pool_size=1)
            storage = await open_storage(settings)
            try:
                await work(storage)
            finally:
                await storage.close()

        run_apart(done())


def printed_keys(server: Server, tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The public keys as `groundlevel env` prints them, by the names of the variables from which the SDKs take them."""
    assert run(["env", "--database", server.database, "--location", tenant.location, "--json"]) == 0
    variables: dict[str, str] = json.loads(capsys.readouterr().out)
    return {name: variables[name] for name in ("WEBHOOK_SIGNATURE_PUBLIC_KEY", "WEBHOOK_PUBLIC_KEY")}
