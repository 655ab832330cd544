"""How PostgreSQL writes searches: jsonb operators, float8 casts, LIKE over trigrams."""

from __future__ import annotations

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.query.ast import (
    Between,
    Column,
    ColumnOperand,
    Contains,
    Not,
    Operand,
    Present,
    PropertyOperand,
    Related,
    Test,
    TextMatch,
    Within,
)
from groundlevel.kernel.storage.dialect import Arguments, Dialect, Mark, Scope, Side, Walk
from groundlevel.kernel.storage.statements import Statement

INDEXED_CHARACTERS = 500
"""Characters of a text that an index entry holds; PostgreSQL has room for a third of a page."""
_LIKE_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class PostgresDialect(Dialect):
    """PostgreSQL 15 and newer."""

    engine = "postgres"
    takes_arrays = True
    columns = (
        "r.id, r.created_at, r.updated_at, r.version, r.owners, r.followers, r.created_by, r.updated_by, r.properties"
    )
    collects_texts = True
    held_texts = Statement.query(
        "SELECT coalesce(sum(c.reltuples) FILTER (WHERE c.reltuples > 0), 0)::bigint FROM pg_class c "
        "LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE 'record_search'::regclass IN (c.oid, i.inhparent)"
    )
    collation = 'COLLATE "C"'

    def scope(self, args: Arguments, scope: Scope) -> str:
        return f"r.loc = {args.add(scope.loc)} AND r.obj = {args.add(scope.obj)}"

    def held(self, args: Arguments, scope: Scope) -> str:
        place = f"c.loc = {args.add(scope.loc)} AND c.obj = {args.add(scope.obj)}"
        return f"(SELECT coalesce(sum(c.n), 0)::bigint FROM object_counts c WHERE {place})"

    def text_source(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str]:
        return f"record_search s {self._record_of('s', args, scope)}", self._matches(args, scope, match)

    def text_test(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        found = f"SELECT 1 FROM record_search s WHERE {self._matches(args, scope, match)} AND s.id = r.id"
        return f"EXISTS ({found} OFFSET 0)"

    def text_count(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        return f"SELECT count(*) FROM record_search s WHERE {self._found(args, scope, match)}"

    def text_probe(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str]:
        return f"SELECT s.id FROM record_search s WHERE {self._found(args, scope, match)}", "s.id"

    def by_id(self, args: Arguments, scope: Scope, ids: list[object]) -> str:
        return f"{self.scope(args, scope)} AND r.id = ANY ({args.add(ids)}::bytea[])"

    def simple_entries(self, args: Arguments, scope: Scope, test: Test) -> str | None:
        match test:
            case Within(PropertyOperand(indexed=True) as operand, values):
                if operand.comparison is Comparison.NUMBER:
                    condition = f"e.n = ANY ({args.add(list(values))}::float8[])"
                else:
                    texts = [str(value)[:INDEXED_CHARACTERS] for value in values]
                    condition = f"e.t = ANY ({args.add(texts)}::text[])"
                many = operand.comparison is Comparison.MEMBERS and len(values) > 1
                return f"SELECT {'DISTINCT ' if many else ''}e.id {self._entries(args, scope, operand)} AND {condition}"
            case Between(PropertyOperand(indexed=True) as operand):
                return f"SELECT e.id {' AND '.join([self._entries(args, scope, operand), *_within_range(args, test)])}"
            case Contains(PropertyOperand(indexed=True, comparison=Comparison.TEXT) as operand, needles):
                found = " OR ".join(f"strpos(e.t, {args.add(needle)}::text) > 0" for needle in needles)
                entries = f"SELECT e.id {self._entries(args, scope, operand)} AND e.t IS NOT NULL"
                # In one condition with `cut`, which the index does not hold, each entry's row would be read.
                return f"{entries} AND ({found}) UNION ALL {entries} AND e.cut AND NOT ({found})"
            case Not(Present(PropertyOperand(indexed=True) as operand)):
                return f"SELECT e.id {self._entries(args, scope, operand)} AND e.n IS NULL AND e.t IS NULL"
            case Related():
                return self.related_ids(args, scope, test)
        return None

    def by_entries(self, args: Arguments, scope: Scope, entries: str) -> str:
        return f"{self.scope(args, scope)} AND r.id IN ({entries})"

    def linked_ids(self, args: Arguments, scope: Scope, side: Side) -> str:
        return f"SELECT x.{side.here} AS id FROM relations x WHERE {self.linked(args, scope, side)}"

    def linked(self, args: Arguments, scope: Scope, side: Side) -> str:
        associations, ids = args.add(list(side.associations)), args.add(list(side.record_ids))
        loc = args.add(scope.loc)
        return f"x.loc = {loc} AND x.assoc = ANY ({associations}::integer[]) AND x.{side.there} = ANY ({ids}::bytea[])"

    def _record_of(self, alias: str, args: Arguments, scope: Scope) -> str:
        """Joins to each row its record, looked up by its key, in the order of the rows.

        OFFSET 0 keeps the planner from doing anything else: with statistics that are old or missing it would read all
        records instead. loc and obj are arguments once more, so that each table prunes to its partition on its own.
        """
        return (
            f"CROSS JOIN LATERAL (SELECT * FROM records r WHERE {self.scope(args, scope)} AND r.id = {alias}.id "
            "OFFSET 0) AS r"
        )

    def _entries(self, args: Arguments, scope: Scope, operand: PropertyOperand) -> str:
        loc, field = args.add(scope.loc), args.add(operand.field_number)
        return f"FROM record_values e WHERE e.loc = {loc} AND e.field = {field}"

    def walk(self, args: Arguments, scope: Scope, walk: Walk) -> tuple[str, list[str], list[str]]:
        loc, field = args.add(scope.loc), args.add(walk.operand.field_number)
        source = f"record_values e {self._record_of('e', args, scope)}"
        conditions = [f"e.loc = {loc} AND e.field = {field}"]
        column, kind = ("n", "float8") if walk.operand.comparison is Comparison.NUMBER else ("t", "text")
        if walk.missing:
            conditions.append("e.n IS NULL AND e.t IS NULL")
        else:
            conditions.append(f"e.{column} IS NOT NULL")
        for each in walk.ranges:
            conditions += _within_range(args, each)
        if walk.mark is not None:
            sign, position = "<" if walk.descending else ">", f"{args.add(bytes.fromhex(walk.mark))}::bytea"
            if walk.missing:
                conditions.append(f"e.id {sign} {position}")
            else:
                conditions.append(f"(e.{column}, e.id) {sign} ({args.add(walk.value)}::{kind}, {position})")
        return source, conditions, ["e.id"] if walk.missing else [f"e.{column}", "e.id"]

    def long_entries(self, args: Arguments, scope: Scope, operand: PropertyOperand) -> str | None:
        if operand.comparison is Comparison.NUMBER:
            return None
        return f"SELECT 1 {self._entries(args, scope, operand)} AND e.cut LIMIT 1"

    def _found(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        """Of all matches. Of an object that has most texts, the index finds them sooner by the text alone.

        Otherwise it goes through all that it holds of the object to see which of these hold the text.
        """
        return self._matches(args, scope, match, number="(s.obj + 0)" if scope.prevails else "s.obj")

    def _matches(self, args: Arguments, scope: Scope, match: TextMatch, number: str = "s.obj") -> str:
        loc, obj = args.add(scope.loc), args.add(scope.obj)
        pattern = args.add(f"%{match.needle.translate(_LIKE_SPECIAL)}%")
        condition = f"s.loc = {loc} AND {number} = {obj} AND s.search_text LIKE {pattern}"
        if match.lines:
            lines = [f"split_part(s.search_text, E'\\n', {line}) LIKE {pattern}" for line in match.lines]
            condition += f" AND ({' OR '.join(lines)})"
        return condition

    def id_key(self, match: TextMatch | None) -> str:
        return "r.id" if match is None else "s.id"

    def beyond(self, args: Arguments, scope: Scope, mark: Mark) -> str:
        return f"{mark.key} {'<' if mark.descending else '>'} {args.add(bytes.fromhex(mark.record_id))}::bytea"

    def value(self, args: Arguments, operand: Operand) -> str:
        if isinstance(operand, ColumnOperand):
            return f"r.{operand.column.value}"
        text = self._text(args, operand)
        return f"({text})::float8" if operand.comparison is Comparison.NUMBER else text

    def _text(self, args: Arguments, operand: PropertyOperand) -> str:
        *outer, last = (operand.stored_key, *operand.path)
        steps = "".join(f" -> {args.add(key)}::text" for key in outer)
        return f"(r.properties{steps} ->> {args.add(last)}::text)"

    def present(self, args: Arguments, operand: Operand) -> str:
        if isinstance(operand, ColumnOperand):
            return f"(r.{operand.column.value} IS NOT NULL)"
        return f"(r.properties ? {args.add(operand.stored_key)}::text)"

    def among(self, args: Arguments, operand: Operand, values: list[object]) -> str:
        kind = "text"
        if isinstance(operand, ColumnOperand) and operand.column is Column.ID:
            kind = "bytea"
        elif operand.comparison is Comparison.NUMBER:
            kind = "float8"
        return f"{self.value(args, operand)} = ANY ({args.add(values)}::{kind}[])"

    def has_member(self, args: Arguments, operand: Operand, values: list[str]) -> str:
        if isinstance(operand, ColumnOperand):
            source = f"r.{operand.column.value}"
        else:
            source = f"(r.properties -> {args.add(operand.stored_key)}::text)"
        return f"{source} ?| {args.add(values)}::text[]"

    def contains(self, args: Arguments, operand: Operand, needle: str) -> str:
        return f"strpos({self.value(args, operand)}, {args.add(needle)}::text) > 0"

    def number(self, args: Arguments, value: float) -> str:
        return f"{args.add(value)}::float8"


def _within_range(args: Arguments, test: Between) -> list[str]:
    """What the value of an index entry has to fulfil."""
    column, kind = ("n", "float8") if test.operand.comparison is Comparison.NUMBER else ("t", "text")
    return [
        f"e.{column} {sign}{'=' if bound.inclusive else ''} {args.add(bound.value)}::{kind}"
        for bound, sign in ((test.low, ">"), (test.high, "<"))
        if bound is not None
    ]
