"""Finds the page and the total of a search among a few records: no others can match."""

from __future__ import annotations

from typing import cast

import msgspec

from groundlevel.kernel.model import Record
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.storage.conditions import find_sort_operand
from groundlevel.kernel.storage.dialect import Walk
from groundlevel.kernel.storage.reads import Reads

FEW_LISTED = 100
"""So few are looked at twice, for the page and for the total, since most pages are the last and need no total."""
SORT_COST = 6
"""What a record costs whose value is read and sorted, in entries of an index that are walked along."""
SURE = 2
"""An index is walked along up to so many times as far as the page would end where matches are spread evenly."""


class Candidates:
    """The records that can match, by their keys."""

    def __init__(self, reads: Reads, plan: Plan, ids: list[object]) -> None:
        self._reads = reads
        self._plan = plan
        self._ids = ids

    async def search(self, *, all_match: bool) -> tuple[list[Record], int]:
        """The page, and how many match: all of them, or those that fulfil the plan's conditions."""
        plan, reads, ids = self._plan, self._reads, self._ids
        if not ids:
            return [], 0
        if all_match and not plan.order and not plan.after:
            if plan.where is not None:
                # A text search names them in order, an index does not. They are numbers, or bytes.
                ids = [*sorted(cast("list[bytes]", ids), reverse=not plan.id_ascending)]
            return await reads.page_of(ids[plan.offset : plan.offset + plan.limit]), len(ids)
        compiler = reads.compile(msgspec.structs.replace(plan, where=None)) if all_match else reads.compiler
        if len(ids) > FEW_LISTED and not plan.after:
            keys = await self._walk() if all_match else None
            if keys is not None:
                return await reads.page_of(keys), len(ids)
            # Each is looked at once, for the page and for the total alike.
            keys, found = await reads.keys(compiler.keys_and_total(ids))
            if found is not None:
                return await reads.page_of(keys), found
        records = await reads.records(compiler.page(ids))
        total = len(ids) if all_match else reads.total_of(records)
        return records, await reads.number(compiler.total(ids)) if total is None else total

    async def _walk(self) -> list[object] | None:
        """The keys of the page, by a walk along the index of the sort key; None where it takes less to sort them all.

        Or where the page does not end as soon as it would if they were spread evenly.
        """
        plan, ids, held = self._plan, self._ids, self._reads.held
        operand = find_sort_operand(plan)
        passed = plan.wanted * held // len(ids)
        if operand is None or not held or passed > len(ids) * SORT_COST:
            return None
        walk = Walk(operand, plan.order[0].descending, False)
        query = self._reads.compiler.walked_keys(walk, ids, SURE * passed)
        if query is None or await self._reads.has_long_entries(operand):
            return None
        keys = await self._reads.few_keys(query, plan.limit)
        return keys if keys is not None and len(keys) == plan.limit else None
