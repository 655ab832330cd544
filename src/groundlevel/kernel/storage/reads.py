"""Reads what a search asks for: records, their keys, and numbers of them."""

from __future__ import annotations

import msgspec

from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Record
from groundlevel.kernel.query.ast import Plan, PropertyOperand
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
from groundlevel.kernel.storage.conditions import find_contained, find_sort_operand
from groundlevel.kernel.storage.transaction import Transaction


class Reads:
    """The reads of one search."""

    def __init__(self, tx: Transaction, schema: CompiledObject, plan: Plan) -> None:
        self._tx = tx
        self._plan = plan
        scope = tx.records.scope_of(schema)
        self.of = (scope.loc, scope.obj)
        """The numbers of the location and of the object."""
        if plan.text is not None and tx.cache.totals.find_prevalence(self.of):
            scope = msgspec.structs.replace(scope, prevails=True)
        self._scope = scope
        self.compiler = self.compile(plan)
        """Of the search's own plan."""
        self.held = tx.cache.totals.find_held(self.of)
        """About how many records the object holds; 0 where that is not known."""

    def compile(self, plan: Plan) -> Compiler:
        """Makes statements of another plan for the same records."""
        return Compiler(self._tx.dialect, self._scope, plan)

    async def records(self, query: BoundQuery) -> list[Record]:
        """The records of a page. Raises LimitExceeded when they are too long to be read together."""
        rows = await self._tx.connection.page(query.statement, *query.args, limit=self._plan.limit)
        return [self._tx.records.record_of(row) for row in rows]

    async def page_of(self, ids: list[object]) -> list[Record]:
        """The records with these keys, which match, in the plan's order."""
        if not ids:
            return []
        plan = msgspec.structs.replace(self._plan, text=None, where=None, after=(), offset=0)
        return await self.records(self.compile(plan).page(ids))

    async def page_and_held(self) -> tuple[list[Record], int | None]:
        """The page, and how many records the object holds, of one look at the database; None for an empty page."""
        query = self.compiler.page(with_held=True)
        rows = await self._tx.connection.page(query.statement, *query.args, limit=self._plan.limit)
        # The number stands before the properties.
        records = [self._tx.records.record_of((*row[:-2], row[-1])) for row in rows]
        return records, int(rows[0][-2]) if rows else None

    async def keys(self, query: BoundQuery) -> tuple[list[object], int | None]:
        """The keys of the page that a statement lists, and how many match; None when the page is beyond the last."""
        rows = await self._tx.connection.rows(query.statement, *query.args)
        if not rows:
            return [], None if self._plan.offset or self._plan.after else 0
        return [row[0] for row in rows], int(rows[0][1])

    async def few_keys(self, query: BoundQuery | None, most: int) -> list[object] | None:
        """All keys that a statement selects; None for no statement, and when there are more than `most`."""
        if query is None:
            return None
        rows = await self._tx.connection.rows(query.statement, *query.args)
        return [row[0] for row in rows] if len(rows) <= most else None

    def total_of(self, records: list[Record]) -> int | None:
        """How many records match, if the page that was read shows it: it is the last, and not beyond."""
        plan = self._plan
        if plan.after or len(records) == plan.limit or (plan.offset and not records):
            return None
        return plan.offset + len(records)

    async def number(self, query: BoundQuery) -> int:
        """The number that a statement selects."""
        row = await self._tx.connection.row(query.statement, *query.args)
        return int(row[0]) if row else 0

    async def is_cut(self) -> bool:
        """Whether a text in which the plan looks for another may be longer than what its index holds of it."""
        return any([await self.has_long_entries(operand) for operand in find_contained(self._plan.where)])

    async def find_walkable(self) -> PropertyOperand | None:
        """The operand whose index has the plan's order, if there is one."""
        operand = find_sort_operand(self._plan)
        return None if operand is None or await self.has_long_entries(operand) else operand

    async def has_long_entries(self, operand: PropertyOperand) -> bool:
        """Whether the operand's index holds only the beginning of a text."""
        query = self.compiler.long_entries(operand)
        return query is not None and await self._tx.connection.row(query.statement, *query.args) is not None
