"""Whatever PostgreSQL does, a request is refused as unavailable or carried out, and nothing is half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from groundlevel.crm.contacts.rules import NewContact, Upserted, upsert_contact
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import OutcomeUnknown, StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from groundlevel.kernel.storage.engines import make_storage, open_storage
from groundlevel.kernel.storage.migrate import MigrationError
from groundlevel.kernel.storage.postgres.connection import PostgresConnection
from groundlevel.signing.rules import ED25519, list_active_keys
from tests.conftest import Opening
from tests.oauth.world import oauth_world
from tests.postgres import database_of, fresh_database
from tests.world import World, eventually, world_in

FAULTS: list[Callable[[], Exception]] = [
    lambda: ConnectionResetError("reset"),
    lambda: asyncpg.ConnectionDoesNotExistError("closed in the middle of operation"),
    lambda: asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    lambda: asyncpg.DiskFullError("could not extend file"),
    lambda: asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    lambda: asyncpg.ObjectNotInPrerequisiteStateError("not accepting connections"),
    lambda: asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    lambda: asyncpg.InternalServerError("cache lookup failed"),
    lambda: asyncpg.PostgresIOError("could not read block"),
    lambda: asyncpg.InsufficientPrivilegeError("permission denied for table records"),
    lambda: asyncpg.DeadlockDetectedError("deadlock detected"),
]


@pytest.fixture
async def world(postgres_server: str, migrated_postgres: str) -> AsyncIterator[World]:
    """A location with the object `pet` on PostgreSQL, the name of a pet being unique."""
    with fresh_database(postgres_server, template=database_of(migrated_postgres)) as url:
        storage = await open_storage(Settings(database=url))
        world = await world_in(storage)
        await world.pet()
        await world.field("chip", unique=True)
        yield world
        await storage.close()


@pytest.fixture
def fail_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], Exception]], list[int]]:
    """Has the statement with this number, from now on, fail before it reaches the server; counts statements."""

    def arrange(number: int, fault: Callable[[], Exception]) -> list[int]:
        sent = [0]

        def failing(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            async def send(self: PostgresConnection, *args: Any) -> Any:
                sent[0] += 1
                if sent[0] == number:
                    raise fault()
                return await original(self, *args)

            return send

        monkeypatch.undo()
        for name in ("rows", "row", "run", "run_many", "script"):
            monkeypatch.setattr(PostgresConnection, name, failing(getattr(PostgresConnection, name)))
        return sent

    return arrange


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault()).__name__)
async def test_a_fault_at_any_statement_is_a_refusal_and_leaves_nothing_half_done(
    fault: Callable[[], Exception],
    world: World,
    fail_at: Callable[[int, Callable[[], Exception]], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_id = await world.create({"name": "Rex", "chip": "first"})
    app = await oauth_world(world.storage)
    codes = [await app.code() for _ in range(30)]
    works: list[Callable[[int], Awaitable[object]]] = [
        lambda n: world.create({"name": "Max", "chip": f"c{n}"}),
        lambda n: world.update(record_id, {"chip": f"u{n}"}),
        lambda _: world.search("rex"),
        lambda n: world.do(upsert_contact, NewContact({"email": f"{n}@example.com"})),
        lambda n: world.field(f"f{n}"),
        lambda n: app.trade(codes[n]),
    ]
    for work in works:
        for number in range(1, 30):
            sent = fail_at(number, fault)
            try:
                await work(number)
            except (StorageUnavailable, OutcomeUnknown):
                pass
            finally:
                monkeypatch.undo()
            if sent[0] < number:
                break
        else:
            pytest.fail("a request that takes thirty statements")
    report = await examine(world.storage)
    assert report.ok, report


async def test_a_commit_without_an_answer_is_not_called_undone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    original = PostgresConnection.script

    async def lose(self: PostgresConnection, sql: str) -> None:
        await original(self, sql)
        if sql.endswith("COMMIT"):
            raise ConnectionResetError("the answer was lost")

    monkeypatch.setattr(PostgresConnection, "script", lose)
    for attempts in (1, 3):
        outcomes = await asyncio.gather(
            *(world.create({"name": f"Rex {attempts} {n}"}) for n in range(attempts)), return_exceptions=True
        )
        assert [type(each) for each in outcomes] == [OutcomeUnknown] * attempts
        assert "not known" in outcomes[0].advice  # type: ignore[union-attr]
    monkeypatch.undo()
    assert len(await world.found("rex")) == 4


async def test_a_server_that_accepts_no_connections_is_unavailable(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        storage = await open_storage(Settings(database=url))
        world = await world_in(storage)
        await world.pet()
        admin = await asyncpg.connect(postgres_server)
        name = database_of(url)
        try:
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            for _ in range(3):
                for attempt in (world.create({"name": "Rex"}), world.search(), world.object(), storage.ready()):
                    with pytest.raises((StorageUnavailable, OutcomeUnknown)):
                        await attempt
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

            async def is_back() -> bool:
                try:
                    await world.create({"name": "Max"})
                except (StorageUnavailable, OutcomeUnknown):
                    return False
                return True

            await eventually(is_back)
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await admin.close()
            await storage.close()


async def test_a_database_that_is_read_only_is_not_ready(world: World) -> None:
    await world.storage.ready()
    connection = await asyncpg.connect(world.storage.url)  # type: ignore[attr-defined]
    try:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        storage = make_storage(Settings(database=world.storage.url))  # type: ignore[attr-defined]
        with pytest.raises(StorageUnavailable):
            await storage.open()
        await connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    finally:
        await connection.close()


async def test_upserts_of_one_address_at_once_are_one_contact(opening: Opening) -> None:
    """By three processes, of which none is refused because another was faster."""
    storages = [await opening() for _ in range(3)]
    first = await world_in(storages[0])
    worlds = [first, *(await asyncio.gather(*(world_in(each, first.location) for each in storages[1:])))]
    for number in range(5):
        request = NewContact({"email": f"ann{number}@example.com"})
        outcomes: list[Upserted] = await asyncio.gather(*(worlds[n % 3].do(upsert_contact, request) for n in range(8)))
        assert len({each.contact.id for each in outcomes}) == 1
        assert [each.new for each in outcomes].count(True) == 1
    assert (await examine(storages[0])).ok


async def test_processes_that_start_together_make_one_key(opening: Opening) -> None:
    storages = [await opening() for _ in range(3)]
    keys = await asyncio.gather(*(list_active_keys(each, ED25519) for each in storages for _ in range(2)))
    assert len({key.id for each in keys for key in each}) == 1


async def test_what_is_examined_is_not_migrated(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        storage = make_storage(Settings(database=url))
        with pytest.raises(MigrationError, match="empty"):
            await storage.open_to_examine()
        await storage.close()
        connection = await asyncpg.connect(url)
        assert await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
        await connection.close()


async def test_what_is_examined_takes_no_write(world: World) -> None:
    storage: Storage = make_storage(Settings(database=world.storage.url))  # type: ignore[attr-defined]
    await storage.open_to_examine()
    try:
        assert (await examine(storage)).ok
        with pytest.raises(StorageUnavailable):
            await (await world_in(storage, world.location)).create({"name": "Max"})
    finally:
        await storage.close()
