"""Brings a database to this program's schema."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from msgspec import Struct

from groundlevel.kernel.storage.connection import Connection
from groundlevel.kernel.storage.statements import Statement

_RECORD_TABLE = Statement.command("""
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at bigint NOT NULL)
""")
_APPLIED = Statement.query("SELECT version, checksum FROM schema_migrations")
_RECORD_STEP = Statement.command(
    "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"
)


class MigrationError(RuntimeError):
    """The database cannot be brought to this program's schema."""


class Migration(Struct, frozen=True):
    """One numbered step. Its text never changes once released: the checksum is recorded and compared."""

    version: int
    name: str
    sql: str
    checksum: str
    """SHA-256 of the text, in hex."""


@cache
def migrations(engine: str) -> Sequence[Migration]:
    """The steps of one engine, in order: the files `migrations/<engine>/NNNN_name.sql`, which are read once."""
    folder = resources.files("groundlevel") / "migrations" / engine
    steps = []
    for entry in folder.iterdir():
        number, _, rest = entry.name.partition("_")
        if number.isdigit() and rest.endswith(".sql"):
            sql = entry.read_text("utf-8")
            checksum = hashlib.sha256(sql.encode()).hexdigest()
            steps.append(Migration(int(number), rest.removesuffix(".sql"), sql, checksum))
    return tuple(sorted(steps, key=lambda step: step.version))


async def pending(connection: Connection, engine: str) -> list[Migration]:
    """The steps not yet applied.

    Raises MigrationError when the database is newer than this program or a released step was edited.
    """
    steps = migrations(engine)
    applied = {row[0]: row[1] for row in await connection.rows(_APPLIED)}
    newest = max((step.version for step in steps), default=0)
    ahead = [version for version in applied if version > newest]
    if ahead:
        raise MigrationError(
            f"the database has schema version {max(ahead)} and this program knows {newest}: use a newer groundlevel"
        )
    for step in steps:
        if applied.get(step.version, step.checksum) != step.checksum:
            raise MigrationError(f"migration {step.version} ({step.name}) differs from the one applied here")
    return [step for step in steps if step.version not in applied]


async def check(connection: Connection, engine: str) -> None:
    """Changes nothing. Raises MigrationError unless the database has exactly this program's schema."""
    steps = await pending(connection, engine)
    if steps:
        raise MigrationError(f"the database lacks migration {steps[0].version}: run `groundlevel migrate` first")


async def find_outdated_version(connection: Connection, engine: str) -> int | None:
    """The schema version that `apply` would migrate from; None for a new database and for one that is up to date.

    Raises MigrationError.
    """
    await connection.run(_RECORD_TABLE)
    if not await pending(connection, engine):
        return None
    return max((row[0] for row in await connection.rows(_APPLIED)), default=None)


async def apply(connection: Connection, engine: str, *, now: int) -> list[Migration]:
    """Applies every pending step inside the caller's transaction and returns them. `now` is in epoch milliseconds."""
    await connection.run(_RECORD_TABLE)
    steps = await pending(connection, engine)
    for step in steps:
        await connection.script(step.sql)
        await connection.run(
            _RECORD_STEP,
            step.version,
            step.name,
            step.checksum,
            now,
        )
    return steps
