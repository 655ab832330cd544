"""The page of rate limits, from the counter's constants and headers."""

from __future__ import annotations

from groundlevel.kernel.http.rate_limits import BURST, DAILY, INTERVAL, UNLIMITED
from pages.markdown import code, table
from pages.markdown import page as whole

MEANINGS = {
    "x-ratelimit-limit-daily": "requests allowed in a day",
    "x-ratelimit-daily-remaining": "requests left of the day",
    "x-ratelimit-daily-reset": "milliseconds until the day ends",
    "x-ratelimit-interval-milliseconds": "length of an interval",
    "x-ratelimit-max": "requests allowed in an interval",
    "x-ratelimit-remaining": "requests left of the interval",
}


def page() -> str:
    """The page."""
    rows = ((code(name.decode()), MEANINGS[name.decode()], code(value.decode())) for name, value in UNLIMITED)
    return whole(
        "Rate limits",
        "The setting [limits](settings.md#limits) is `off` unless it is set: nothing is counted, and the headers "
        "say so.",
        f"With `--limits live` each location may send {BURST} requests in {INTERVAL // 1000} seconds and {DAILY:,} "
        "in a day of UTC; requests of a company token count for the company. What is beyond is refused with "
        "[rate_limited](errors/rate_limited.md), whose hint says how long to wait. A refused request is not "
        "counted. Every server process counts for itself.",
        "## Headers",
        "They are on every response, also while limits are off.",
        table(("header", "says", "while off"), rows),
    )
