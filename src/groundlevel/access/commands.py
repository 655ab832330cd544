"""Creates and lists tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from groundlevel.access.model import Token
from groundlevel.access.rules import NewToken, create_token, list_tokens, revoke_token
from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.errors import NotFound
from groundlevel.kernel.scopes import is_foreign_scope
from groundlevel.kernel.timestamps import day_of, iso

_DAY_MS = 86_400_000


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
    tokens = typer.Typer(help="Private integration tokens.", no_args_is_help=True)
    app.add_typer(tokens, name="token")
    command(tokens, "create")(make_token)
    command(tokens, "list")(show_tokens)
    command(tokens, "revoke")(revoke)


async def make_token(options: TokenOptions) -> Result:
    """Create a token and print its secret, which is shown only this once."""
    scopes = options.scopes and tuple(part.strip() for part in options.scopes.split(",") if part.strip())
    async with open_database(settings_of(options)) as storage:
        expires_at = None
        if options.expires_in_days is not None:
            expires_at = storage.ids.now() + options.expires_in_days * _DAY_MS
        request = NewToken(options.name, options.location, options.company, scopes or None, expires_at)
        secret, token = await create_token(storage, request)
    if not options.json:
        warn_of_foreign_scopes(token.scopes)
    return Result({"token": secret, **_describe(token)}, secret)


def warn_of_foreign_scopes(scopes: Sequence[str]) -> None:
    """Says which scopes open nothing on this server."""
    if foreign := [scope for scope in scopes if is_foreign_scope(scope)]:
        typer.echo(f"note: no operation of this server asks for {', '.join(foreign)}", err=True)


async def show_tokens(options: Options) -> Result:
    """List the tokens, revoked ones included, oldest first; never their secrets."""
    async with open_database(settings_of(options)) as storage:
        tokens = await list_tokens(storage)
        now = storage.ids.now()
    table = Table("id", "name", "reaches", "scopes", "created", "last used", "state", box=None)
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for token in tokens:
        reach = f"location {token.location_id}" if token.location_id else f"company {token.company_id}"
        used = "never" if token.last_used_at is None else iso(token.last_used_at)[:16].replace("T", " ")
        created, state = day_of(token.created_at), _state(token, now)
        table.add_row(token.id, token.name, reach, str(len(token.scopes)), created, used, state)
    rows = [{**_describe(token), "state": _state(token, now)} for token in tokens]
    return Result({"tokens": rows}, table if tokens else "There is no token yet.")


async def revoke(options: RevokeOptions) -> Result:
    """Revoke a token; running servers refuse it within a second."""
    async with open_database(settings_of(options)) as storage:
        if not await revoke_token(storage, options.token_id):
            raise NotFound(
                f"There is no token {options.token_id} that could be revoked",
                hint="`groundlevel token list` shows them.",
            )
    return Result({"id": options.token_id, "revoked": True}, f"token {options.token_id} is revoked")


def _describe(token: Token) -> dict[str, str | list[str] | None]:
    return {
        "id": token.id,
        "name": token.name,
        "companyId": token.company_id,
        "locationId": token.location_id,
        "scopes": list(token.scopes),
        "createdAt": iso(token.created_at),
        "expiresAt": None if token.expires_at is None else iso(token.expires_at),
        "lastUsedAt": None if token.last_used_at is None else iso(token.last_used_at),
    }


def _state(token: Token, now: int) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at is None:
        return "valid"
    return "expired" if token.expires_at <= now else f"valid until {day_of(token.expires_at)}"
