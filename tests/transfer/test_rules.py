"""A copy of a database has everything that the original has, whichever engines they are of, or nothing at all."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from groundlevel.doctor.rules import examine
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_end, open_storage
from groundlevel.kernel.storage.statements import Statement
from groundlevel.schema.object_rules import delete_object
from groundlevel.transfer.digest import Digest
from groundlevel.transfer.errors import TransferError
from groundlevel.transfer.rules import Transferred, transfer_database
from groundlevel.transfer.store import BY_RECORD, DERIVED, OF_THE_ENGINE, shared_tables, whole
from tests.needs import require_postgres
from tests.postgres import database_of, fresh_database
from tests.world import PET, world_in

from .contents import BEING_REMOVED, everything, exports, fill, ready_indexes

DIRECTIONS = [("sqlite", "postgres"), ("postgres", "sqlite"), ("sqlite", "sqlite"), ("postgres", "postgres")]
MakeDatabase = Callable[[str], str]


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDatabase]:
    """Makes empty, migrated databases by the name of their engine; returns their URLs."""
    with ExitStack() as stack:
        made = 0

        def make(engine: str) -> str:
            nonlocal made
            made += 1
            if engine == "sqlite":
                return f"sqlite:///{tmp_path}/{made}.db"
            require_postgres()
            migrated = database_of(request.getfixturevalue("migrated_postgres"))
            return stack.enter_context(fresh_database(request.getfixturevalue("postgres_server"), template=migrated))

        yield make


async def transfer(source: str, target: str) -> Transferred:
    return await transfer_database(Settings(database=source), Settings(database=target))


async def assert_sound(url: str) -> None:
    storage = await open_storage(Settings(database=url))
    try:
        report = await examine(storage)
        wrong = [check for check in report.checks if not check.ok]
        # The rows that fill otherwise empty tables belong to nothing, in the original as in the copy.
        assert [check.name for check in wrong] in ([], ["orphans"]), wrong
    finally:
        await storage.close()


@pytest.mark.parametrize(("one", "other"), DIRECTIONS)
async def test_a_copy_and_the_copy_of_it_have_everything(
    one: str, other: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    original, copy, back = make_database(one), make_database(other), make_database(one)
    await fill(original)
    expected, files = await everything(original), await exports(original, tmp_path)
    assert [name for name, rows in expected.items() if not rows and not name.startswith("records")] == sorted(
        BEING_REMOVED
    )
    copied = await transfer(original, copy)
    assert copied.records == sum(len(rows) for name, rows in expected.items() if name.startswith("records"))
    await transfer(copy, back)
    for url in (copy, back):
        found = await everything(url)
        for name, rows in expected.items():
            assert found[name] == rows, f"{url}: {name}"
        assert await exports(url, tmp_path) == files
        assert await ready_indexes(url) == await ready_indexes(original)
        await assert_sound(url)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_a_copy_goes_on_where_the_original_stood(engine: str, make_database: MakeDatabase) -> None:
    source, target = make_database("sqlite" if engine == "postgres" else "postgres"), make_database(engine)
    world = await fill(source)
    await transfer(source, target)
    storage = await open_storage(Settings(database=target))
    try:
        again = await world_in(storage, world.location)
        before = await again.found()
        created = await again.create({"name": "Newcomer", "chip": "new"})
        assert await again.found() == [created, *before]
        assert await again.found("zoe") != []
        fields = {each.number for each in (await again.object()).fields}
        assert (await again.field("later")).number > max(fields)
    finally:
        await storage.close()


RIDS = Statement.query("""
SELECT properties ->> 'name', rid - (obj << 36) FROM records WHERE obj = (SELECT max(obj) FROM objects)
UNION ALL SELECT detail ->> '$.properties.name', (detail ->> '$.place') - ((SELECT max(obj) FROM objects) << 36)
FROM audit WHERE operation = 'delete' AND kind = 'record'
""")
"""Which rowid pets have, and which those that were deleted will have when they come back."""


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_there_is_room_for_deleted_records_to_come_back(engine: str, make_database: MakeDatabase) -> None:
    source, target = make_database(engine), make_database("sqlite")
    storage = await open_storage(Settings(database=source))
    world = await world_in(storage)
    await world.pet()
    ids = [await world.create({"name": name}) for name in "abcdef"]
    for number in (0, 2, 5):
        await world.delete(ids[number])
    await storage.close()
    await transfer(source, target)
    storage = await open_storage(Settings(database=target))
    try:
        await (await world_in(storage, world.location)).create({"name": "g"})
        rows = await storage.read(None, lambda tx: tx.connection.rows(RIDS))
        assert sorted(map(tuple, rows)) == list(zip("abcdefg", range(1, 8), strict=True))
        assert (await examine(storage)).ok
    finally:
        await storage.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_what_is_there_is_left_alone(engine: str, make_database: MakeDatabase) -> None:
    source, target = make_database("sqlite"), make_database(engine)
    await fill(source)
    await fill(target)
    before = await everything(target)
    with pytest.raises(TransferError, match="the target is not empty: there are"):
        await transfer(source, target)
    assert await everything(target) == before


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_a_copy_that_differs_is_not_committed(engine: str, make_database: MakeDatabase) -> None:
    source, target = make_database("sqlite"), make_database(engine)
    await fill(source)
    await (await open_storage(Settings(database=target))).close()
    empty = await everything(target)
    async with open_end(target, writing=True) as end:
        await end.connection.script(
            "CREATE TRIGGER meddle AFTER INSERT ON records BEGIN "
            "UPDATE records SET version = version + 1 WHERE rid = new.rid; END"
            if engine == "sqlite"
            else "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN new.version := new.version + 1; RETURN new; END $$; "
            "CREATE TRIGGER meddle BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION meddle()"
        )
    with pytest.raises(TransferError, match="is not what was read"):
        await transfer(source, target)
    assert await everything(target) == empty


async def test_a_database_that_is_not_whole_is_not_copied(make_database: MakeDatabase) -> None:
    source, target = make_database("sqlite"), make_database("sqlite")
    world = await fill(source)
    async with open_end(source, writing=True) as end:
        await end.connection.run(Statement.command("DELETE FROM objects WHERE loc = $1 AND key = $2"), 2, PET)
    assert world.location.number == 2
    with pytest.raises(TransferError, match="belong to no"):
        await transfer(source, target)


async def test_what_is_being_removed_is_removed_first(make_database: MakeDatabase) -> None:
    source, target = make_database("sqlite"), make_database("sqlite")
    world = await fill(source)
    storage = await open_storage(Settings(database=source))
    try:
        await (await world_in(storage, world.location)).do(delete_object, PET)
    finally:
        await storage.close()
    with pytest.raises(TransferError, match="still removes what was deleted"):
        await transfer(source, target)


async def test_a_database_in_memory_is_not_copied(make_database: MakeDatabase) -> None:
    with pytest.raises(TransferError, match="in memory"):
        await transfer("sqlite:///:memory:", make_database("sqlite"))


KILLED = """
import asyncio, os, signal, sys
from groundlevel.kernel.settings import Settings
from groundlevel.transfer.rules import transfer_database

def die(done, total):
    if done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(transfer_database(Settings(database=sys.argv[1]), Settings(database=sys.argv[2]), progress=die))
"""


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_a_copy_that_is_killed_leaves_nothing_and_can_be_made_again(
    engine: str, make_database: MakeDatabase
) -> None:
    source, target = make_database("sqlite"), make_database(engine)
    await fill(source)
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, source, target, "20")
    assert await killed.wait() == -signal.SIGKILL
    held = await everything(target)
    assert [name for name, rows in held.items() if rows] == ["counters"]
    await transfer(source, target)
    assert (await everything(target))["tokens"] == (await everything(source))["tokens"]


async def test_every_table_of_both_engines_is_copied_or_known(make_database: MakeDatabase) -> None:
    columns = {}
    for engine in ("sqlite", "postgres"):
        url = make_database(engine)
        await (await open_storage(Settings(database=url))).close()
        async with open_end(url, writing=False) as end:
            columns[engine] = await end.columns()
    shared = shared_tables(columns["sqlite"], columns["postgres"])
    apart = BY_RECORD | DERIVED | OF_THE_ENGINE
    assert {table.name for table in shared} | apart == columns["sqlite"].keys() | columns["postgres"].keys()
    for table in shared:
        # Values of these types are the same on both engines; of others, such as jsonb, they would differ.
        kinds = set(columns["postgres"][table.name].values()) | set(columns["sqlite"][table.name].values())
        assert kinds <= {"integer", "bigint", "text", "bytea", "blob"}, table.name


async def test_every_sequence_of_postgresql_is_a_counter(make_database: MakeDatabase) -> None:
    url = make_database("postgres")
    async with open_end(url, writing=False) as end:
        rows = await end.connection.rows(Statement.query("SELECT sequencename FROM pg_sequences"))
        assert set(await whole(end).counters()) == {row[0] for row in rows}


def test_a_digest_tells_rows_apart_and_no_orders() -> None:
    def digest(*rows: list[object]) -> Digest:
        made = Digest()
        made.add(rows)
        return made

    assert digest([1, "a"], [2, b"b"]) == digest([2, b"b"], [1, "a"])
    assert digest([1, "a"]) != digest([1, "b"])
    assert digest([1, "a"], [1, "a"]) != digest([1, "a"])
    assert digest([None]) != digest([""])
    both = digest([1])
    both.merge(digest([2]))
    assert both == digest([1], [2])
    assert both.hex == digest([2], [1]).hex
