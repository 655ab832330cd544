"""Runs a bound search in the cheapest way there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Record
from groundlevel.kernel.query.ast import (
    Between,
    Not,
    Plan,
    Present,
    Test,
)
from groundlevel.kernel.storage.candidates import FEW_LISTED, Candidates
from groundlevel.kernel.storage.conditions import (
    conjuncts,
    find_listed,
    find_sort_operand,
    is_exact,
    is_memorable,
    is_scanned,
    kind_of,
)
from groundlevel.kernel.storage.dialect import Walk, has_entries
from groundlevel.kernel.storage.direct_text import read_matches
from groundlevel.kernel.storage.fair_slots import declare_kind
from groundlevel.kernel.storage.reads import Reads
from groundlevel.kernel.storage.records import Tally
from groundlevel.kernel.storage.sizes import MOST_COUNTED, SELECTIVE, Sizes
from groundlevel.kernel.storage.totals import FoundPage, Stamp
from groundlevel.kernel.storage.transaction import Transaction

MAX_CANDIDATES = 1000
"""Matches up to which all of them are listed first, and everything else is asked of these alone."""
FEW_READ = 1_000
"""A page is not remembered when the object holds so few records, or at most FEW_LISTED matches were listed for it."""
MANY_LISTED = 5
"""As many times MAX_CANDIDATES are listed at once where that says all: which match, in which order, and how many."""
MOST_SCANNED = 100_000
"""Likewise, where a few of them would cost as much as all."""


class Result(NamedTuple):
    """What a search has found, and what that has cost."""

    records: list[Record]
    """The page, in order."""
    total: int
    """The exact number of all that match."""
    looked: int
    """About how many records were looked at because no index could say whether they match, or in which order."""
    held: int
    """How many records the object holds; 0 where nobody had to know."""


async def search(tx: Transaction, schema: CompiledObject, plan: Plan) -> Result:
    """The records of the plan's page, and how many match. For work that writes nothing.

    1. When indexes say exactly what matches and that is not too much, they say the page in id order and the total:
       those of fields, or that of all texts.
    2. When a text search, or indexed conditions, have few matches, they are listed and the rest is asked of them.
    3. When the sort key is indexed, its index is walked.
    4. When records have to be sorted, those that a selective index names are; without one, all.
    5. Otherwise the records are read in id order.

    A total that was counted is remembered until a record of the object is written. While the search texts of the
    object are being rebuilt, a text is sought in the records themselves. Raises LimitExceeded for a page whose records
    are too long to be read together.
    """
    search = _Search(tx, schema, plan)
    records, total = await search.run()
    return Result(records, total, search.looked, search.held)


async def list_page(tx: Transaction, schema: CompiledObject, plan: Plan) -> list[Record]:
    """The records of the plan's page, in order. Also for work that writes."""
    return await _Search(tx, schema, plan).page()


class _Search:
    """One search under way."""

    def __init__(self, tx: Transaction, schema: CompiledObject, plan: Plan) -> None:
        self.tx = tx
        self.schema = schema
        self.plan = plan
        self.reads = Reads(tx, schema, plan)
        self.compiler = self.reads.compiler
        self.number = self.reads.of
        self.sizes = Sizes(tx, self.reads)
        self.held = 0
        """`Result.held`."""
        self._tally: Tally | None = None
        self.cut = True
        """Whether a text in which a test looks for another may be longer than what its index holds of it."""
        self.exact: tuple[Test, ...] = ()
        """The test that holds for all candidates and for no other record."""
        self.looked = 0
        """`Result.looked`; what a text search looks at counts nothing, since no index of a field would help it."""

    async def run(self) -> tuple[list[Record], int]:
        """The page, and how many records match."""
        plan = self.plan
        page = await self._find_page()
        if page is not None:
            return await self.reads.page_of(await self.tx.records.keys_of(self.schema, page.ids)), page.total
        declare_kind(lambda: (self.number, kind_of(plan)), (self.number, plan) if is_memorable(plan) else None)
        if plan.text is not None and self.schema.object.reindexing:
            return await self._search_candidates(await read_matches(self.tx, self.schema, plan))
        self.cut = await self.reads.is_cut()
        listed = await self._list_page()
        ids = await self._candidates() if listed is None else None
        if listed is not None:
            records, total = listed
            costly = total > FEW_LISTED
        elif ids is not None:
            records, total = await self._search_candidates(ids)
            costly = len(ids) > FEW_LISTED
        elif plan.where is None and plan.text is None:
            records, total = await self._search_all()
            costly = bool(plan.order or plan.offset) and self.held > FEW_READ
        else:
            records, total = await self._search_with_total()
            costly = self.held > FEW_READ
        if costly and is_memorable(plan):
            found = FoundPage(tuple(record.id for record in records), total)
            self.tx.cache.keep_page(self.number, await self._read_stamp(), plan, found)
            if listed is not None:
                self.tx.cache.keep_total(self.number, await self._read_stamp(), plan, total)
        if costly and plan.text is not None:
            await self._weigh_texts()
        return records, total

    async def _find_page(self) -> FoundPage | None:
        """The page that was found before, if no record of the object has been written since."""
        totals = self.tx.cache.totals
        if not totals.has_page(self.number, self.plan):
            return None
        return totals.find_page(self.number, await self._read_stamp(), self.plan)

    async def page(self) -> list[Record]:
        """The page."""
        self.cut = await self.reads.is_cut()
        ids = await self._candidates()
        records = await self._walk() if ids is None else None
        return await self.reads.records(self.compiler.page(ids)) if records is None else records

    async def _search_all(self) -> tuple[list[Record], int]:
        """The page and the total of a search that every record of the object fulfils."""
        records = await self._walk()
        walked = records is not None
        held = None
        if records is None:
            records, held = await self.reads.page_and_held()
        total = self.reads.total_of(records)
        if total is None:
            total = (await self._read_tally()).records if held is None else held
        self.held = total
        self.looked = total if self.plan.order and not walked else 0
        return records, total

    async def _search_with_total(self) -> tuple[list[Record], int]:
        """The page and the total of a search by what many records, or nobody knows how many, fulfil."""
        stamp = await self._read_stamp()
        total = self.tx.cache.totals.find(self.number, stamp, self.plan)
        known = total is not None
        looked = 0
        sorts = False
        records = await self._walk() if await self._is_walk_short(stamp, total) else None
        if records is None:
            among = await self._selective(stamp.tally.records, total)
            sorts = bool(self.plan.order)
            looked = stamp.tally.records if sorts and among is None else 0
            query = None
            if among is not None and among == find_listed(self.plan, self.tx.dialect, cut=self.cut):
                query = self.compiler.listed_page(among)
            elif total is None and self.plan.order and not self.plan.after:
                query = self.compiler.keys_and_total(among)
            if query is None:
                records = await self.reads.records(self.compiler.page(among))
            else:
                keys, found = await self.reads.keys(query)
                records, total = await self.reads.page_of(keys), found if total is None else total
        if total is None:
            total = self.reads.total_of(records)
        if total is None:
            total, counted = await self._count(stamp.tally.records)
            looked += counted
        if self.plan.text is None:
            self.looked = looked if sorts else looked + self._passed(total, stamp.tally.records)
        if not known and is_memorable(self.plan):
            self.tx.cache.keep_total(self.number, stamp, self.plan, total)
        return records, total

    async def _read_tally(self) -> Tally:
        """What the counters say of the object, read once for the search."""
        if self._tally is None:
            self._tally = await self.tx.records.tally(self.schema)
            self.held = self._tally.records
        return self._tally

    async def _read_stamp(self) -> Stamp:
        return Stamp(self.schema.object.version, await self._read_tally())

    def _passed(self, total: int, records: int) -> int:
        """About how many records are read up to the end of the page, where those that match are spread evenly."""
        return min(records, self.plan.wanted * records // max(total, 1))

    # --- what indexes say exactly

    async def _list_page(self) -> tuple[list[Record], int] | None:
        """The page and the total, by one statement, of a search in id order by what indexes say exactly.

        None of other searches, where too many match to list them all, and for a page beyond the last.
        """
        sought, many = find_listed(self.plan, self.tx.dialect, cut=self.cut), MANY_LISTED * MAX_CANDIDATES
        if sought is None:
            return None
        most = MOST_SCANNED if is_scanned(sought) else self.sizes.most_listed(self.plan.wanted, MAX_CANDIDATES, many)
        if self.sizes.is_above(sought, most) or await self._find_total() > many:
            return None
        keys, total = await self.reads.keys(self.compiler.listed_page(sought, most + 1))
        if total is not None and total > most:
            self.sizes.keep_above(sought, most)
            return None
        return None if total is None else (await self.reads.page_of(keys), total)

    async def _find_total(self) -> int:
        """The total, if it is known already; else 0."""
        if not self.tx.cache.totals.has_total(self.number, self.plan):
            return 0
        return self.tx.cache.totals.find(self.number, await self._read_stamp(), self.plan) or 0

    async def _weigh_texts(self) -> None:
        """Finds out whether most texts of the database are those of this object, for the next search."""
        statement, totals = self.tx.dialect.held_texts, self.tx.cache.totals
        if statement is None or totals.find_prevalence(self.number) is not None:
            return
        row = await self.tx.connection.row(statement)
        texts, held = int(row[0]) if row else 0, await self._count_held()
        # An estimate that is far below what the object holds alone is none.
        totals.keep_prevalence(self.number, prevails=held < 2 * texts < 4 * held)

    # --- few matches

    async def _candidates(self) -> list[object] | None:
        """The keys of all records that can match, when a text or indexes name at most MAX_CANDIDATES of them."""
        plan = self.plan
        if plan.text is not None:
            return await self.reads.few_keys(self.compiler.text_ids(MAX_CANDIDATES + 1), MAX_CANDIDATES)
        tests = sorted((test for test in conjuncts(plan.where) if has_entries(test)), key=is_scanned)
        most = (
            MAX_CANDIDATES
            if find_sort_operand(plan) is None
            else self.sizes.most_sorted(self.plan.wanted, MAX_CANDIDATES)
        )
        for test in tests:
            if self.sizes.is_above(test, most):
                continue
            ids = await self.reads.few_keys(self.compiler.index_ids(test, most + 1), most)
            if ids is not None:
                if is_exact(test, cut=self.cut):
                    self.exact = (test,)
                return ids
            self.sizes.keep_above(test, most)
        return await self._intersection(tests) if len(tests) > 1 else None

    async def _intersection(self, tests: Sequence[Test]) -> list[object] | None:
        """The keys of the records that several indexes name, when these are few, and cheaper had than by reading on."""
        both = await self.sizes.find_intersection(tests, self.plan.wanted, self._count_held)
        if both is None:
            return None
        if len(both.tests) == len(conjuncts(self.plan.where)) and is_exact(both, cut=self.cut):
            self.exact = conjuncts(self.plan.where)
        return await self.reads.few_keys(self.compiler.index_ids(both, MAX_CANDIDATES + 1), MAX_CANDIDATES)

    async def _count_held(self) -> int:
        return (await self._read_tally()).records

    async def _search_candidates(self, ids: list[object]) -> tuple[list[Record], int]:
        plan = self.plan
        all_match = plan.where is None or (plan.text is None and conjuncts(plan.where) == self.exact)
        return await Candidates(self.reads, plan, ids).search(all_match=all_match)

    # --- records that are sorted

    async def _selective(self, records: int, total: int | None) -> Test | None:
        """The test by whose index the fewest records are named, if these are fewer than would be read otherwise."""
        if self.plan.text is not None:
            return None
        tests = [test for test in conjuncts(self.plan.where) if has_entries(test)]
        sizes = [(await self.sizes.find(test), test) for test in tests]
        size, best = min(sizes, key=lambda pair: pair[0], default=(records, None))
        read = records if self.plan.order or total is None else self._passed(total, records)
        return best if size * SELECTIVE <= read and size <= MOST_COUNTED else None

    # --- walks along an index

    async def _walk(self) -> list[Record] | None:
        """The page by a walk along the sort key's index, or None when there is none to walk along.

        Records without a value come last: a second, shorter walk.
        """
        plan, compiler = self.plan, self.compiler
        operand = await self.reads.find_walkable()
        if operand is None:
            return None
        descending = plan.order[0].descending
        tests = conjuncts(plan.where)
        ranges = tuple(test for test in tests if isinstance(test, Between) and test.operand == operand)
        value, mark = (plan.after[0], str(plan.after[1])) if plan.after else (None, None)
        records: list[Record] = []
        if mark is None or value is not None:
            along = Walk(operand, descending, False, value, mark, ranges)
            records = await self.reads.records(compiler.walk(along, offset=plan.offset, limit=plan.limit))
            mark = None
        if len(records) == plan.limit or ranges:
            # Records without a value lie in no range.
            return records
        offset = 0
        if plan.offset and not records:
            offset = plan.offset - await self.reads.number(compiler.walk_count(Walk(operand, descending, False)))
        rest = Walk(operand, descending, True, None, mark)
        return records + await self.reads.records(compiler.walk(rest, offset=offset, limit=plan.limit - len(records)))

    async def _is_walk_short(self, stamp: Stamp, total: int | None) -> bool:
        """Whether a walk along the sort key's index would come to the end of the page before all matches were sorted.

        With a text search the number of its matches says so; a filter leaves open how many of them fulfil it, and so do
        filters without an index. What an index names is sorted where it takes less to read all of that.
        """
        if not self.plan.order:
            return True
        if self.plan.text is None:
            key = self.plan.order[0].operand
            # Within a range of the sort key itself, a walk passes nothing else.
            tests = [test for test in conjuncts(self.plan.where) if has_entries(test)]
            sizes = [
                await self.sizes.find(test) for test in tests if not (isinstance(test, Between) and test.operand == key)
            ]
            return not any(size * SELECTIVE < self._passed(size, stamp.tally.records) for size in sizes)
        if total is None:
            alone = msgspec.structs.replace(self.plan, where=None)
            total = self.tx.cache.totals.find(self.number, stamp, alone)
            if total is None:
                total = await self.reads.number(self.reads.compile(alone).total())
                self.tx.cache.keep_total(self.number, stamp, alone, total)
        return self._passed(total, stamp.tally.records) < total

    # --- totals

    async def _count(self, records: int) -> tuple[int, int]:
        """How many of the object's records match, and how many were looked at: none if indexes can say it exactly."""
        where, text = self.plan.where, self.plan.text
        if where is None:
            return await self.reads.number(self.compiler.total()), 0
        if text is not None:
            both = self.compiler.index_count(where, text=text) if is_exact(where, cut=self.cut) else None
            return await self.reads.number(self.compiler.total() if both is None else both), 0
        negated = isinstance(where, Not) and not isinstance(where.test, Present)
        test: Test = where.test if isinstance(where, Not) and negated else where
        by_index = (
            self.compiler.index_count(test) if await self.sizes.is_countable(test, records, cut=self.cut) else None
        )
        if by_index is None:
            return await self.reads.number(self.compiler.total()), records
        found = await self.reads.number(by_index)
        return records - found if negated else found, 0
