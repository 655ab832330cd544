"""Runs a bound search in the cheapest way there is."""

from __future__ import annotations

from groundlevel.kernel.codec import decode_object
from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Record
from groundlevel.kernel.query.ast import Every, Not, Plan, Present, PropertyOperand, Test, Within
from groundlevel.kernel.storage.compile import BoundQuery, Compiler
from groundlevel.kernel.storage.dialect import Walk
from groundlevel.kernel.storage.transaction import Transaction

MAX_CANDIDATES = 1000
"""Matches up to which all of them are listed first, and everything else is asked of these alone."""
READ_AT_ONCE = 200
"""Records whose texts are made between two statements when there is no text index to use."""
_SORTABLE = (Comparison.TEXT, Comparison.NUMBER, Comparison.DAY)


async def search(tx: Transaction, schema: CompiledObject, plan: Plan) -> tuple[list[Record], int]:
    """The records of the plan's page, in order, and the exact number of all that match.

    1. When a text search or an indexed condition has few matches, they are listed and the rest is asked of them.
    2. When the sort key is indexed, its index is walked.
    3. Otherwise the records are read in id order, or all are sorted.

    While the search texts of the object are being rebuilt, a text is sought in the records themselves.
    """
    compiler = Compiler(tx.dialect, tx.records.scope_of(schema), plan)
    if plan.text is not None and schema.object.reindexing:
        return await _search_candidates(tx, compiler, await _read_matches(tx, schema, plan))
    ids = await _candidates(tx, compiler)
    if ids is not None:
        return await _search_candidates(tx, compiler, ids)
    records = await _walk(tx, compiler)
    if records is None:
        records = await _records(tx, compiler.page())
    if not plan.after and len(records) < plan.limit and (records or not plan.offset):
        return records, plan.offset + len(records)
    return records, await _total(tx, compiler, schema)


async def _records(tx: Transaction, query: BoundQuery) -> list[Record]:
    return [tx.records.record_of(row) for row in await tx.connection.rows(query.statement, *query.args)]


async def _number(tx: Transaction, query: BoundQuery) -> int:
    row = await tx.connection.row(query.statement, *query.args)
    return int(row[0]) if row else 0


# --- few matches


async def _candidates(tx: Transaction, compiler: Compiler) -> list[object] | None:
    """The ids of all records that can match, when a text or an index names at most MAX_CANDIDATES of them."""
    plan = compiler.plan
    if plan.text is not None:
        return await _list_few(tx, compiler.text_ids(MAX_CANDIDATES + 1))
    for test in _conjuncts(plan.where):
        ids = await _list_few(tx, compiler.index_ids(test, MAX_CANDIDATES + 1))
        if ids is not None:
            return ids
    return None


async def _list_few(tx: Transaction, query: BoundQuery | None) -> list[object] | None:
    if query is None:
        return None
    rows = await tx.connection.rows(query.statement, *query.args)
    return [row[0] for row in rows] if len(rows) <= MAX_CANDIDATES else None


async def _search_candidates(tx: Transaction, compiler: Compiler, ids: list[object]) -> tuple[list[Record], int]:
    plan = compiler.plan
    if not ids:
        return [], 0
    if plan.where is None and not plan.order and not plan.after:
        # The ids are in order already, and all of them match.
        ids_of_page = ids[plan.offset : plan.offset + plan.limit]
        if not ids_of_page:
            return [], len(ids)
        first = Compiler(tx.dialect, compiler.scope, _first_page(plan))
        return await _records(tx, first.page(ids_of_page)), len(ids)
    records = await _records(tx, compiler.page(ids))
    if not plan.after and len(records) < plan.limit and (records or not plan.offset):
        return records, plan.offset + len(records)
    total = compiler.total(ids)
    assert total is not None
    return records, await _number(tx, total)


async def _read_matches(tx: Transaction, schema: CompiledObject, plan: Plan) -> list[object]:
    """The keys of all records that the plan's text search finds, in id order, without the stored search texts."""
    assert plan.text is not None, "only text searches need search texts"
    found: list[str] = []
    last = ""
    while records := await tx.records.list_after(schema, last, READ_AT_ONCE):
        last = records[-1].id
        for record in records:
            text = schema.search_text(schema.visible(decode_object(record.properties)))
            if plan.text.matches(text):
                found.append(record.id)
    if not plan.id_ascending:
        found.reverse()
    return await tx.records.keys_of(schema, found)


# --- walks along an index


async def _walk(tx: Transaction, compiler: Compiler) -> list[Record] | None:
    """The page by a walk along the sort key's index, or None when there is none to walk along.

    Records without a value come last: a second, shorter walk.
    """
    plan = compiler.plan
    operand = await _find_walkable(tx, compiler)
    if operand is None:
        return None
    descending = plan.order[0].descending
    value, mark = (plan.after[0], str(plan.after[1])) if plan.after else (None, None)
    records: list[Record] = []
    if mark is None or value is not None:
        along = Walk(operand, descending, False, value, mark)
        records = await _records(tx, compiler.walk(along, offset=plan.offset, limit=plan.limit))
        mark = None
    if len(records) == plan.limit:
        return records
    offset = 0
    if plan.offset and not records:
        offset = plan.offset - await _number(tx, compiler.walk_count(Walk(operand, descending, False)))
    rest = Walk(operand, descending, True, None, mark)
    return records + await _records(tx, compiler.walk(rest, offset=offset, limit=plan.limit - len(records)))


async def _find_walkable(tx: Transaction, compiler: Compiler) -> PropertyOperand | None:
    plan = compiler.plan
    if plan.text is not None or len(plan.order) != 1 or plan.id_ascending is plan.order[0].descending:
        return None
    operand = plan.order[0].operand
    if not isinstance(operand, PropertyOperand) or not operand.indexed or operand.comparison not in _SORTABLE:
        return None
    long = compiler.long_entries(operand)
    if long is not None and await tx.connection.row(long.statement, *long.args) is not None:
        return None
    return operand


# --- totals


async def _total(tx: Transaction, compiler: Compiler, schema: CompiledObject) -> int:
    """By the object's counter, by an index, or by counting."""
    counted = compiler.total()
    if counted is None:
        return await tx.records.count(schema)
    where = compiler.plan.where
    if where is None or compiler.plan.text is not None:
        return await _number(tx, counted)
    negated = isinstance(where, Not) and not isinstance(where.test, Present)
    test: Test = where.test if isinstance(where, Not) and negated else where
    by_index = compiler.index_count(test) if _exact(test) else None
    if by_index is None:
        return await _number(tx, counted)
    found = await _number(tx, by_index)
    return await tx.records.count(schema) - found if negated else found


def _conjuncts(where: Test | None) -> tuple[Test, ...]:
    if where is None:
        return ()
    return where.tests if isinstance(where, Every) else (where,)


def _exact(test: Test) -> bool:
    """Whether an index that can serve the test names no record too many: long texts are cut in some."""
    return not isinstance(test, Within) or all(not isinstance(value, str) or len(value) < 400 for value in test.values)


def _first_page(plan: Plan) -> Plan:
    return Plan(None, None, (), plan.id_ascending, (), 0, plan.limit)
