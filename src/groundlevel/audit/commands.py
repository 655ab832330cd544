"""Follows the changes of a location, and shows who made which."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from groundlevel.access.choice import choose_location
from groundlevel.audit.following import follow_changes
from groundlevel.audit.model import ChangeView
from groundlevel.audit.rules import ChangesQuery, changes_since
from groundlevel.audit.schemas import ChangeBody
from groundlevel.audit.serializers import change_body
from groundlevel.kernel.changes import declared_kinds
from groundlevel.kernel.command import Options, Result, call_in, command, open_database, settings_of
from groundlevel.kernel.errors import BadRequest
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
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what changes, until interrupted.")] = False


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "changes")(show_changes)


async def show_changes(options: ChangesOptions) -> Result | None:
    """Print the changes of a location, the oldest first; a line for each, JSON with --json.

    The cursor of the last line is the --since of the next run.
    """
    settings = settings_of(options)
    async with open_database(settings) as storage:
        call = call_in(storage, await choose_location(storage, options.location), settings)
        query = ChangesQuery(
            options.since,
            _kinds_of(options.types),
            canonical_key(options.object) if options.object else "",
        )
        if options.follow:
            async for page in follow_changes(storage, call, query, quiet_seconds=_QUIET_SECONDS):
                _print(page.changes, as_json=options.json)
            return None
        while True:
            page = await perform(storage, call, changes_since, query)
            _print(page.changes, as_json=options.json)
            if page.complete:
                return None
            query = msgspec.structs.replace(query, since=page.next)


def _kinds_of(text: str | None) -> frozenset[str]:
    """The kinds that are named. Raises BadRequest for one that there is not."""
    kinds = frozenset(part.strip() for part in (text or "").split(",") if part.strip())
    known = declared_kinds()
    if unknown := sorted(kinds - known.keys()):
        raise BadRequest(f"There are no changes of {', '.join(unknown)}", hint=f"Kinds: {', '.join(known)}")
    return kinds


def _print(changes: list[ChangeView], *, as_json: bool) -> None:
    for view in changes:
        body = change_body(view)
        typer.echo(msgspec.json.encode(body).decode() if as_json else "  ".join(row_of(body)))


def row_of(body: ChangeBody) -> tuple[str, ...]:
    """A change as texts for people: cursor, time, what happened to what, by whom, and what was different."""
    what = " ".join(part for part in (body.op, body.kind, body.object) if part)
    return body.cursor, body.at, what, body.id, f"{body.actor.kind} {body.actor.id}".strip(), ", ".join(body.changed)
