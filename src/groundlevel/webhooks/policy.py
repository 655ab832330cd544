"""The table of retry policies: what counts as delivered, and when a failed attempt is followed by another."""

from __future__ import annotations

import random

from msgspec import Struct

from groundlevel.kernel.settings import WebhookPolicy

_MINUTE, _HOUR = 60, 3_600


class Policy(Struct, frozen=True):
    """A row of the table below."""

    pauses: tuple[int, ...]
    """Seconds from each failed attempt to the next; behind the last of them a delivery is dead."""
    jitter: float
    """The greatest share of a pause that is added to it, at random, so that receivers are not hit all at once."""
    only: frozenset[int] | None
    """The statuses that are worth another attempt; None for every failure, no answer at all included."""
    doc: str

    def verdict(self, status: int | None, failures: int, chance: random.Random) -> Verdict:
        """What follows an attempt; `failures` had gone before it, and `status` is None when nothing was answered."""
        if status is not None and 200 <= status < 300:
            return DELIVERED
        if failures >= len(self.pauses) or (self.only is not None and status not in self.only):
            return DEAD
        pause = self.pauses[failures] * (1 + self.jitter * chance.random())
        return Verdict("pending", int(pause * 1_000))


class Verdict(Struct, frozen=True):
    """What becomes of a delivery."""

    state: str
    """delivered or dead, or pending for another attempt."""
    pause_ms: int = 0
    """How long until that."""


DELIVERED, DEAD = Verdict("delivered"), Verdict("dead")

POLICIES: dict[WebhookPolicy, Policy] = {
    "patient": Policy(
        pauses=(5, 15, 45, 135, 405, 20 * _MINUTE, _HOUR, 3 * _HOUR, 9 * _HOUR, 24 * _HOUR),
        jitter=0.2,
        only=None,
        doc="Any failure is followed by another attempt: after 5 seconds, then after pauses three times as long, up "
        "to a day. After ten retries, which take a day and a half, the delivery is dead and kept for a replay.",
    ),
    "live": Policy(
        pauses=(10 * _MINUTE,) * 6,
        jitter=1 / 3,
        only=frozenset((429,)),
        doc="As the live platform: only 429 is followed by another attempt, up to six times, ten minutes and some "
        "jitter apart. Every other status but 2xx, and no answer, is final.",
    ),
}
"""Every policy, by the value of the setting that chooses it (docs/contract.md#webhook-delivery)."""

ONCE = Policy(pauses=(), jitter=0, only=None, doc="Whatever comes of the first attempt is final.")
"""For a developer who watches."""
