"""When tokens were used last: noted by requests, stored by a task, at most once a minute."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from groundlevel.access import last_uses
from groundlevel.access.last_uses import keep_storing_last_uses, store_last_uses
from groundlevel.access.rules import NewToken, authenticate, create_token, list_tokens, revoke_token
from groundlevel.kernel.errors import TokenInvalid
from groundlevel.kernel.storage.base import Storage
from groundlevel.locations.rules import NewLocation, create_location
from tests.oauth.world import Moving
from tests.world import PATIENCE_SECONDS

MINUTE_MS = 60_000


@pytest.fixture
def clock(storage: Storage) -> Moving:
    """The clock of the storage, which stands still unless it is moved."""
    storage.ids.clock = moving = Moving()
    return moving


async def new_token(storage: Storage, name: str = "one") -> str:
    """The secret of a new token."""
    location = await create_location(storage, NewLocation(name))
    return (await create_token(storage, NewToken(name, location.id)))[0]


async def stored(storage: Storage) -> list[int | None]:
    """The last uses that are stored, in the order of the tokens, without those that this process only knows."""
    noted, storage.used_tokens = storage.used_tokens, set()
    found = [token.last_used_at for token in await list_tokens(storage)]
    storage.used_tokens = noted
    return found


async def test_a_use_is_noted_and_stored(storage: Storage, clock: Moving) -> None:
    secret = await new_token(storage)
    clock.timestamp += 1
    await new_token(storage, "never used")
    await store_last_uses(storage)
    assert [token.last_used_at for token in await list_tokens(storage)] == [None, None]
    await authenticate(storage, secret)
    assert [token.last_used_at for token in await list_tokens(storage)] == [storage.ids.now(), None]
    assert await stored(storage) == [None, None]
    at = storage.ids.now()
    await store_last_uses(storage)
    clock.timestamp += 10 * MINUTE_MS
    assert await stored(storage) == [at, None]
    await store_last_uses(storage)
    assert await stored(storage) == [at, None]
    await authenticate(storage, secret)
    await store_last_uses(storage)
    assert await stored(storage) == [at + 10 * MINUTE_MS, None]


async def test_a_token_is_written_at_most_once_a_minute(storage: Storage, clock: Moving) -> None:
    secret = await new_token(storage)
    first = storage.ids.now()
    for seconds, shown in ((0, 0), (1, 0), (58, 0), (60, 60), (61, 60), (120, 120)):
        clock.timestamp = first + seconds * 1000
        await authenticate(storage, secret)
        await store_last_uses(storage)
        assert await stored(storage) == [first + shown * 1000], seconds


async def test_a_clock_that_is_turned_back_does_not_end_it(storage: Storage, clock: Moving) -> None:
    secret = await new_token(storage)
    await authenticate(storage, secret)
    await store_last_uses(storage)
    clock.timestamp -= 100 * MINUTE_MS
    await authenticate(storage, secret)
    await store_last_uses(storage)
    assert await stored(storage) == [storage.ids.now()]


async def test_what_is_refused_is_no_use(storage: Storage, clock: Moving) -> None:
    location = await create_location(storage, NewLocation("Refusing"))
    expired, _ = await create_token(storage, NewToken("expired", location.id, expires_at=storage.ids.now() + 1))
    clock.timestamp += 1
    secret, token = await create_token(storage, NewToken("revoked", location.id))
    await authenticate(storage, secret)
    await store_last_uses(storage)
    used = storage.ids.now()
    clock.timestamp += MINUTE_MS
    await revoke_token(storage, token.id)
    for refused in (expired, secret, "pit-unknown"):
        with pytest.raises(TokenInvalid):
            await authenticate(storage, refused)
    await store_last_uses(storage)
    assert await stored(storage) == [None, used]


async def test_what_cannot_be_stored_is_kept(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = await new_token(storage)
    await authenticate(storage, secret)
    with monkeypatch.context() as broken:
        broken.setattr(storage, "write", _refuse)
        with pytest.raises(OSError, match="full"):
            await store_last_uses(storage)
    assert await stored(storage) == [None]
    await store_last_uses(storage)
    assert await stored(storage) != [None]


async def _refuse(*_: object) -> None:
    raise OSError("the disk is full")


async def test_a_server_that_stops_stores_the_last_of_them(storage: Storage) -> None:
    secret = await new_token(storage)
    task = asyncio.create_task(keep_storing_last_uses(storage))
    await asyncio.sleep(0)
    await authenticate(storage, secret)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert await stored(storage) != [None]


async def test_the_task_goes_on_from_minute_to_minute(
    storage: Storage, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_uses, "EVERY_SECONDS", 0.001)
    secret = await new_token(storage)
    written, write = asyncio.Event(), storage.write

    async def note(*asked: Any) -> Any:
        done = await write(*asked)
        written.set()
        return done

    monkeypatch.setattr(storage, "write", note)
    storage.background.start("last uses", lambda: keep_storing_last_uses(storage))
    for _ in range(2):
        clock.timestamp += MINUTE_MS
        await authenticate(storage, secret)
        written.clear()
        await asyncio.wait_for(written.wait(), PATIENCE_SECONDS)
        assert await stored(storage) == [storage.ids.now()]
