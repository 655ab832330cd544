"""Turns a bound search into SQL, once for all engines."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.query.ast import (
    Between,
    Bound,
    Contains,
    Every,
    Not,
    Operand,
    Order,
    Plan,
    Present,
    PropertyOperand,
    Related,
    Some,
    Test,
    TextMatch,
    Within,
)
from groundlevel.kernel.storage.dialect import Arguments, Dialect, Mark, Scope, Walk
from groundlevel.kernel.storage.statements import Statement


class BoundQuery(Struct, frozen=True, gc=False):
    """A statement that reads, and its arguments."""

    statement: Statement
    args: list[object]


Among: TypeAlias = list[object] | Test | None


class Compiler:
    """Makes the statements of one plan over the records of one scope.

    `among`, where given, are the only records that can match: keys that were found, or a test of which indexes know
    where it may hold.
    """

    def __init__(self, dialect: Dialect, scope: Scope, plan: Plan) -> None:
        self.dialect = dialect
        self.scope = scope
        self.plan = plan

    def page(self, among: Among = None, *, with_held: bool = False) -> BoundQuery:
        """The page's whole rows, in order; on request with how many records the object holds before the last column."""
        plan, args = self.plan, Arguments()
        source, conditions = self._matching(args, among)
        id_key = self.dialect.id_key(None if among is not None else plan.text)
        if plan.after:
            conditions.append(self._after(args, id_key))
        keys = [self._order(args, order) for order in plan.order]
        keys.append(id_key + ("" if plan.id_ascending else " DESC"))
        held = self.dialect.held(args, self.scope) if with_held else None
        return self._select((source, conditions, keys), args, offset=plan.offset, limit=plan.limit, more=held)

    def keys_and_total(self, among: Among = None) -> BoundQuery:
        """The keys of the page's records, in order, each with the number of all matches: one look at each record.

        For plans without a cursor. No row when the page is empty.
        """
        plan, args = self.plan, Arguments()
        source, conditions = self._matching(args, among)
        id_key = self.dialect.id_key(None if among is not None else plan.text)
        keys = [self._key(args, order.operand) for order in plan.order]
        columns = [f"{id_key} AS id", *(f"{key} AS k{number}" for number, key in enumerate(keys))]
        order = [
            f"k{number}{self._collation(each.operand)}{' DESC' if each.descending else ''} NULLS LAST"
            for number, each in enumerate(plan.order)
        ]
        order.append("id" + ("" if plan.id_ascending else " DESC"))
        sql = f"WITH m AS MATERIALIZED (SELECT {', '.join(columns)} FROM {source} WHERE {' AND '.join(conditions)}) "
        sql += f"SELECT id, (SELECT count(*) FROM m) FROM m ORDER BY {', '.join(order)}"
        return _bind(f"{sql} LIMIT {int(plan.limit)} OFFSET {int(plan.offset)}", args.values)

    def listed_page(self, sought: Test | TextMatch, most: int | None = None) -> BoundQuery:
        """What `keys_and_total` selects, from indexes alone that say exactly what the plan's test or text finds.

        For plans in id order, also with a cursor. Of more than `most` entries, the page and the number are not true.
        """
        plan, args = self.plan, Arguments()
        if isinstance(sought, TextMatch):
            entries: str | None = self.dialect.text_probe(args, self.scope, sought)[0]
        else:
            entries = self.dialect.entries(args, self.scope, sought, most)
        assert entries is not None, "the caller has asked whether there is an index"
        beyond = f" WHERE {self._after(args, 'id')}" if plan.after else ""
        limit = "" if most is None else f" LIMIT {int(most)}"
        sql = f"WITH m(id) AS MATERIALIZED ({entries}{limit}) SELECT id, (SELECT count(*) FROM m) FROM m{beyond}"
        sql += f" ORDER BY id{'' if plan.id_ascending else ' DESC'} LIMIT {int(plan.limit)} OFFSET {int(plan.offset)}"
        return _bind(sql, args.values)

    def total(self, among: Among = None) -> BoundQuery:
        """Counts the matches, of a plan with a text search or a filter, or among some."""
        plan, args = self.plan, Arguments()
        if plan.where is None and among is None and plan.text is not None:
            return _bind(self.dialect.text_count(args, self.scope, plan.text), args.values)
        source, conditions = self._matching(args, among)
        return _bind(f"SELECT count(*) FROM {source} WHERE {' AND '.join(conditions)}", args.values)

    def text_ids(self, most: int) -> BoundQuery | None:
        """Up to `most` ids that the plan's text search finds, in id order; None without one."""
        if self.plan.text is None:
            return None
        args = Arguments()
        sql, key = self.dialect.text_probe(args, self.scope, self.plan.text)
        order = "" if self.plan.id_ascending else " DESC"
        return _bind(f"{sql} ORDER BY {key}{order} LIMIT {most}", args.values)

    def index_ids(self, test: Test, most: int) -> BoundQuery | None:
        """Up to `most` ids of which an index says that the test may hold; None when none can say."""
        args = Arguments()
        sql = self.dialect.entries(args, self.scope, test, most)
        return None if sql is None else _bind(f"{sql} LIMIT {most}", args.values)

    def index_count(self, test: Test, most: int | None = None, text: TextMatch | None = None) -> BoundQuery | None:
        """Counts for how many records indexes say that the test may hold, and that a text search finds, up to `most`.

        None when no index can say.
        """
        args = Arguments()
        sql = self.dialect.entries(args, self.scope, test, most)
        if sql is None:
            return None
        if text is not None:
            found = self.dialect.text_probe(args, self.scope, text)[0]
            sql = f"SELECT * FROM ({found}) AS found INTERSECT SELECT * FROM ({sql}) AS part"
        if most is not None:
            sql = f"{sql} LIMIT {int(most)}"
        return _bind(f"SELECT count(*) FROM ({sql}) AS ids", args.values)

    def walk(self, walk: Walk, *, offset: int, limit: int) -> BoundQuery:
        """Whole rows along an index, of those that fulfil the plan's filter and that its text search finds."""
        args = Arguments()
        source, conditions, keys = self.dialect.walk(args, self.scope, walk)
        conditions += self._tests(args)
        keys = [key + (" DESC" if walk.descending else "") for key in keys]
        return self._select((source, conditions, keys), args, offset=offset, limit=limit)

    def walked_keys(self, walk: Walk, among: list[object], most: int) -> BoundQuery | None:
        """The keys of the page, of some records that match, along the first `most` entries of an index; fewer where
        the page does not end there. None where the engine rather sorts them."""
        args = Arguments()
        walked = self.dialect.walked(args, self.scope, walk, most, among)
        if walked is None:
            return None
        direction = " DESC" if walk.descending else ""
        sql = f"{walked} ORDER BY v{direction}, id{direction}"
        return _bind(f"{sql} LIMIT {int(self.plan.limit)} OFFSET {int(self.plan.offset)}", args.values)

    def walk_count(self, walk: Walk) -> BoundQuery:
        """How many rows a whole walk has."""
        args = Arguments()
        source, conditions, _ = self.dialect.walk(args, self.scope, walk)
        conditions += self._tests(args)
        return _bind(f"SELECT count(*) FROM {source} WHERE {' AND '.join(conditions)}", args.values)

    def long_entries(self, operand: PropertyOperand) -> BoundQuery | None:
        """Has a row if the operand's index cannot be sorted by; None if it always can."""
        args = Arguments()
        sql = self.dialect.long_entries(args, self.scope, operand)
        return None if sql is None else _bind(sql, args.values)

    def _select(  # Parameters: a page, of what, and what else is shown
        self,
        parts: tuple[str, list[str], list[str]],
        args: Arguments,
        *,
        offset: int,
        limit: int,
        more: str | None = None,
    ) -> BoundQuery:
        source, conditions, keys = parts
        columns = self.dialect.columns
        if more is not None:
            head, _, last = columns.rpartition(", ")
            columns = f"{head}, {more}, {last}"
        sql = f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {', '.join(keys)}"
        sql += f" LIMIT {int(limit)}"
        if offset:
            sql += f" OFFSET {int(offset)}"
        return _bind(sql, args.values)

    def _tests(self, args: Arguments) -> list[str]:
        """What is asked of each record that is had without its text."""
        text, where = self.plan.text, self.plan.where
        tests = [] if where is None else [self._test(args, where)]
        return tests if text is None else [*tests, self.dialect.text_test(args, self.scope, text)]

    def _matching(self, args: Arguments, among: Among) -> tuple[str, list[str]]:
        if isinstance(among, list):
            source, conditions = "records r", [self.dialect.by_id(args, self.scope, among)]
        elif among is not None:
            entries = self.dialect.entries(args, self.scope, among)
            assert entries is not None, "the caller has asked whether there is an index"
            source, conditions = "records r", [self.dialect.by_entries(args, self.scope, entries)]
        elif self.plan.text is not None:
            source, condition = self.dialect.text_source(args, self.scope, self.plan.text)
            conditions = [condition]
        else:
            source, conditions = "records r", [self.dialect.scope(args, self.scope)]
        if self.plan.where is not None:
            conditions.append(self._test(args, self.plan.where))
        return source, conditions

    def _test(self, args: Arguments, test: Test) -> str:
        dialect = self.dialect
        match test:
            case Within(operand, values):
                return dialect.within(args, operand, values)
            case Contains(operand, needles):
                return _any([dialect.contains(args, operand, needle) for needle in needles])
            case Present(operand):
                return dialect.present(args, operand)
            case Related():
                return dialect.related(args, self.scope, test)
            case Not(inner):
                # A missing value makes the inner test NULL, and "not NULL" must hold.
                return f"({self._test(args, inner)}) IS NOT TRUE"
            case Between(operand, low, high):
                return self._between(args, operand, low, high)
            case Every(tests):
                return f"({' AND '.join(self._test(args, each) for each in tests)})" if tests else "TRUE"
            case Some(tests):
                return _any([self._test(args, each) for each in tests])

    def _between(self, args: Arguments, operand: Operand, low: Bound | None, high: Bound | None) -> str:
        parts = []
        for bound, sign in ((low, ">"), (high, "<")):
            if bound is not None:
                sign += "=" if bound.inclusive else ""
                parts.append(f"{self._key(args, operand)} {sign} {self._operand_value(args, operand, bound.value)}")
        return f"({' AND '.join(parts)})"

    def _key(self, args: Arguments, operand: Operand) -> str:
        return self.dialect.value(args, operand) + self._collation(operand)

    def _collation(self, operand: Operand) -> str:
        if operand.comparison is Comparison.NUMBER or not self.dialect.collation:
            return ""
        return f" {self.dialect.collation}"

    def _operand_value(self, args: Arguments, operand: Operand, value: str | float) -> str:
        if operand.comparison is Comparison.NUMBER:
            return self.dialect.number(args, float(value))
        return args.add(value)

    def _order(self, args: Arguments, order: Order) -> str:
        return f"{self._key(args, order.operand)}{' DESC' if order.descending else ''} NULLS LAST"

    def _after(self, args: Arguments, id_key: str) -> str:
        """Rows after the cursor, key by key: beyond this key's value, or equal to it and beyond in the rest."""
        *values, record_id = self.plan.after
        mark = Mark(id_key, str(record_id), not self.plan.id_ascending)
        condition = self.dialect.beyond(args, self.scope, mark)
        for order, value in reversed(list(zip(self.plan.order, values, strict=True))):
            key = self._key(args, order.operand)
            if value is None:
                condition = f"({key} IS NULL AND {condition})"
                continue
            sign = "<" if order.descending else ">"
            bound = self._operand_value(args, order.operand, value)
            condition = f"({key} {sign} {bound} OR {key} IS NULL OR ({key} = {bound} AND {condition}))"
        return condition


def _bind(sql: str, values: list[object]) -> BoundQuery:
    return BoundQuery(Statement.query(sql), values)


def _any(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"
