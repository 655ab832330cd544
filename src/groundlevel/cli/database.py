"""Migrates the database."""

from __future__ import annotations

import typer

from groundlevel.kernel.command import Options, Result, command, open_database, settings_of
from groundlevel.kernel.storage.migrate import migrations


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "migrate")(migrate)


async def migrate(options: Options) -> Result:
    """Bring the database to this program's schema. The server does so too when it starts."""
    async with open_database(settings_of(options)) as storage:
        version = max(step.version for step in migrations(storage.engine))
        engine, notices = storage.engine, storage.notices
    lines = [f"the {engine} database has schema version {version}", *(f"note: {notice}" for notice in notices)]
    return Result({"engine": engine, "schemaVersion": version, "notices": notices}, "\n".join(lines))
