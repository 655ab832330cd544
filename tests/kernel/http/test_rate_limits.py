"""Tests of the rate limits, with a clock that stands still until it is told to move."""

from __future__ import annotations

import pytest

from groundlevel.kernel.errors import RateLimited
from groundlevel.kernel.http.rate_limits import BURST, DAILY, DAY, INTERVAL, UNLIMITED, Limits
from groundlevel.kernel.ids import Clock
from groundlevel.kernel.model import Actor
from groundlevel.kernel.settings import Settings
from groundlevel.kernel.storage.base import Storage
from tests.kernel.http.world import open_world


class StoppedClock(Clock):
    """Shows the timestamp it was set to."""

    def __init__(self, timestamp: int) -> None:
        self.timestamp = timestamp

    def now(self) -> int:
        return self.timestamp


def _actor(location: str | None, company: str = "C") -> Actor:
    return Actor("T", company, location, frozenset(), "OAUTH", "INTEGRATION", "S", None)


NOON = 20_000 * DAY + DAY // 2


def test_a_burst_and_the_next_interval() -> None:
    clock = StoppedClock(NOON)
    limits, actor = Limits(clock), _actor("L")

    for _ in range(BURST):
        headers = dict(limits.take(actor))
    assert headers[b"x-ratelimit-remaining"] == b"0"
    clock.timestamp += INTERVAL - 1
    with pytest.raises(RateLimited) as refused:
        limits.take(actor)
    assert refused.value.advice == "Wait 1 milliseconds and try again."
    clock.timestamp += 1
    headers = dict(limits.take(actor))

    assert headers[b"x-ratelimit-remaining"] == b"99"
    assert headers[b"x-ratelimit-daily-remaining"] == b"%d" % (DAILY - BURST - 1)


def test_a_day_and_the_next() -> None:
    clock = StoppedClock(20_000 * DAY)
    limits, actor = Limits(clock), _actor("L")

    for number in range(DAILY):
        clock.timestamp = 20_000 * DAY + number // BURST * INTERVAL
        limits.take(actor)
    clock.timestamp += INTERVAL
    with pytest.raises(RateLimited):
        limits.take(actor)
    left = dict(limits.headers(actor))
    assert left[b"x-ratelimit-daily-remaining"] == b"0"
    assert left[b"x-ratelimit-daily-reset"] == b"%d" % (20_001 * DAY - clock.timestamp)
    clock.timestamp = 20_001 * DAY

    assert dict(limits.take(actor))[b"x-ratelimit-daily-remaining"] == b"%d" % (DAILY - 1)


def test_each_location_and_each_company_has_its_own() -> None:
    limits = Limits(StoppedClock(NOON))

    for _ in range(BURST):
        limits.take(_actor("L"))

    for other in (_actor("M"), _actor(None), _actor(None, "D")):
        assert dict(limits.take(other))[b"x-ratelimit-remaining"] == b"99"
    with pytest.raises(RateLimited):
        limits.take(_actor("L"))


async def test_over_the_wire(storage: Storage) -> None:
    clock = StoppedClock(NOON)
    storage.ids.clock = clock
    async with open_world(storage, Settings(limits="live")) as world:
        path = f"/locations/{world.location}"
        replies = [await world.client.get(path, headers=world.headers()) for _ in range(BURST + 1)]
        last = replies[-1]
        assert [reply.status_code for reply in replies] == [200] * BURST + [429]
        assert last.json()["message"] == "Too Many Requests"
        assert last.headers["x-ratelimit-remaining"] == "0"
        assert last.headers["x-groundlevel-doc"] == "/docs/errors/rate_limited"
        assert (await world.client.get(path, headers=world.headers("company"))).status_code == 200
        clock.timestamp += INTERVAL
        assert (await world.client.get(path, headers=world.headers())).status_code == 200


async def test_off_they_are_shown_and_not_counted(storage: Storage) -> None:
    async with open_world(storage, Settings()) as world:
        for _ in range(BURST + 1):
            reply = await world.client.get(f"/locations/{world.location}", headers=world.headers())

        assert reply.status_code == 200
        for name, value in UNLIMITED:
            assert reply.headers[name.decode()] == value.decode()
