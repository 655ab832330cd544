"""Reads durations, delays and rates as people write them: `25h`, `1h30m`, `300ms±100ms`, `1KB/s`."""

from __future__ import annotations

import random
import re

from msgspec import Struct

from groundlevel.kernel.errors import InvalidShape

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SIZES = {"B": 1, "KB": 1_024, "MB": 1_048_576}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_RATE = re.compile(r"(\d+(?:\.\d+)?)(B|KB|MB)/s")
_MOST = 100 * 366 * 86_400_000


class Delay(Struct, frozen=True):
    """How long something takes longer, in milliseconds."""

    usual: int
    jitter: int = 0
    """By how much it may be more or less."""

    def seconds(self, chance: random.Random) -> float:
        """One delay."""
        return max(0.0, self.usual + self.jitter * chance.uniform(-1, 1)) / 1_000


def read_duration(text: str, name: str) -> int:
    """Milliseconds. Raises InvalidShape, which calls the member `name`."""
    if len(text) > 50 or not _DURATION.fullmatch(text):
        raise InvalidShape([f"{name} must be a duration such as 300ms, 2s, 25h or 1h30m"])
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if total > _MOST:
        raise InvalidShape([f"{name} must be no longer than 100 years"])
    return round(total)


def read_delay(text: str, name: str) -> Delay:
    """A duration, or one with what it varies by. Raises InvalidShape."""
    usual, sign, jitter = text.replace("+-", "±").partition("±")
    return Delay(read_duration(usual, name), read_duration(jitter, name) if sign else 0)


def read_rate(text: str, name: str) -> float:
    """Bytes a second. Raises InvalidShape."""
    found = _RATE.fullmatch(text) if len(text) <= 50 else None
    if found is None or not float(found[1]):
        raise InvalidShape([f"{name} must be a rate such as 500B/s or 1KB/s"])
    return float(found[1]) * _SIZES[found[2]]
