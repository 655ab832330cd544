"""How many records indexes name for the tests of a search: counted when a way is chosen, and remembered for a while."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence

from groundlevel.kernel.query.ast import Every, Some, Test, TextMatch
from groundlevel.kernel.storage.conditions import is_exact, is_short
from groundlevel.kernel.storage.reads import Reads
from groundlevel.kernel.storage.transaction import Transaction

MOST_COUNTED = 50_000
"""Index entries that are counted at most to choose a way; a test that has more is not selective."""
ENTRY_COST = 0.5
"""What an index entry costs where several indexes are intersected, beside a record that is read and tested."""
READ_COST = 14
"""What a record that is read and tested costs, in index entries that are listed."""
TAKEN_COST = 5
"""Likewise, in keys that are taken out of the database one by one."""
SELECTIVE = 4
"""An index is used for a sort by something else where it names less than a fourth of the records."""


class Sizes:
    """The sizes of tests of the object that a search reads."""

    def __init__(self, tx: Transaction, reads: Reads) -> None:
        self._tx = tx
        self._reads = reads
        self._number = reads.of
        self._found: dict[Test | TextMatch, int] = {}
        """What this search has found, of tests that are too long to be remembered."""

    async def find(self, test: Test) -> int:
        """About how many records an index names for a test: at most one more than MOST_COUNTED."""
        size = self._known(test)
        # A negative one was not counted: see `keep_above`.
        if size is None or size < 0:
            query = self._reads.compiler.index_count(test, MOST_COUNTED + 1)
            assert query is not None, "the test has entries"
            size = await self._reads.number(query)
            self._keep(test, size)
        return size

    def most_listed(self, wanted: int, least: int, most: int) -> int:
        """How many matches are to be listed at most to have their page and total at once, between two limits.

        Where more match, it costs less to count them by the index and to read on in id order up to the page's end,
        behind `wanted` matches.
        """
        held = self._reads.held
        return max(least, min(most, math.isqrt(READ_COST * wanted * held))) if held else most

    def most_sorted(self, wanted: int, most: int) -> int:
        """How many matches are to be listed at most to be sorted, where an index has their order.

        Where more match, it costs less to walk along that index up to the page's end, and to read what is there.
        """
        held = self._reads.held
        return min(most, math.isqrt(TAKEN_COST * wanted * held)) if held else most

    def is_above(self, test: Test | TextMatch, most: int) -> bool:
        """Whether it is known that an index names more records than that."""
        size = self._known(test)
        return size is not None and abs(size) > most

    def keep_above(self, test: Test | TextMatch, most: int) -> None:
        """Remembers that there are more than that; how many, nobody has counted."""
        self._keep(test, -(most + 1))

    def _known(self, test: Test | TextMatch) -> int | None:
        size = self._tx.cache.totals.find_size(self._number, test)
        return self._found.get(test) if size is None and self._found else size

    def _keep(self, test: Test | TextMatch, size: int) -> None:
        if is_short(test):
            self._tx.cache.totals.keep_size(self._number, test, size)
        else:
            self._found[test] = size

    async def find_intersection(
        self, tests: Sequence[Test], wanted: int, held: Callable[[], Awaitable[int]]
    ) -> Every | None:
        """The tests to intersect, the smallest first; None where that costs more than to read on to the page's end.

        `wanted` is the number of matches up to that end, `held` how many records the object holds.
        """
        sizes = [await self.find(test) for test in tests]
        selective = [(size, test) for size, test in zip(sizes, tests, strict=True) if size <= MOST_COUNTED]
        if len(selective) < 2:
            return None
        records = max(await held(), 1)
        shares = [min(size / records, 1.0) for size, _ in selective]
        read_on = min(wanted / max(math.prod(shares), 1 / records), records)
        if sum(size for size, _ in selective) * ENTRY_COST >= read_on:
            return None
        return Every(tuple(test for _, test in sorted(selective, key=lambda pair: pair[0])))

    async def is_countable(self, test: Test, records: int, *, cut: bool) -> bool:
        """Whether indexes can say exactly for how many records a test holds, at less cost than looking at all."""
        if not is_exact(test, cut=cut):
            return False
        # What is united has to be collected first.
        united = test.tests if isinstance(test, Some) else ()
        return sum([await self.find(each) for each in united]) * SELECTIVE <= records
