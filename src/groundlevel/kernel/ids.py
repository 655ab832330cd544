"""Makes every public identifier, in HighLevel's forms (docs/contract.md#identifiers)."""

from __future__ import annotations

import random
import re
import time
import zlib

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_FAIR_BYTES = 256 // len(_ALPHABET) * len(_ALPHABET)
_RECORD_ID = re.compile("[0-9a-f]{24}")
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
_COUNTER_MASK = 0xFFFFFF
_RECORD_BITS = 96
LAST_ID = b"\xff" * (_RECORD_BITS // 8)
"""No record id is greater, in its binary form."""
_CHECK_MASK = (1 << 22) - 1


class Ids:
    """A source of identifiers.

    Record ids are 12 bytes: seconds (4) · milliseconds and worker (10 + 6 bits) · process random (3) · counter (3).
    They increase strictly within one source, and `after` raises the floor above ids another process has made,
    so that id order is creation order.

    `seed` makes everything in an id but its time repeatable; `clock` returns epoch milliseconds.
    """

    def __init__(self, *, worker: int = 0, seed: int | None = None, clock: Clock | None = None) -> None:
        self._worker = worker & 0x3F
        self.restart(seed)
        self.clock = clock or Clock()

    def restart(self, seed: int | None = None) -> None:
        """Begins anew, as if no id had been made here: for when everything that holds one was replaced."""
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()
        self._tail = self._random.getrandbits(24)
        self._counter = self._random.getrandbits(20)
        self._last_ms = 0

    def now(self) -> int:
        """The current time, in epoch milliseconds."""
        return self.clock.now()

    def record_id(self) -> str:
        """24 hex characters, greater than every id this source made or was shown before."""
        ms = self.clock.now()
        if ms < self._last_ms:
            ms = self._last_ms
        counter = self._counter + 1
        if counter > _COUNTER_MASK:
            counter = 0
            ms += 1
        self._counter = counter
        self._last_ms = ms
        seconds, rest = divmod(ms, 1000)
        return f"{seconds:08x}{rest << 6 | self._worker:04x}{self._tail:06x}{counter:06x}"

    def after(self, record_id: str) -> None:
        """Makes every later record id greater than `record_id`."""
        floor = timestamp_of(record_id) + 1
        if floor > self._last_ms:
            self._last_ms = floor

    def short_id(self) -> str:
        """20 characters of [A-Za-z0-9], for locations, companies, users, fields and folders."""
        while True:
            # Bytes beyond a multiple of the alphabet's length would favour its beginning.
            fair = [byte for byte in self._random.randbytes(28) if byte < _FAIR_BYTES]
            if len(fair) >= 20:
                return "".join([_ALPHABET[byte % len(_ALPHABET)] for byte in fair[:20]])

    def object_id(self) -> str:
        """24 hex characters, for objects: shaped like a record id and never equal to one made here."""
        return self.record_id()

    def uuid(self) -> str:
        """A random UUID, for traces and tokens."""
        return to_uuid(f"{self._random.getrandbits(128):032x}")


class Clock:
    """Tells the time. Tests replace it by a fixed one."""

    def now(self) -> int:
        """Epoch milliseconds."""
        return time.time_ns() // 1_000_000


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def to_uuid(h: str) -> str:
    """The version-4 UUID text of 32 random hex digits."""
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:]}"


def to_short_id(record_id: str) -> str:
    """The 20-character form of a record id, in which contacts and opportunities are shown.

    See docs/contract.md#identifiers.

    It holds the id and 22 bits of its checksum in front, so that neighbours do not look alike.
    """
    number = int(record_id, 16)
    number |= (zlib.crc32(bytes.fromhex(record_id)) & _CHECK_MASK) << _RECORD_BITS
    digits = []
    for _ in range(20):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def from_short_id(short_id: str) -> str | None:
    """The record id that `to_short_id` made this from; None for any other text."""
    if len(short_id) != 20:
        return None
    number = 0
    for character in short_id:
        digit = _DIGITS.get(character)
        if digit is None:
            return None
        number = number * 62 + digit
    record_id = f"{number & (1 << _RECORD_BITS) - 1:024x}"
    return record_id if number >> _RECORD_BITS == zlib.crc32(bytes.fromhex(record_id)) & _CHECK_MASK else None


def timestamp_of(record_id: str) -> int:
    """Epoch milliseconds in a record id made here."""
    return int(record_id[:8], 16) * 1000 + (int(record_id[8:12], 16) >> 6)


def is_record_id(text: str) -> bool:
    """Whether `text` has the form of a record id: 24 lower-case hex characters."""
    return _RECORD_ID.fullmatch(text) is not None
