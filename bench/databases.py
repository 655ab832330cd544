"""The databases that are measured: where they are, and what is in them before the first record."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
from msgspec import Struct

import groundlevel.api  # noqa: F401  declares the scopes that tokens hold
from bench.corpus import FIELDS, LABELS, OBJECT, PRIMARY
from bench.processes import parent_of
from groundlevel.access.rules import NewToken, create_token
from groundlevel.kernel.model import Location, Origin
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, perform
from groundlevel.locations.rules import NewLocation, create_location
from groundlevel.schema.field_rules import NewField, NewOption, create_field
from groundlevel.schema.object_rules import NewObject, create_object
from groundlevel.standard.ids import schema_with_records
from tests.postgres import Cluster, NoPostgres, fresh_database, system_binaries, wheel_binaries

ENGINES = ("sqlite", "postgres")
ORIGIN = Origin("OAUTH", "INTEGRATION", "bench")


class Database(Struct, kw_only=True):
    """A database with one location, one object of a dozen properties, and a token."""

    engine: str
    url: str
    location: Location
    token: str

    def call(self, storage: Storage) -> Call:
        """The circumstances of a use case in its location."""
        return Call(self.location, ORIGIN, storage.ids)


class Pair(Struct, frozen=True):
    """The databases of one engine: one for the large object, one for the small, one for raw loads."""

    large: Database
    small: Database
    scratch_url: str


class Workspace(Struct, frozen=True):
    """Where databases are made."""

    directory: Path
    cluster_url: str
    """The maintenance database of a throw-away PostgreSQL server; empty when there is none."""
    why_not: str
    """Why there is none."""


@contextmanager
def make_workspace(directory: Path | None, engines: tuple[str, ...]) -> Iterator[Workspace]:
    """A directory for files and a durable PostgreSQL server, both gone afterwards."""
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="groundlevel-bench-", dir=directory))
        url, why_not = "", "it was not asked for"
        binaries = system_binaries() or wheel_binaries() if "postgres" in engines else None
        if "postgres" in engines:
            try:
                if binaries is None:
                    raise NoPostgres("no PostgreSQL is installed")
                cluster = Cluster(binaries, durable=True)
                stack.callback(cluster.stop)
                url, why_not = cluster.url, ""
            except NoPostgres as problem:
                why_not = str(problem)
        yield Workspace(Path(made), url, why_not)


@contextmanager
def fresh_urls(workspace: Workspace, engine: str, count: int) -> Iterator[list[str]]:
    """The URLs of new, empty databases."""
    with ExitStack() as stack:
        if engine == "sqlite":
            yield [f"sqlite:///{workspace.directory}/{number}.db" for number in range(count)]
        else:
            yield [stack.enter_context(fresh_database(workspace.cluster_url)) for _ in range(count)]


async def furnish(engine: str, url: str) -> Database:
    """Creates location, token, object and fields in an empty database."""
    storage = await open_storage(Settings(database=url))
    try:
        location = await create_location(storage, NewLocation("Bench"))
        token, _ = await create_token(storage, NewToken("bench", location_id=location.id))
        database = Database(engine=engine, url=url, location=location, token=token)
        call = database.call(storage)
        singular, plural = LABELS
        new = NewObject(OBJECT, singular, plural, None, PRIMARY, PRIMARY.capitalize(), "TEXT")
        folder = (await perform(storage, call, create_object, new)).folders[0].id
        for key, data_type, options in FIELDS:
            choices = [NewOption(option, option) for option in options] or None
            field = NewField(OBJECT, key, data_type, folder, name=key.replace("_", " "), options=choices)
            await perform(storage, call, create_field, field)
    finally:
        await storage.close()
    return database


async def record_ids(database: Database, count: int) -> list[str]:
    """The ids of the first records."""

    async def work(tx: Transaction) -> list[str]:
        schema = await schema_with_records(tx, OBJECT)
        found: list[str] = []
        more = True
        while more and len(found) < count:
            records, more = await tx.records.list_after(schema, found[-1] if found else "", count - len(found))
            found += [record.id for record in records]
        return found

    storage = await open_storage(Settings(database=database.url))
    try:
        return await storage.read(database.location, work)
    finally:
        await storage.close()


async def tidy(database: Database) -> None:
    """Lets PostgreSQL do now what it would otherwise do in the background while something is measured."""
    if database.engine == "postgres":
        connection = await asyncpg.connect(database.url)
        try:
            await connection.execute("VACUUM (ANALYZE)")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()


async def server_of(database: Database) -> int:
    """The parent process of a PostgreSQL server, whose children do its work; 0 for SQLite."""
    if database.engine == "sqlite":
        return 0
    connection = await asyncpg.connect(database.url)
    try:
        return parent_of(await connection.fetchval("SELECT pg_backend_pid()")) or 0
    finally:
        await connection.close()


def sync_seconds(directory: Path) -> float:
    """How long the disk takes to make 4 KiB durable: the median of a few tries."""
    times = []
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        for _ in range(21):
            file.write(b"x" * 4096)
            started = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]
