"""What is logged of the changes of apps and their installs: never a secret (decision 0069)."""

from __future__ import annotations

from groundlevel.access.changes import number_of_location
from groundlevel.kernel.changes import NO_LOCATION, UPDATE, Change, declare_kind, states_of, thing_of
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.oauth.model import App, Install

APP = declare_kind("app", "an app")
INSTALL = declare_kind("install", "where an app may act")


def log_app(tx: Transaction, before: App | None, after: App | None) -> None:
    """Logs that an app is new or gone."""
    states = states_of(before, after, _app_state)
    tx.log.append_definition(Change(APP, UPDATE, thing_of(before, after).id), states, location=NO_LOCATION)


def log_new_secret(tx: Transaction, app: App) -> None:
    """Logs that an app has another secret, and no more than that."""
    detail = encode_text({"before": {}, "after": {"secret": "changed"}})
    tx.log.append(Change(APP, UPDATE, app.id, detail=detail), location=NO_LOCATION)


async def log_install(tx: Transaction, before: Install | None, after: Install | None) -> None:
    """Logs that an app is installed, has other scopes there, or is gone."""
    install = thing_of(before, after)
    location = await number_of_location(tx, install.location_id)
    states = states_of(before, after, _install_state)
    tx.log.append_definition(Change(INSTALL, UPDATE, install.id), states, location=location)


def _app_state(app: App) -> dict[str, Json]:
    return {"name": app.name, "clientId": app.client_id, "redirectUris": app.redirect_uris, "scopes": app.scopes}


def _install_state(install: Install) -> dict[str, Json]:
    return {
        "appId": install.app_id,
        "companyId": install.company_id,
        "locationId": install.location_id,
        "scopes": install.scopes,
    }
