"""Carries out a bound search the cheapest way there is; the only module that chooses between ways."""

from __future__ import annotations

from groundlevel.fields.base import Comparison
from groundlevel.fields.shape import Shape
from groundlevel.model import Record
from groundlevel.query.ast import Every, Not, Plan, Present, PropertyOperand, Test, Within
from groundlevel.storage.compile import Compiler, Statement
from groundlevel.storage.dialect import Walk
from groundlevel.storage.records import RecordMethods

PROBE = 1000
"""Matches up to which all of them are listed first, and everything else is asked of these alone."""
_SORTABLE = (Comparison.TEXT, Comparison.NUMBER, Comparison.DAY)


class SearchMethods(RecordMethods):
    """The searching part of a transaction."""

    async def search(self, shape: Shape, plan: Plan) -> tuple[list[Record], int]:
        """The records of the plan's page, in order, and the exact number of all that match.

        1. When a text search or an indexed condition has few matches, they are listed and the rest is asked of them.
        2. When the sort key is indexed, its index is walked.
        3. Otherwise the records are read in id order, or all are sorted.
        """
        compiler = Compiler(self.dialect, self.scope_of(shape), plan)
        ids = await self._candidates(compiler)
        if ids is not None:
            return await self._of_candidates(compiler, ids)
        records = await self._walked(compiler)
        if records is None:
            records = await self._records(compiler.page())
        if not plan.after and len(records) < plan.limit and (records or not plan.offset):
            return records, plan.offset + len(records)
        return records, await self._total(compiler, shape)

    async def _records(self, statement: Statement) -> list[Record]:
        return [self.record_of(row) for row in await self.connection.rows(statement.sql, *statement.args)]

    async def _number(self, statement: Statement) -> int:
        row = await self.connection.row(statement.sql, *statement.args)
        return int(row[0]) if row else 0

    # --- few matches

    async def _candidates(self, compiler: Compiler) -> list[object] | None:
        """The ids of all records that can match, when a text or an index names at most PROBE of them."""
        plan = compiler.plan
        if plan.text is not None:
            return await self._few(compiler.text_ids(PROBE + 1))
        for test in _conjuncts(plan.where):
            ids = await self._few(compiler.index_ids(test, PROBE + 1))
            if ids is not None:
                return ids
        return None

    async def _few(self, statement: Statement | None) -> list[object] | None:
        if statement is None:
            return None
        rows = await self.connection.rows(statement.sql, *statement.args)
        return [row[0] for row in rows] if len(rows) <= PROBE else None

    async def _of_candidates(self, compiler: Compiler, ids: list[object]) -> tuple[list[Record], int]:
        plan = compiler.plan
        if not ids:
            return [], 0
        if plan.where is None and not plan.order and not plan.after:
            # The ids are in order already, and all of them match.
            ids_of_page = ids[plan.offset : plan.offset + plan.limit]
            if not ids_of_page:
                return [], len(ids)
            first = Compiler(self.dialect, compiler.scope, _first_page(plan))
            return await self._records(first.page(ids_of_page)), len(ids)
        records = await self._records(compiler.page(ids))
        if not plan.after and len(records) < plan.limit and (records or not plan.offset):
            return records, plan.offset + len(records)
        total = compiler.total(ids)
        assert total is not None
        return records, await self._number(total)

    # --- walks along an index

    async def _walked(self, compiler: Compiler) -> list[Record] | None:
        """The page by a walk along the sort key's index, or None when there is none to walk along.

        Records without a value come last: a second, shorter walk.
        """
        plan = compiler.plan
        operand = await self._walkable(compiler)
        if operand is None:
            return None
        descending = plan.order[0].descending
        value, mark = (plan.after[0], str(plan.after[1])) if plan.after else (None, None)
        records: list[Record] = []
        if mark is None or value is not None:
            along = Walk(operand, descending, False, value, mark)
            records = await self._records(compiler.walk(along, offset=plan.offset, limit=plan.limit))
            mark = None
        if len(records) == plan.limit:
            return records
        offset = 0
        if plan.offset and not records:
            offset = plan.offset - await self._number(compiler.walk_count(Walk(operand, descending, False)))
        rest = Walk(operand, descending, True, None, mark)
        return records + await self._records(compiler.walk(rest, offset=offset, limit=plan.limit - len(records)))

    async def _walkable(self, compiler: Compiler) -> PropertyOperand | None:
        plan = compiler.plan
        if plan.text is not None or len(plan.order) != 1 or plan.id_ascending is plan.order[0].descending:
            return None
        operand = plan.order[0].operand
        if not isinstance(operand, PropertyOperand) or not operand.indexed or operand.comparison not in _SORTABLE:
            return None
        long = compiler.long_entries(operand)
        if long is not None and await self.connection.row(long.sql, *long.args) is not None:
            return None
        return operand

    # --- totals

    async def _total(self, compiler: Compiler, shape: Shape) -> int:
        """By the object's counter, by an index, or by counting."""
        counted = compiler.total()
        if counted is None:
            return await self.count_records(shape)
        where = compiler.plan.where
        if where is None or compiler.plan.text is not None:
            return await self._number(counted)
        negated = isinstance(where, Not) and not isinstance(where.test, Present)
        test: Test = where.test if isinstance(where, Not) and negated else where
        by_index = compiler.index_count(test) if _exact(test) else None
        if by_index is None:
            return await self._number(counted)
        found = await self._number(by_index)
        return await self.count_records(shape) - found if negated else found


def _conjuncts(where: Test | None) -> tuple[Test, ...]:
    if where is None:
        return ()
    return where.tests if isinstance(where, Every) else (where,)


def _exact(test: Test) -> bool:
    """Whether an index that can serve the test names no record too many: long texts are cut in some."""
    return not isinstance(test, Within) or all(not isinstance(value, str) or len(value) < 400 for value in test.values)


def _first_page(plan: Plan) -> Plan:
    return Plan(None, None, (), plan.id_ascending, (), 0, plan.limit)
