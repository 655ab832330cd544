"""Apps and where they are installed: who may act there through OAuth, and with which scopes.

See docs/contract.md#oauth.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from groundlevel.access import store as access_store
from groundlevel.access.model import Company, User
from groundlevel.access.rules import token_digest
from groundlevel.kernel.changes import Author
from groundlevel.kernel.errors import BadRequest, InvalidValue, LocationNotFound, NotFound
from groundlevel.kernel.model import Location
from groundlevel.kernel.scopes import declared_scopes, is_foreign_scope
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import authored
from groundlevel.oauth import store
from groundlevel.oauth.changes import log_app, log_install, log_new_secret
from groundlevel.oauth.errors import AppNotFound, InvalidScope
from groundlevel.oauth.events import emit_install, emit_uninstall
from groundlevel.oauth.model import App, Install
from groundlevel.webhooks import store as webhooks_store
from groundlevel.webhooks.changes import log_webhook

_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\Z")
_PRINTABLE = re.compile(r"[!-~]+\Z")


class NewApp(Struct, frozen=True):
    """The app to be created."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] | None = None
    """The most that it may ask for; None for all there are."""


class TargetQuery(Struct, frozen=True):
    """A target as a request names it: a location, or else a company."""

    location_id: str | None = None
    company_id: str | None = None


class InstallTarget(Struct, frozen=True):
    """Where an app is installed: a location, or a whole company without one."""

    company: Company
    location: Location | None

    @property
    def location_id(self) -> str | None:
        """The id of the location, None for a whole company."""
        return None if self.location is None else self.location.id


class Installed(Struct, frozen=True):
    """A location, and since when an app may act there."""

    location: Location
    install: Install | None


# --- apps --------------------------------------------------------------------------------------------------------


async def create_app(storage: Storage, new: NewApp, *, author: Author | None = None) -> tuple[App, str]:
    """A new app and its secret, which is shown this once and stored only as a digest.

    Raises InvalidValue for a blank name or a redirect URI that cannot be one, InvalidScope.
    """
    if not new.name.strip():
        raise InvalidValue("name: an app needs a name", hint="Give a name that is not blank.")
    for uri in new.redirect_uris:
        _check_redirect(uri)
    known = tuple(declared_scopes())
    scopes = known if new.scopes is None else tuple(dict.fromkeys(new.scopes))
    check_scopes(scopes, known)
    app_id, secret = storage.ids.object_id(), secrets.token_hex(32)
    client_id = f"{app_id}-{storage.ids.short_id()[:8].lower()}"
    app = App(app_id, client_id, new.name.strip(), tuple(dict.fromkeys(new.redirect_uris)), scopes, storage.ids.now())

    async def work(tx: Transaction) -> None:
        await store.insert_app(tx, app, token_digest(secret))
        log_app(tx, None, app)

    await storage.write(None, authored(author, work))
    return app, secret


def check_scopes(wanted: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """Raises InvalidScope, naming those that are wanted and not allowed.

    A scope of the platform that opens nothing here is always allowed: programs ask for all that they use there.
    """
    if unknown := sorted(scope for scope in set(wanted) - set(allowed) if not is_foreign_scope(scope)):
        raise InvalidScope(f"Not allowed: {', '.join(unknown)}", hint=f"Allowed scopes: {', '.join(allowed)}")


def _check_redirect(uri: str) -> None:
    """Raises InvalidValue. A URI ends in a header and its authority in a policy of the browser, so both are narrow."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        parts = urlsplit("")
    sound = parts.scheme in ("http", "https") and _AUTHORITY.match(parts.netloc) and _PRINTABLE.match(uri)
    if not sound or parts.fragment:
        raise InvalidValue(
            f"redirect URI: {uri!r} is not one", hint="Give an http or https URL without user, blanks and fragment."
        )


async def list_apps(storage: Storage) -> list[App]:
    """All apps, oldest first."""
    return await storage.read(None, store.list_apps)


async def rotate_secret(storage: Storage, app_id: str, *, author: Author | None = None) -> str:
    """A new secret instead of the app's old one; tokens that were issued stay good. Raises AppNotFound."""
    secret = secrets.token_hex(32)

    async def work(tx: Transaction) -> None:
        app = await get_app(tx, app_id)
        await store.update_secret(tx, app.id, token_digest(secret))
        log_new_secret(tx, app)

    await storage.write(None, authored(author, work))
    return secret


async def delete_app(storage: Storage, app_id: str, *, author: Author | None = None) -> App:
    """Deletes an app with its installs, its tokens and its webhook. Raises AppNotFound."""

    async def work(tx: Transaction) -> App:
        app = await get_app(tx, app_id)
        for install in await store.list_installs(tx, app.id):
            await store.end_install(tx, install.id, now=tx.ids.now())
            await log_install(tx, install, None)
        for webhook in await webhooks_store.list_webhooks_of_app(tx, app.id):
            await webhooks_store.delete_webhook(tx, webhook.id)
            await log_webhook(tx, webhook, None)
        await store.delete_app(tx, app.id)
        log_app(tx, app, None)
        return app

    return await storage.write(None, authored(author, work))


async def get_app(tx: Transaction, app_id: str) -> App:
    """The app with this id or client id. Raises AppNotFound."""
    found = await store.find_app(tx, app_id.partition("-")[0])
    if found is None or app_id not in (found[0].id, found[0].client_id):
        raise AppNotFound(app_id)
    return found[0]


# --- installs ----------------------------------------------------------------------------------------------------


async def install_app(storage: Storage, app_id: str, where: TargetQuery, *, author: Author | None = None) -> Install:
    """Installs an app with all its scopes. Where it is installed already, it gets them.

    Raises AppNotFound, LocationNotFound, BadRequest for an unknown company.
    """

    async def work(tx: Transaction) -> Install:
        app = await get_app(tx, app_id)
        return await ensure_install(tx, app, await get_target(tx, where), scopes=app.scopes)

    return await storage.write(None, authored(author, work))


async def ensure_install(tx: Transaction, app: App, target: InstallTarget, *, scopes: tuple[str, ...]) -> Install:
    """The app's install in a target, with these scopes from now on; a new one emits its event."""
    present = await store.lock_install(tx, app.id, target.company.id, target.location_id)
    if present is None:
        install = Install(
            id=tx.ids.uuid(),
            app_id=app.id,
            company_id=target.company.id,
            location_id=target.location_id,
            user_id=await _ensure_installer(tx, target),
            scopes=scopes,
            installed_at=tx.ids.now(),
            uninstalled_at=None,
        )
        if await store.insert_install(tx, install):
            emit_install(tx, install, target.company)
            await log_install(tx, None, install)
            return install
        present = await store.lock_install(tx, app.id, target.company.id, target.location_id)
        assert present is not None  # another transaction was faster
    await store.update_install(tx, present.id, scopes)
    await log_install(tx, present, msgspec.structs.replace(present, scopes=scopes))
    return present


async def _ensure_installer(tx: Transaction, target: InstallTarget) -> str:
    """The id of the user in whose name an app is installed: the first one of the target, or a new one."""
    users = await access_store.list_users(tx, target.company.id, target.location_id or "")
    if users:
        return users[0].id
    user = User(tx.ids.short_id(), target.company.id, target.location_id, "Operator", "", "")
    await access_store.insert_user(tx, user)
    return user.id


async def get_target(tx: Transaction, where: TargetQuery) -> InstallTarget:
    """The target that is named. Raises LocationNotFound, BadRequest."""
    location, company_id = None, where.company_id
    if where.location_id is not None:
        location = await access_store.find_location(tx, where.location_id)
        if location is None or company_id not in (None, location.company_id):
            raise LocationNotFound(where.location_id)
        company_id = location.company_id
    if company_id is None:
        raise BadRequest("An app is installed in a location or in a company", hint="Name one of the two.")
    company = await access_store.find_company(tx, company_id)
    if company is None:
        raise BadRequest(f"Company ({company_id}) not found", hint="`groundlevel location list` shows the companies.")
    return InstallTarget(company, location)


async def uninstall_app(storage: Storage, app_id: str, where: TargetQuery, *, author: Author | None = None) -> Install:
    """Uninstalls an app: its grants and tokens end with its install, and the event is emitted.

    Raises AppNotFound, LocationNotFound, BadRequest for an unknown company, NotFound where it is not installed.
    """

    async def work(tx: Transaction) -> Install:
        app, target = await get_app(tx, app_id), await get_target(tx, where)
        install = await store.lock_install(tx, app.id, target.company.id, target.location_id)
        if install is None:
            raise NotFound("The app is not installed there", hint="`groundlevel app installs` shows where it is.")
        await store.end_install(tx, install.id, now=tx.ids.now())
        emit_uninstall(tx, install)
        await log_install(tx, install, None)
        return install

    return await storage.write(None, authored(author, work))


async def list_installs(storage: Storage, app_id: str | None) -> list[Install]:
    """Where an app, or any app, is installed. Raises AppNotFound."""

    async def work(tx: Transaction) -> list[Install]:
        apps = await store.list_apps(tx) if app_id is None else [await get_app(tx, app_id)]
        return [install for app in apps for install in await store.list_installs(tx, app.id)]

    return await storage.read(None, work)


async def list_installed_locations(storage: Storage, app_id: str, company_id: str) -> tuple[list[Installed], bool]:
    """Every location of a company, oldest first, and whether the app may act there; and whether it may in all of them,
    later ones too. Raises AppNotFound."""

    async def work(tx: Transaction) -> tuple[list[Installed], bool]:
        app = await get_app(tx, app_id)
        installs = {
            each.location_id: each for each in await store.list_installs(tx, app.id) if each.company_id == company_id
        }
        whole = installs.get(None)
        locations = await store.list_locations_of_company(tx, company_id)
        return [Installed(each, installs.get(each.id, whole)) for each in locations], whole is not None

    return await storage.read(None, work)
