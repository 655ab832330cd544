"""Migrates the database, and splits its tables."""

from __future__ import annotations

from typing import Annotated

import typer

from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.errors import InputError
from groundlevel.kernel.storage.engines import POSTGRES
from groundlevel.kernel.storage.migrate import migrations


class MigrateOptions(Options, frozen=True, kw_only=True):
    """Options of `migrate`."""

    partitions: Annotated[
        int | None,
        typer.Option(min=2, max=1024, help="PostgreSQL: split the tables of locations into so many hash partitions."),
    ] = None
    distributed: Annotated[
        bool,
        typer.Option("--distributed", help="PostgreSQL with Citus: spread the tables of locations over nodes."),
    ] = False


class NotPostgresError(InputError):
    """Only tables of PostgreSQL can be split."""

    advice = "Name one with --database; `groundlevel migrate-database` copies a SQLite database into it."


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "migrate")(migrate)


async def migrate(options: MigrateOptions) -> Result:
    """Bring the database to this program's schema. The server does so too when it starts.

    With --partitions or --distributed the tables are split by location as well. Stop the servers first.
    """
    settings = settings_of(options)
    splits = options.partitions is not None or options.distributed
    if splits and not settings.database.startswith(POSTGRES):
        raise NotPostgresError("only tables of PostgreSQL can be split")
    if options.partitions is not None and options.distributed:
        raise NotPostgresError("tables are split by --partitions or by --distributed")
    async with open_database(settings) as storage:
        version = max(step.version for step in migrations(storage.engine))
        engine, notices = storage.engine, storage.notices
    lines = [f"the {engine} database has schema version {version}", *(f"note: {notice}" for notice in notices)]
    data = {"engine": engine, "schemaVersion": version, "notices": notices}
    if splits:
        more = await _split(settings.database, options.partitions)
        data |= more
        lines += [f"{name}: {', '.join(tables) or 'none'}" for name, tables in more.items()]
    return Result(data, "\n".join(lines))


async def _split(url: str, partitions: int | None) -> dict[str, list[str]]:
    """The tables that were split, by what has become of them."""
    from groundlevel.kernel.storage.postgres.partitions import distribute_tables, split_tables

    if partitions is not None:
        return {"partitioned": await split_tables(url, partitions)}
    located, common = await distribute_tables(url)
    return {"distributed": located, "onEveryNode": common}
