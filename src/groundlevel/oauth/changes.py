"""What is logged of the changes of apps and their installs: never a secret (decision 0069)."""

from __future__ import annotations

from groundlevel.access.changes import number_of_location
from groundlevel.kernel.changes import UPDATE, Change, declare_kind
from groundlevel.kernel.codec import encode_text
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.oauth.model import App, Install

APP = declare_kind("app", "an app")
INSTALL = declare_kind("install", "where an app may act")
_NO_LOCATION = 0


def log_app(tx: Transaction, before: App | None, after: App | None) -> None:
    """Logs that an app is new or gone."""
    one = after or before
    assert one is not None, "it was there before or after"
    tx.log.append_definition(
        Change(APP, UPDATE, one.id), (_app_state(before), _app_state(after)), location=_NO_LOCATION
    )


def log_new_secret(tx: Transaction, app: App) -> None:
    """Logs that an app has another secret, and no more than that."""
    detail = encode_text({"before": {}, "after": {"secret": "changed"}})
    tx.log.append(Change(APP, UPDATE, app.id, detail=detail), location=_NO_LOCATION)


async def log_install(tx: Transaction, before: Install | None, after: Install | None) -> None:
    """Logs that an app is installed, has other scopes there, or is gone."""
    one = after or before
    assert one is not None, "it was there before or after"
    location = await number_of_location(tx, one.location_id)
    states = (_install_state(before), _install_state(after))
    tx.log.append_definition(Change(INSTALL, UPDATE, one.id), states, location=location)


def _app_state(app: App | None) -> dict[str, Json] | None:
    if app is None:
        return None
    return {"name": app.name, "clientId": app.client_id, "redirectUris": app.redirect_uris, "scopes": app.scopes}


def _install_state(install: Install | None) -> dict[str, Json] | None:
    if install is None:
        return None
    return {
        "appId": install.app_id,
        "companyId": install.company_id,
        "locationId": install.location_id,
        "scopes": install.scopes,
    }
