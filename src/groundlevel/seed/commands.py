"""Seeds the database."""

from __future__ import annotations

from typing import Annotated

import typer

from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.seed.rules import load_seed, seed_database


class SeedOptions(Options, frozen=True, kw_only=True):
    """Options of `seed`."""

    source: Annotated[str, typer.Argument(metavar="FILE|demo", help="A seed file, or demo for the packaged one.")]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "seed")(seed)


async def seed(options: SeedOptions) -> Result:
    """Create the locations, objects and records of a seed. Locations that are there already are left alone."""
    seed = load_seed(options.source)
    async with open_database(settings_of(options)) as storage:
        seeded = await seed_database(storage, seed)
    rows = [
        {
            "locationId": part.location.id,
            "name": part.location.name,
            "created": part.created,
            "objects": part.objects,
            "records": part.records,
        }
        for part in seeded
    ]
    lines = [
        f"{part.location.id} {part.location.name}: "
        + (f"{part.objects} objects, {part.records} records" if part.created else "was there already, left as it is")
        for part in seeded
    ]
    return Result({"locations": rows}, "\n".join(lines))
