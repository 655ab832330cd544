"""Follows the changes of a location, and shows who made which."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from groundlevel.access.choice import choose_location
from groundlevel.audit.audit_routes import read_selection
from groundlevel.audit.following import follow_changes
from groundlevel.audit.model import ChangeView
from groundlevel.audit.rules import AuditQuery, ChangesQuery, changes_since, list_audit, list_unlocated
from groundlevel.audit.schemas import ChangeBody
from groundlevel.audit.serializers import change_body
from groundlevel.kernel.changes import declared_kinds
from groundlevel.kernel.command import Options, Result, call_in, command, open_database, settings_of
from groundlevel.kernel.errors import BadRequest
from groundlevel.kernel.model import Json
from groundlevel.kernel.names import canonical_key
from groundlevel.kernel.usecase import perform

_QUIET_SECONDS = 60.0


class ChangesOptions(Options, frozen=True, kw_only=True):
    """Options of `changes`."""

    location: Annotated[str | None, typer.Option(help="Id of the location; the only one if left out.")] = None
    since: Annotated[
        int | None, typer.Option(min=0, metavar="CURSOR", help="Begin behind this cursor; else with the oldest change.")
    ] = None
    types: Annotated[
        str | None,
        typer.Option(metavar="KINDS", help="Only these kinds, separated by commas, such as record,relation."),
    ] = None
    object: Annotated[str | None, typer.Option(metavar="KEY", help="Only changes of this object.")] = None
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most, unless it follows.")] = 1_000
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what changes, until interrupted.")] = False


class AuditOptions(Options, frozen=True, kw_only=True):
    """Options of `audit`."""

    location: Annotated[str | None, typer.Option(help="Id of the location; the only one if left out.")] = None
    no_location: Annotated[
        bool, typer.Option("--no-location", help="What belongs to no location: apps, operators, tokens of companies.")
    ] = False
    actor: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what this token, app, operator or user has done.")
    ] = None
    object: Annotated[str | None, typer.Option(metavar="KEY", help="Only changes of this object.")] = None
    kind: Annotated[str | None, typer.Option(help="Only changes of this kind, such as record or token.")] = None
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Only from this time on (ISO 8601).")] = (
        None
    )
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Only up to this time.")] = None
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most, the newest of them.")] = 50


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "changes")(show_changes)
    command(app, "audit")(show_audit)


async def show_changes(options: ChangesOptions) -> Result | None:
    """Show the changes of a location, the oldest first; with --follow go on, a line for each, JSON with --json.

    The cursor of the last one is the --since of the next run.
    """
    settings = settings_of(options)
    async with open_database(settings) as storage:
        call = call_in(storage, await choose_location(storage, options.location), settings)
        key = canonical_key(options.object) if options.object else ""
        query = ChangesQuery(options.since, _kinds_of(options.types), key, options.limit)
        if options.follow:
            async for page in follow_changes(storage, call, query, quiet_seconds=_QUIET_SECONDS):
                for body in map(change_body, page.changes):
                    typer.echo(msgspec.json.encode(body).decode() if options.json else "  ".join(row_of(body)))
            return None
        page = await perform(storage, call, changes_since, query)
    data = {"next": str(page.next), "complete": page.complete}
    return _listed(page.changes, data, nothing="Nothing has changed.")


async def show_audit(options: AuditOptions) -> Result:
    """Show who changed what, the newest first."""
    settings = settings_of(options)
    asked = {
        "actor": options.actor,
        "object": options.object,
        "kind": options.kind,
        "from": options.since,
        "to": options.until,
    }
    query = AuditQuery(read_selection({name: text for name, text in asked.items() if text}), limit=options.limit)
    async with open_database(settings) as storage:
        if options.no_location:
            found = await storage.read(None, lambda tx: list_unlocated(tx, query))
        else:
            call = call_in(storage, await choose_location(storage, options.location), settings)
            found = await perform(storage, call, list_audit, query)
    return _listed(found, {}, nothing="Nothing of that kind is logged.")


def _listed(found: list[ChangeView], data: dict[str, Json], *, nothing: str) -> Result:
    """Changes as a table, or with --json as one object that also has the data."""
    bodies = [change_body(each) for each in found]
    table = Table("cursor", "time", "what", "id", "by", "changed", box=None)
    for body in bodies:
        table.add_row(*row_of(body))
    return Result({"changes": msgspec.to_builtins(bodies), **data}, table if bodies else nothing)


def _kinds_of(text: str | None) -> frozenset[str]:
    """The kinds that are named. Raises BadRequest for one that there is not."""
    kinds = frozenset(part.strip() for part in (text or "").split(",") if part.strip())
    known = declared_kinds()
    if unknown := sorted(kinds - known.keys()):
        raise BadRequest(f"There are no changes of {', '.join(unknown)}", hint=f"Kinds: {', '.join(known)}")
    return kinds


def row_of(body: ChangeBody) -> tuple[str, ...]:
    """A change as texts for people: cursor, time, what happened to what, by whom, and what was different."""
    what = " ".join(part for part in (body.op, body.kind, body.object) if part)
    return body.cursor, body.at, what, body.id, f"{body.actor.kind} {body.actor.id}".strip(), ", ".join(body.changed)
