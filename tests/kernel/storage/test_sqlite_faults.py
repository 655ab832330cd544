"""Whatever SQLite does at a statement, a request is refused as unavailable or carried out, and nothing is half done."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from groundlevel.crm.contacts.rules import NewContact, upsert_contact
from groundlevel.doctor.rules import examine
from groundlevel.kernel.errors import OutcomeUnknown, StorageUnavailable
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.engines import open_storage
from groundlevel.kernel.storage.sqlite import engine
from groundlevel.kernel.storage.sqlite.connection import SqliteConnection
from tests.oauth.world import oauth_world
from tests.world import World, eventually, world_in

FAULTS = (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.NoMemError, apsw.InterruptError)
MOST_STATEMENTS = 60


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A location with the object `pet` in a file, the name of a pet being unique."""
    storage = await open_storage(Settings(database=f"sqlite:///{tmp_path}/faults.db", synchronous="OFF"))
    world = await world_in(storage)
    await world.pet()
    await world.field("chip", unique=True)
    yield world
    await storage.close()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_a_fault_at_any_statement_is_a_refusal_and_leaves_nothing_half_done(
    fault: type[Exception], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WATCH_SECONDS", 0.002)  # as often as nothing but a test has faults
    sent, failing_at = 0, 0

    def failing(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def send(self: SqliteConnection, *args: Any) -> Any:
            nonlocal sent
            sent += 1
            if sent == failing_at:
                raise fault("injected")
            return await original(self, *args)

        return send

    async def takes_writes() -> bool:
        try:
            await world.storage.ready()
        except StorageUnavailable:
            return False
        return True

    record_id = await world.create({"name": "Rex", "chip": "first"})
    app = await oauth_world(world.storage)
    codes = [await app.code() for _ in range(MOST_STATEMENTS)]
    works: dict[str, Callable[[int], Awaitable[object]]] = {
        "create": lambda n: world.create({"name": "Max", "chip": f"c{n}"}),
        "update": lambda n: world.update(record_id, {"chip": f"u{n}"}),
        "search": lambda _: world.search("rex"),
        "upsert": lambda n: world.do(upsert_contact, NewContact({"email": f"{n}@example.com"})),
        "schema": lambda n: world.field(f"f{n}"),
        "token": lambda n: app.trade(codes[n]),
    }
    for name in ("rows", "row", "run", "run_many", "script"):
        monkeypatch.setattr(SqliteConnection, name, failing(getattr(SqliteConnection, name)))
    for name, work in works.items():
        hit = 0
        for number in range(1, MOST_STATEMENTS):
            sent, failing_at = 0, number
            with contextlib.suppress(StorageUnavailable, OutcomeUnknown):
                await work(number)
            failing_at = 0
            await eventually(takes_writes)
            if sent < number:
                break
            hit += 1
        else:
            pytest.fail(f"{name} takes {MOST_STATEMENTS} statements")
        assert hit, f"no statement of {name} failed"
    report = await examine(world.storage)
    assert report.ok, report
