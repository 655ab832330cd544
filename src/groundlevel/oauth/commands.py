"""Makes apps, and installs them where no browser is at hand."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from groundlevel.access.commands import warn_of_foreign_scopes
from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.model import Json
from groundlevel.kernel.timestamps import day_of, iso
from groundlevel.oauth import app_rules as apps
from groundlevel.oauth.app_rules import NewApp, TargetQuery
from groundlevel.oauth.consent_rules import create_ticket
from groundlevel.oauth.model import App, Install
from groundlevel.webhooks import rules as webhooks
from groundlevel.webhooks.policy_store import current_egress_policy
from groundlevel.webhooks.rules import NewWebhook

AppId = Annotated[str, typer.Option(help="Id or client id of the app, as `app list` shows it.")]


class CreateOptions(Options, frozen=True, kw_only=True):
    """Options of `app create`."""

    name: Annotated[str, typer.Option(help="What users see when they authorize it.")]
    redirect_uri: Annotated[
        list[str], typer.Option(help="Where users are sent back to with a code; may be given several times.")
    ]
    scopes: Annotated[str | None, typer.Option(help="The most it may ask for, by commas; all if left out.")] = None
    webhook_url: Annotated[str | None, typer.Option(help="Where to send events of its installs.")] = None


class OneOptions(Options, frozen=True, kw_only=True):
    """Options of `app rotate-secret` and `app delete`."""

    app_id: Annotated[str, typer.Argument(metavar="ID", help="Id or client id of the app, as `app list` shows it.")]


class TargetOptions(Options, frozen=True, kw_only=True):
    """Options of `app install` and `app uninstall`."""

    app: AppId
    location: Annotated[str | None, typer.Option(help="Id of the one location.")] = None
    company: Annotated[str | None, typer.Option(help="Id of the company, for all of its locations.")] = None


class InstallsOptions(Options, frozen=True, kw_only=True):
    """Options of `app installs`."""

    app: Annotated[str | None, typer.Option(help="Only of this app.")] = None


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    family = typer.Typer(help="Apps: programs that act in locations through OAuth.", no_args_is_help=True)
    app.add_typer(family, name="app")
    command(family, "create")(create)
    command(family, "list")(show)
    command(family, "rotate-secret")(rotate)
    command(family, "delete")(delete)
    command(family, "install")(install)
    command(family, "uninstall")(uninstall)
    command(family, "installs")(show_installs)
    command(family, "ticket")(ticket)


async def create(options: CreateOptions) -> Result:
    """Create an app and print its secret, which is shown only this once."""
    settings = settings_of(options)
    scopes = options.scopes and tuple(part.strip() for part in options.scopes.split(",") if part.strip())
    async with open_database(settings) as storage:
        networks = await current_egress_policy(storage, settings)
        if options.webhook_url is not None:
            networks.check_url(options.webhook_url)
        app, secret = await apps.create_app(storage, NewApp(options.name, tuple(options.redirect_uri), scopes or None))
        if options.webhook_url is not None:
            await webhooks.create_webhook(storage, networks, NewWebhook(options.webhook_url, app_id=app.id))
    if not options.json:
        warn_of_foreign_scopes(app.scopes)
    data = {**_describe(app), "clientSecret": secret}
    return Result(data, f"client id      {app.client_id}\nclient secret  {secret}")


async def show(options: Options) -> Result:
    """List the apps, oldest first; never their secrets."""
    async with open_database(settings_of(options)) as storage:
        found = await apps.list_apps(storage)
    table = Table("client id", "name", "redirects to", "scopes", "created", box=None)
    table.columns[0].no_wrap = True
    for app in found:
        row = (app.client_id, app.name, "\n".join(app.redirect_uris), str(len(app.scopes)), day_of(app.created_at))
        table.add_row(*row)
    return Result({"apps": [_describe(app) for app in found]}, table if found else "There is no app yet.")


async def rotate(options: OneOptions) -> Result:
    """Give an app another secret; the old one stops working, tokens go on."""
    async with open_database(settings_of(options)) as storage:
        secret = await apps.rotate_secret(storage, options.app_id)
    return Result({"clientSecret": secret}, secret)


async def delete(options: OneOptions) -> Result:
    """Delete an app with its installs, its tokens and its webhook."""
    async with open_database(settings_of(options)) as storage:
        app = await apps.delete_app(storage, options.app_id)
    return Result({"id": app.id, "deleted": True}, f"app {app.client_id} is deleted")


async def install(options: TargetOptions) -> Result:
    """Install an app in a location or a company, as its user would on the consent page."""
    async with open_database(settings_of(options)) as storage:
        made = await apps.install_app(storage, options.app, _where(options))
    return Result(_install(made), f"installed in {_target(made)}")


async def uninstall(options: TargetOptions) -> Result:
    """Uninstall an app; running servers refuse its tokens within a second."""
    async with open_database(settings_of(options)) as storage:
        ended = await apps.uninstall_app(storage, options.app, _where(options))
    return Result({"id": ended.id, "uninstalled": True}, f"uninstalled from {_target(ended)}")


async def show_installs(options: InstallsOptions) -> Result:
    """List where apps are installed."""
    async with open_database(settings_of(options)) as storage:
        found = await apps.list_installs(storage, options.app)
    table = Table("app", "in", "scopes", "since", box=None)
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for each in found:
        table.add_row(each.app_id, _target(each), str(len(each.scopes)), day_of(each.installed_at))
    return Result({"installs": [_install(each) for each in found]}, table if found else "No app is installed.")


async def ticket(options: Options) -> Result:
    """Print a code with which you may authorize one app on the consent page. It is good once, for ten minutes."""
    async with open_database(settings_of(options)) as storage:
        code = await create_ticket(storage)
    return Result({"ticket": code}, code)


def _where(options: TargetOptions) -> TargetQuery:
    return TargetQuery(options.location, options.company)


def _target(install: Install) -> str:
    return f"location {install.location_id}" if install.location_id else f"company {install.company_id}"


def _describe(app: App) -> dict[str, Json]:
    return {
        "id": app.id,
        "clientId": app.client_id,
        "name": app.name,
        "redirectUris": list(app.redirect_uris),
        "scopes": list(app.scopes),
        "createdAt": iso(app.created_at),
    }


def _install(install: Install) -> dict[str, Json]:
    return {
        "id": install.id,
        "appId": install.app_id,
        "companyId": install.company_id,
        "locationId": install.location_id,
        "userId": install.user_id,
        "scopes": list(install.scopes),
        "installedAt": iso(install.installed_at),
    }
