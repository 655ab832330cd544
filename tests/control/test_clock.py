"""The clock of a double: that it goes as it is told, and that everything goes by it."""

from __future__ import annotations

import itertools

import pytest

from groundlevel.access.rules import NewToken, create_token
from groundlevel.control.clock import MovableClock
from groundlevel.control.durations import Delay, read_delay, read_duration, read_rate
from groundlevel.kernel.errors import InvalidShape
from groundlevel.kernel.ids import Clock, timestamp_of
from tests.control.lab import RECORDS, Lab

HOUR = 3_600_000


def test_it_goes_as_the_system_s_until_it_is_moved() -> None:
    clock = MovableClock()
    before = Clock().now()
    assert before - 1 <= clock.now() <= Clock().now() + 1
    clock.advance(25 * HOUR)
    assert clock.now() >= before + 25 * HOUR
    clock.restart()
    assert clock.now() <= Clock().now() + 1


def test_a_frozen_clock_stands_and_can_still_be_moved() -> None:
    clock = MovableClock()
    clock.freeze(True)  # first, so that no millisecond passes between the two
    clock.set(1_000)
    clock.advance(500)
    assert clock.now() == clock.now() == 1_500
    clock.freeze(False)
    assert clock.now() >= 1_500
    assert clock.now() < 1_500 + HOUR


def test_a_fast_clock_goes_on_from_where_it_was() -> None:
    clock = MovableClock()
    clock.set(1_000)
    clock.run_at(1_000_000)
    started = Clock().now()
    while Clock().now() < started + 2:
        pass
    assert clock.now() >= 1_000 + 1_000_000


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("300ms", 300), ("2s", 2_000), ("1.5m", 90_000), ("25h", 25 * HOUR), ("1h30m", 5_400_000), ("2d", 48 * HOUR)],
)
def test_durations(text: str, milliseconds: int) -> None:
    assert read_duration(text, "x") == milliseconds


@pytest.mark.parametrize("text", ["", "5", "-1s", "1w", "1s 2s", "s", "9" * 51 + "s", "999999999d", "1s±"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidShape, match=r"x must be"):
        read_duration(text, "x")


def test_delays_and_rates() -> None:
    assert read_delay("300ms", "x") == Delay(300)
    assert read_delay("300ms±100ms", "x") == read_delay("300ms+-100ms", "x") == Delay(300, 100)
    assert (read_rate("1KB/s", "x"), read_rate("1.5MB/s", "x"), read_rate("500B/s", "x")) == (1_024, 1_572_864, 500)
    for wrong in ("1KB", "0B/s", "fast", "1GB/s"):
        with pytest.raises(InvalidShape, match="x must be a rate"):
            read_rate(wrong, "x")


async def test_records_are_made_at_its_time(lab: Lab) -> None:
    shown = await lab.ask("PUT", "/clock", {"now": "2031-05-06T07:08:09.010Z", "frozen": True})
    assert shown == {"now": "2031-05-06T07:08:09.010Z", "frozen": True, "speed": 1.0}
    record_id = await lab.create()
    record = (await lab.api("GET", f"{RECORDS}/{record_id}")).json()["record"]
    assert record["createdAt"] == "2031-05-06T07:08:09.010Z"
    assert timestamp_of(record_id) == 1_935_817_689_010
    assert await lab.ask("GET", "/clock") == shown


async def test_a_clock_that_is_set_and_stopped_shows_that_time(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count(1_000_000)
    monkeypatch.setattr(Clock, "now", lambda self: next(ticks))
    lab.double.move_clock(now=5, advance=10, frozen=True, speed=2.0)
    assert lab.double.clock.now() == 15


async def test_epoch_milliseconds_are_a_time_too(lab: Lab) -> None:
    assert (await lab.ask("PUT", "/clock", {"now": 0, "frozen": True}))["now"] == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "body",
    [{"now": "yesterday"}, {"now": "2026-01-01T00:00:00"}, {"now": -1}, {"now": 10**18}, {"advance": "soon"},
     {"speed": 0}, {"frozen": "yes"}, {"later": "1h"}],
)  # fmt: skip
async def test_a_clock_that_cannot_go_so_is_left_as_it_was(lab: Lab, body: dict[str, object]) -> None:
    await lab.ask("PUT", "/clock", {"now": 5, "frozen": True})
    await lab.ask("PUT", "/clock", body, status=422)
    # Each id takes a millisecond of its own, also of a clock that stands.
    assert (await lab.ask("GET", "/clock"))["now"].startswith("1970-01-01T00:00:00.00")


async def test_tokens_expire_by_it(lab: Lab) -> None:
    expires_at = lab.double.storage.ids.now() + 24 * HOUR
    secret, _ = await create_token(lab.double.storage, NewToken("day", location_id=lab.location, expires_at=expires_at))
    path, headers = f"/objects/?locationId={lab.location}", {"Authorization": f"Bearer {secret}"}
    assert (await lab.api("GET", path, **headers)).status_code == 200
    await lab.ask("PUT", "/clock", {"advance": "25h"})
    assert (await lab.api("GET", path, **headers)).status_code == 401
    await lab.ask("POST", "/reset", {"to": "seed"})
    assert (await lab.api("GET", path)).status_code == 200


async def test_rate_limits_go_by_it(lab: Lab) -> None:
    await lab.ask("PUT", "/profile", {"limits": "live"})
    await lab.ask("PUT", "/clock", {"frozen": True})
    path = f"/objects/?locationId={lab.location}"
    statuses = [(await lab.api("GET", path)).status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    await lab.ask("PUT", "/clock", {"advance": "10s"})
    assert (await lab.api("GET", path)).status_code == 200
    await lab.ask("POST", "/reset", {"keep": ["profile"]})
    assert (await lab.api("GET", path)).headers["x-ratelimit-remaining"] == "99"
