"""A checksum of rows that does not depend on their order, nor on the engine that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec

_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)
_encode_row = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder(order="deterministic").encode


class Digest:
    """The number of rows, and the sum of their hashes: constant memory, whatever the order."""

    __slots__ = ("_sum", "rows")

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Counts rows in."""
        for row in rows:
            self._sum += int.from_bytes(blake2b(_encode_row(list(row)), digest_size=_BYTES).digest())
            self.rows += 1
        self._sum %= _MODULUS

    def merge(self, other: Digest) -> None:
        """Counts in what another has counted."""
        self._sum = (self._sum + other._sum) % _MODULUS
        self.rows += other.rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digest) and (self.rows, self._sum) == (other.rows, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it changes

    @property
    def hex(self) -> str:
        """The sum in hex."""
        return f"{self._sum:0{2 * _BYTES}x}"


def canonical_json(text: str | None) -> bytes | None:
    """JSON with sorted members and no blanks: engines keep the order and the spacing of what is stored, or do not."""
    return None if text is None else _encode_json(msgspec.json.decode(text))
