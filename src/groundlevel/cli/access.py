"""Makes and shows locations and tokens."""

from __future__ import annotations

import datetime
from typing import Annotated

import typer
from rich.table import Table

from groundlevel.cli.command import Options, Result, command, opened, settings_of
from groundlevel.errors import NotFound
from groundlevel.model import Token
from groundlevel.service.access import (
    NewLocation,
    NewToken,
    create_location,
    create_token,
    list_locations,
    list_tokens,
    revoke_token,
)

_DAY_MS = 86_400_000


class LocationOptions(Options, frozen=True, kw_only=True):
    """Options of `location create`."""

    name: Annotated[str, typer.Option(help="What the location is called.")]
    company: Annotated[str | None, typer.Option(help="Id of the company it belongs to; a new one if left out.")] = None


class TokenOptions(Options, frozen=True, kw_only=True):
    """Options of `token create`."""

    location: Annotated[str | None, typer.Option(help="Id of the one location that the token reaches.")] = None
    company: Annotated[str | None, typer.Option(help="Id of the company all of whose locations it reaches.")] = None
    name: Annotated[str, typer.Option(help="What the token is for.")] = "command line"
    scopes: Annotated[str | None, typer.Option(help="Scopes, separated by commas; all of them if left out.")] = None
    expires_in_days: Annotated[int | None, typer.Option(min=1, max=36_500, help="Days until it is refused.")] = None


class RevokeOptions(Options, frozen=True, kw_only=True):
    """Options of `token revoke`."""

    token_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the token, as `token list` shows it.")]


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    locations = typer.Typer(help="Locations (sub-accounts).", no_args_is_help=True)
    tokens = typer.Typer(help="Private integration tokens.", no_args_is_help=True)
    app.add_typer(locations, name="location")
    app.add_typer(tokens, name="token")
    command(locations, "create")(make_location)
    command(locations, "list")(show_locations)
    command(tokens, "create")(make_token)
    command(tokens, "list")(show_tokens)
    command(tokens, "revoke")(revoke)


async def make_location(options: LocationOptions) -> Result:
    """Create a location with its standard objects."""
    async with opened(settings_of(options)) as storage:
        location = await create_location(storage, NewLocation(options.name, options.company))
    return Result(
        {"locationId": location.id, "companyId": location.company_id},
        f"location {location.id} of company {location.company_id}",
    )


async def show_locations(options: Options) -> Result:
    """List the locations, oldest first."""
    async with opened(settings_of(options)) as storage:
        locations = await list_locations(storage)
    table = Table("location", "company", "name", "created", box=None)
    for location in locations:
        table.add_row(location.id, location.company_id, location.name, day_of(location.created_at))
    rows = [
        {"locationId": at.id, "companyId": at.company_id, "name": at.name, "createdAt": moment_text(at.created_at)}
        for at in locations
    ]
    return Result({"locations": rows}, table if locations else "There is no location yet.")


async def make_token(options: TokenOptions) -> Result:
    """Create a token and print its secret, which is shown only this once."""
    scopes = options.scopes and tuple(part.strip() for part in options.scopes.split(",") if part.strip())
    async with opened(settings_of(options)) as storage:
        expires_at = None
        if options.expires_in_days is not None:
            expires_at = storage.ids.now() + options.expires_in_days * _DAY_MS
        request = NewToken(options.name, options.location, options.company, scopes or None, expires_at)
        secret, token = await create_token(storage, request)
    return Result({"token": secret, **_described(token)}, secret)


async def show_tokens(options: Options) -> Result:
    """List the tokens, revoked ones included, oldest first; never their secrets."""
    async with opened(settings_of(options)) as storage:
        tokens = await list_tokens(storage)
        now = storage.ids.now()
    table = Table("id", "name", "reaches", "scopes", "created", "state", box=None)
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for token in tokens:
        reach = f"location {token.location_id}" if token.location_id else f"company {token.company_id}"
        table.add_row(token.id, token.name, reach, str(len(token.scopes)), day_of(token.created_at), _state(token, now))
    rows = [{**_described(token), "state": _state(token, now)} for token in tokens]
    return Result({"tokens": rows}, table if tokens else "There is no token yet.")


async def revoke(options: RevokeOptions) -> Result:
    """Revoke a token; running servers refuse it within a second."""
    async with opened(settings_of(options)) as storage:
        if not await revoke_token(storage, options.token_id):
            raise NotFound(
                f"There is no token {options.token_id} that could be revoked",
                hint="`groundlevel token list` shows them.",
            )
    return Result({"id": options.token_id, "revoked": True}, f"token {options.token_id} is revoked")


def _described(token: Token) -> dict[str, str | list[str] | None]:
    return {
        "id": token.id,
        "name": token.name,
        "companyId": token.company_id,
        "locationId": token.location_id,
        "scopes": list(token.scopes),
        "createdAt": moment_text(token.created_at),
        "expiresAt": None if token.expires_at is None else moment_text(token.expires_at),
    }


def _state(token: Token, now: int) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at is None:
        return "valid"
    return "expired" if token.expires_at <= now else f"valid until {day_of(token.expires_at)}"


def moment_text(moment: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC."""
    at = datetime.datetime.fromtimestamp(moment / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(moment: int) -> str:
    """The UTC day of a moment in epoch milliseconds."""
    return moment_text(moment)[:10]
