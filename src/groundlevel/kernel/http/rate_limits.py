"""Counts requests against the platform's rate limits and writes the headers that report them.

See docs/contract.md#rate-limits.
"""

from __future__ import annotations

from groundlevel.kernel.errors import RateLimited
from groundlevel.kernel.ids import Clock
from groundlevel.kernel.model import Actor

BURST = 100
"""Requests of one resource within an interval."""
INTERVAL = 10_000
"""Length of an interval, in milliseconds. It begins with the first request after the last one ended."""
DAILY = 200_000
"""Requests of one resource within a day of UTC."""
DAY = 86_400_000

Headers = list[tuple[bytes, bytes]]


def _headers(remaining: int, daily_remaining: int, daily_reset: int) -> Headers:
    return [
        (b"x-ratelimit-limit-daily", b"%d" % DAILY),
        (b"x-ratelimit-daily-remaining", b"%d" % daily_remaining),
        (b"x-ratelimit-daily-reset", b"%d" % daily_reset),
        (b"x-ratelimit-interval-milliseconds", b"%d" % INTERVAL),
        (b"x-ratelimit-max", b"%d" % BURST),
        (b"x-ratelimit-remaining", b"%d" % remaining),
    ]


UNLIMITED: Headers = _headers(BURST, DAILY, DAY)
"""What every response says while limits are off, or when no caller is known to count it against."""


EXHAUSTED: Headers = _headers(0, DAILY - BURST, DAY)
"""What a response says that is refused for the rate limit without counting."""


class _Count:
    """The requests of one resource."""

    __slots__ = ("burst", "burst_start", "daily", "day")

    def __init__(self) -> None:
        self.burst = 0
        self.burst_start = -INTERVAL
        self.daily = 0
        self.day = -1


class Limits:
    """The live platform's limits, for each location, or company when the token is one's.

    A refused request is not counted, so that a client which waits out the interval gets through.
    The counts live in this process; several workers each allow the full number.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, _Count] = {}

    def take(self, actor: Actor) -> Headers:
        """Counts one request and returns the headers for its response. Raises RateLimited."""
        count, now = self._count(actor)
        if count.burst >= BURST or count.daily >= DAILY:
            wait = count.burst_start + INTERVAL - now if count.daily < DAILY else DAY - now % DAY
            raise RateLimited(hint=f"Wait {max(wait, 1)} milliseconds and try again.")
        count.burst += 1
        count.daily += 1
        return self._headers(count, now)

    def headers(self, actor: Actor) -> Headers:
        """The headers as they stand, counting nothing."""
        count, now = self._count(actor)
        return self._headers(count, now)

    def _count(self, actor: Actor) -> tuple[_Count, int]:
        now = self._clock.now()
        resource = actor.location_id or actor.company_id
        count = self._counts.get(resource)
        if count is None:
            count = self._counts[resource] = _Count()
        if now - count.burst_start >= INTERVAL:
            count.burst, count.burst_start = 0, now
        if now // DAY != count.day:
            count.daily, count.day = 0, now // DAY
        return count, now

    def _headers(self, count: _Count, now: int) -> Headers:
        return _headers(BURST - count.burst, DAILY - count.daily, DAY - now % DAY)
