"""Creates and lists locations."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from groundlevel.access.rules import list_locations
from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.timestamps import day_of, iso
from groundlevel.locations.rules import NewLocation, create_location


class LocationOptions(Options, frozen=True, kw_only=True):
    """Options of `location create`."""

    name: Annotated[str, typer.Option(help="What the location is called.")]
    company: Annotated[str | None, typer.Option(help="Id of the company it belongs to; a new one if left out.")] = None


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    locations = typer.Typer(help="Locations (sub-accounts).", no_args_is_help=True)
    app.add_typer(locations, name="location")
    command(locations, "create")(make_location)
    command(locations, "list")(show_locations)


async def make_location(options: LocationOptions) -> Result:
    """Create a location with its standard objects."""
    async with open_database(settings_of(options)) as storage:
        location = await create_location(storage, NewLocation(options.name, options.company))
    return Result(
        {"locationId": location.id, "companyId": location.company_id},
        f"location {location.id} of company {location.company_id}",
    )


async def show_locations(options: Options) -> Result:
    """List the locations, oldest first."""
    async with open_database(settings_of(options)) as storage:
        locations = await list_locations(storage)
    table = Table("location", "company", "name", "created", box=None)
    for location in locations:
        table.add_row(location.id, location.company_id, location.name, day_of(location.created_at))
    rows = [
        {"locationId": at.id, "companyId": at.company_id, "name": at.name, "createdAt": iso(at.created_at)}
        for at in locations
    ]
    return Result({"locations": rows}, table if locations else "There is no location yet.")
