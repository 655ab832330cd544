"""Looks after the database: migrates, examines and seeds it."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from groundlevel.cli.command import FAILED, Options, Result, command, opened, settings_of
from groundlevel.service.doctor import examine
from groundlevel.service.seed import load_seed, sow
from groundlevel.storage.migrate import migrations


class SeedOptions(Options, frozen=True, kw_only=True):
    """Options of `seed`."""

    source: Annotated[str, typer.Argument(metavar="FILE|demo", help="A seed file, or demo for the packaged one.")]


def add_to(app: typer.Typer) -> None:
    """Adds the family's commands."""
    command(app, "migrate")(migrate)
    command(app, "doctor")(check)
    command(app, "seed")(plant)


async def migrate(options: Options) -> Result:
    """Bring the database to this program's schema. The server does so too when it starts."""
    async with opened(settings_of(options)) as storage:
        version = max(step.version for step in migrations(storage.engine))
        engine, notices = storage.engine, storage.notices
    lines = [f"the {engine} database has schema version {version}", *(f"note: {notice}" for notice in notices)]
    return Result({"engine": engine, "schemaVersion": version, "notices": notices}, "\n".join(lines))


async def check(options: Options) -> Result:
    """Examine the database and say what is wrong with it, if anything; then the exit status is 1."""
    async with opened(settings_of(options)) as storage:
        report = await examine(storage)
    table = Table("", "check", "finding", box=None)
    for found in report.checks:
        table.add_row("ok" if found.ok else "WRONG", found.name, found.detail)
    return Result(msgspec.to_builtins({"ok": report.ok, "checks": report.checks}), table, 0 if report.ok else FAILED)


async def plant(options: SeedOptions) -> Result:
    """Create the locations, objects and records of a seed. Locations that are there already are left alone."""
    seed = load_seed(options.source)
    async with opened(settings_of(options)) as storage:
        sown = await sow(storage, seed)
    rows = [
        {
            "locationId": part.location.id,
            "name": part.location.name,
            "created": part.created,
            "objects": part.objects,
            "records": part.records,
        }
        for part in sown
    ]
    lines = [
        f"{part.location.id} {part.location.name}: "
        + (f"{part.objects} objects, {part.records} records" if part.created else "was there already, left as it is")
        for part in sown
    ]
    return Result({"locations": rows}, "\n".join(lines))
