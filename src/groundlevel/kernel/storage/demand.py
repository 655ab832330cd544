"""Keeps the accounts by which indexes of fields are built: what the searches that missed one have cost (decision 0059).

Rent or buy: an index is wanted once the records that searches looked at for want of it would have paid for building it.
So never more than twice is spent of what would have been best, whatever is searched for later.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TypeAlias

IndexName: TypeAlias = tuple[str, str, int]
"""Location id, object key, field number."""

PRICE = 16
"""What building costs for each record of the object, in records that a search looks at (5 µs beside 0.3 µs)."""
SMALLEST = 500
"""Records below which an object needs no index: looking at all of them takes less than 0.2 ms."""
MOST_KEPT = 10_000
"""Accounts of a process; when there are more, all begin anew."""


class Demand:
    """What searches of this process have missed and used. Threads write it."""

    def __init__(self) -> None:
        self.wanted: dict[IndexName, None] = {}
        """Indexes that have been paid for and are not built yet, in the order in which they became due."""
        self.used: set[IndexName] = set()
        """Indexes that searches have asked since this was last emptied."""
        self.filled: dict[IndexName, int] = {}
        """How many records were looked at for each index that this process is building."""
        self._paid: dict[IndexName, int] = {}
        self._lock = threading.Lock()

    def charge(self, missed: Iterable[IndexName], *, looked: int, records: int) -> None:
        """Charges a search that looked at so many records to the indexes it has missed, of an object with so many."""
        if records < SMALLEST or not looked:
            return
        with self._lock:
            for name in missed:
                if len(self._paid) >= MOST_KEPT:
                    self._paid.clear()
                paid = self._paid[name] = self._paid.get(name, 0) + looked
                if paid >= PRICE * records and len(self.wanted) < MOST_KEPT:
                    del self._paid[name]
                    self.wanted.setdefault(name)

    def note_use(self, names: Iterable[IndexName]) -> None:
        """Notes that a search has asked these indexes."""
        with self._lock:
            if len(self.used) < MOST_KEPT:
                self.used.update(names)

    def take_used(self) -> set[IndexName]:
        """The indexes used since the last call."""
        with self._lock:
            used, self.used = self.used, set()
        return used

    def clear(self) -> None:
        """Closes all accounts."""
        with self._lock:
            self.wanted.clear()
            self.used = set()
            self._paid.clear()

    @property
    def accounts(self) -> Mapping[IndexName, int]:
        """How many records searches have looked at for want of each index."""
        return self._paid
