"""How SQLite writes searches: rowid ranges, JSON paths, trigram matches."""

from __future__ import annotations

from groundlevel.kernel.codec import encode_text
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

SEQUENCE_BITS = 36
"""Bits of a rid below the object's number: 68 billion records an object."""
CHANGE_BITS = 36
"""Bits of the id of a logged change below the number of its location: 68 billion changes a location."""
TRIGRAM = 3
"""Characters below which a needle cannot use the trigram index."""


def rid_range(number: int) -> tuple[int, int]:
    """The lowest possible rid of an object's records, not itself used, and one beyond the highest."""
    low = number << SEQUENCE_BITS
    return low, low + (1 << SEQUENCE_BITS)


def line_matches(text: str, needle: str, *lines: int) -> int:
    """SQL function: whether one of the given lines (from 1) of a search text holds the needle."""
    found = text.split("\n")
    return int(any(number <= len(found) and needle in found[number - 1] for number in lines))


class SqliteDialect(Dialect):
    """SQLite 3.54 as apsw brings it."""

    engine = "sqlite"
    takes_arrays = False
    columns = (
        "r.id, r.created_at, r.updated_at, r.version, r.owners, r.followers, r.created_by, r.updated_by, "
        "json(r.properties)"
    )
    collects_texts = False
    collation = ""

    def scope(self, args: Arguments, scope: Scope) -> str:
        low, high = rid_range(scope.obj)
        return f"r.rid > {args.add(low)} AND r.rid < {args.add(high)}"

    def held(self, args: Arguments, scope: Scope) -> str:
        return f"(SELECT coalesce(sum(c.n), 0) FROM object_counts c WHERE c.obj = {args.add(scope.obj)})"

    def text_source(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str]:
        source, key, condition = self._text(args, scope, match)
        return f"{source} CROSS JOIN records r ON r.rid = {key}", condition

    def text_test(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        needle = args.add(match.needle)
        condition = f"instr(s.search_text, {needle}) > 0" + self._on_lines(needle, match)
        return f"EXISTS (SELECT 1 FROM record_search s WHERE s.rid = r.rid AND {condition})"

    def text_count(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        source, _, condition = self._text(args, scope, match)
        return f"SELECT count(*) FROM {source} WHERE {condition}"

    def _text(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str, str]:
        """FROM clause without records, rid and condition of a text search."""
        if len(match.needle) < TRIGRAM:
            return "record_search s", "s.rid", self._short(args, scope, match)
        source = "record_fts f CROSS JOIN record_search s ON s.rid = f.rowid" if match.lines else "record_fts f"
        return source, "f.rowid", self._indexed(args, scope, match)

    def text_probe(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str]:
        source, key, condition = self._text(args, scope, match)
        return f"SELECT {key} FROM {source} WHERE {condition}", key

    def by_id(self, args: Arguments, scope: Scope, ids: list[object]) -> str:
        return f"r.rid IN {_listed(args, ids)}"

    def simple_entries(self, args: Arguments, scope: Scope, test: Test) -> str | None:
        match test:
            case Within(PropertyOperand(indexed=True) as operand, values):
                marks = ", ".join(args.add(value) for value in values)
                condition = f"e.field = {args.add(operand.field_number)} AND e.v IN ({marks})"
                # Only a list can hold two of the values.
                many = operand.comparison is Comparison.MEMBERS and len(values) > 1
                return f"SELECT {'DISTINCT ' if many else ''}e.rid FROM record_values e WHERE {condition}"
            case Between(PropertyOperand(indexed=True) as operand):
                conditions = [f"e.field = {args.add(operand.field_number)}", *_within_range(args, test)]
                return f"SELECT e.rid FROM record_values e WHERE {' AND '.join(conditions)}"
            case Contains(PropertyOperand(indexed=True, comparison=Comparison.TEXT) as operand, needles):
                condition = " OR ".join(f"instr(e.v, {args.add(needle)}) > 0" for needle in needles)
                number = args.add(operand.field_number)
                return f"SELECT e.rid FROM record_values e WHERE e.field = {number} AND ({condition})"
            case Not(Present(PropertyOperand(indexed=True) as operand)):
                return f"SELECT e.rid FROM record_missing e WHERE e.field = {args.add(operand.field_number)}"
            case Related():
                return self.related_ids(args, scope, test)
        return None

    def by_entries(self, args: Arguments, scope: Scope, entries: str) -> str:
        return f"r.rid IN ({entries})"

    def linked_ids(self, args: Arguments, scope: Scope, side: Side) -> str:
        source = f"relations x CROSS JOIN records r ON r.obj = {args.add(scope.obj)} AND r.id = x.{side.here}"
        return f"SELECT r.rid FROM {source} WHERE {self.linked(args, scope, side)}"

    def linked(self, args: Arguments, scope: Scope, side: Side) -> str:
        # An association's number is its location's alone.
        numbers = ", ".join(str(number) for number in side.associations)
        return f"x.assoc IN ({numbers}) AND x.{side.there} IN ({', '.join(args.add(each) for each in side.record_ids)})"

    def walk(self, args: Arguments, scope: Scope, walk: Walk) -> tuple[str, list[str], list[str]]:
        table = "record_missing" if walk.missing else "record_values"
        keys = ["e.rid"] if walk.missing else ["e.v", "e.rid"]
        conditions = [f"e.field = {args.add(walk.operand.field_number)}"]
        for each in walk.ranges:
            conditions += _within_range(args, each)
        if walk.mark is not None:
            position = self._near(args, scope, walk.mark, descending=walk.descending)
            sign = "<" if walk.descending else ">"
            if walk.missing:
                conditions.append(f"e.rid {sign} {position}")
            else:
                conditions.append(f"(e.v, e.rid) {sign} ({args.add(walk.value)}, {position})")
        return f"{table} e CROSS JOIN records r ON r.rid = e.rid", conditions, keys

    def walked(  # Parameters: as declared
        self, args: Arguments, scope: Scope, walk: Walk, most: int, among: list[object]
    ) -> str:
        direction = " DESC" if walk.descending else ""
        passed = (
            f"SELECT e.rid AS id, e.v AS v FROM record_values e WHERE e.field = {args.add(walk.operand.field_number)}"
            f" ORDER BY e.v{direction}, e.rid{direction} LIMIT {int(most)}"
        )
        return f"SELECT id, v FROM ({passed}) WHERE id IN {_listed(args, among)}"

    def _short(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        low, high = rid_range(scope.obj)
        needle = args.add(match.needle)
        condition = f"s.rid > {args.add(low)} AND s.rid < {args.add(high)} AND instr(s.search_text, {needle}) > 0"
        return condition + self._on_lines(needle, match)

    def _indexed(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        low, high = rid_range(scope.obj)
        phrase = args.add('"' + match.needle.replace('"', '""') + '"')
        # Without the rowid range a small object would pay for the matches of all others.
        condition = f"record_fts MATCH {phrase} AND f.rowid > {args.add(low)} AND f.rowid < {args.add(high)}"
        return condition + (self._on_lines(args.add(match.needle), match) if match.lines else "")

    def _on_lines(self, needle: str, match: TextMatch) -> str:
        if not match.lines:
            return ""
        return f" AND line_matches(s.search_text, {needle}, {', '.join(str(line) for line in match.lines)})"

    def id_key(self, match: TextMatch | None) -> str:
        if match is None:
            return "r.rid"
        return "s.rid" if len(match.needle) < TRIGRAM else "f.rowid"

    def beyond(self, args: Arguments, scope: Scope, mark: Mark) -> str:
        position = self._near(args, scope, mark.record_id, descending=mark.descending)
        return f"{mark.key} {'<' if mark.descending else '>'} {position}"

    def _near(self, args: Arguments, scope: Scope, record_id: str, *, descending: bool) -> str:
        """The rid from which to go on behind a record."""
        low, high = rid_range(scope.obj)
        number, bound = args.add(scope.obj), args.add(bytes.fromhex(record_id))
        # The cursor's record may be gone: its nearest neighbour on the side already seen stands in for it.
        if descending:
            near = f"SELECT rid FROM records WHERE obj = {number} AND id >= {bound} ORDER BY id LIMIT 1"
            return f"coalesce(({near}), {args.add(high)})"
        near = f"SELECT rid FROM records WHERE obj = {number} AND id <= {bound} ORDER BY id DESC LIMIT 1"
        return f"coalesce(({near}), {args.add(low)})"

    def value(self, args: Arguments, operand: Operand) -> str:
        if isinstance(operand, ColumnOperand):
            return f"r.{operand.column.value}"
        return f"(r.properties ->> {args.add(json_path(operand))})"

    def present(self, args: Arguments, operand: Operand) -> str:
        if isinstance(operand, ColumnOperand):
            return f"(r.{operand.column.value} IS NOT NULL)"
        return f"((r.properties -> {args.add(json_path(operand))}) IS NOT NULL)"

    def among(self, args: Arguments, operand: Operand, values: list[object]) -> str:
        return f"{self.value(args, operand)} IN ({', '.join(args.add(value) for value in values)})"

    def has_member(self, args: Arguments, operand: Operand, values: list[str]) -> str:
        if isinstance(operand, ColumnOperand):
            assert operand.column in (Column.OWNERS, Column.FOLLOWERS)
            source = f"json_each(r.{operand.column.value})"
        else:
            source = f"json_each(r.properties, {args.add(json_path(operand))})"
        marks = ", ".join(args.add(value) for value in values)
        return f"EXISTS (SELECT 1 FROM {source} AS member WHERE member.value IN ({marks}))"

    def contains(self, args: Arguments, operand: Operand, needle: str) -> str:
        return f"instr({self.value(args, operand)}, {args.add(needle)}) > 0"

    def number(self, args: Arguments, value: float) -> str:
        return args.add(value)


def json_path(operand: PropertyOperand) -> str:
    """Where the operand's value stands in a record's properties."""
    return "$" + "".join(f'."{part}"' for part in (operand.stored_key, *operand.path))


def _listed(args: Arguments, ids: list[object]) -> str:
    """Some ids; one argument for any number of them, so that the statement is prepared once."""
    return f"(SELECT value FROM json_each({args.add(encode_text(ids))}))"


def _within_range(args: Arguments, test: Between) -> list[str]:
    """What the value of an index entry has to fulfil."""
    return [
        f"e.v {sign}{'=' if bound.inclusive else ''} {args.add(bound.value)}"
        for bound, sign in ((test.low, ">"), (test.high, "<"))
        if bound is not None
    ]
