"""How an engine writes what searches are made of; one subclass for each engine, next to its connector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from msgspec import Struct

from groundlevel.kernel.fields.base import Comparison
from groundlevel.kernel.ids import is_record_id
from groundlevel.kernel.query.ast import (
    Between,
    Column,
    ColumnOperand,
    Contains,
    Every,
    Not,
    Operand,
    Present,
    PropertyOperand,
    Related,
    Some,
    Test,
    TextMatch,
    Within,
)
from groundlevel.kernel.storage.statements import Statement


class Scope(Struct, frozen=True, gc=False):
    """The records a statement may touch: one object of one location."""

    loc: int
    obj: int
    prevails: bool = False
    """Whether most texts of the database are known to be those of this object."""


class Mark(Struct, frozen=True, gc=False):
    """A position in id order: after a record, or before it when `descending`. `key` is what `id_key` gave."""

    key: str
    record_id: str
    descending: bool


class Walk(Struct, frozen=True, gc=False):
    """A walk along the index of one operand: over its values in order, or over the records that have none.

    It begins behind `mark`, whose record has the value `value`, if there is a mark, and leaves no range of `ranges`.
    """

    operand: PropertyOperand
    descending: bool
    missing: bool
    value: str | float | None = None
    mark: str | None = None
    ranges: tuple[Between, ...] = ()


class Side(Struct, frozen=True, gc=False):
    """On which side of some associations' relations the records searched stand, and who stands on the other."""

    here: str
    """The column with the record's id."""
    there: str
    """The column with the id of the record that it is related to."""
    associations: tuple[int, ...]
    record_ids: tuple[bytes, ...]


def has_entries(test: Test) -> bool:
    """Whether indexes can say for which records the test may hold."""
    match test:
        case Within(PropertyOperand(indexed=True)) | Between(PropertyOperand(indexed=True)):
            return True
        case Contains(PropertyOperand(indexed=True) as operand):
            return operand.comparison is Comparison.TEXT
        case Not(Present(PropertyOperand(indexed=True))):
            return True
        case Related():
            return bool(sides_of(test))
        case Some(tests):
            return all(has_entries(each) for each in tests)
        case Every(tests):
            return any(has_entries(each) for each in tests)
    return False


def sides_of(test: Related) -> list[Side]:
    """The sides on which a relation can make the test hold; none when it never holds."""
    ids = tuple(bytes.fromhex(record_id) for record_id in test.record_ids)
    sides = (Side("first_id", "second_id", test.as_first, ids), Side("second_id", "first_id", test.as_second, ids))
    return [side for side in sides if side.associations and ids]


class Arguments:
    """Collects the arguments of a statement under construction and hands out their placeholders."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: list[object] = []

    def add(self, value: object) -> str:
        """The placeholder of a further argument."""
        self.values.append(value)
        return f"${len(self.values)}"


class Dialect(ABC):
    """The SQL of one engine. `r` is the alias of records, `s` of record_search, `x` of relations."""

    engine: ClassVar[str]
    """The engine's name."""
    takes_arrays: ClassVar[bool]
    """Whether an argument may be an array, so that one statement does the work of many."""
    columns: ClassVar[str]
    """The columns of a whole record, as `RecordTable.record_of` takes them."""
    collects_texts: ClassVar[bool]
    """Whether a text search finds all matches before it gives the first of them."""
    held_texts: ClassVar[Statement | None] = None
    """About how many texts the database holds; None where a search for one costs the same whoever has the others."""
    collation: ClassVar[str]
    """What makes text compare by code point; empty where it does so anyway."""

    @abstractmethod
    def scope(self, args: Arguments, scope: Scope) -> str:
        """The condition that keeps `records r` to the scope's object."""

    @abstractmethod
    def held(self, args: Arguments, scope: Scope) -> str:
        """How many records the scope's object holds, as a subquery."""

    @abstractmethod
    def text_source(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str]:
        """FROM clause (with `records r`) and condition of a text search, bounded to the scope's object."""

    @abstractmethod
    def text_test(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        """The condition that a text search finds `records r`, for records that are had by other means."""

    @abstractmethod
    def text_count(self, args: Arguments, scope: Scope, match: TextMatch) -> str:
        """The whole statement that counts the matches of a text search without further conditions."""

    @abstractmethod
    def text_probe(self, args: Arguments, scope: Scope, match: TextMatch) -> tuple[str, str]:
        """A SELECT of the ids, in any order, that a text search finds, and what to sort it by for id order.

        The ids are such as `by_id` takes.
        """

    def entries(self, args: Arguments, scope: Scope, test: Test, most: int | None = None) -> str | None:
        """A SELECT of the ids, each once, for which indexes say that the test may hold; None when none can say.

        For texts longer than an index entry it may name too many, likewise when only some tests of an `Every` have an
        index. The ids are such as `by_id` takes. With `most`, no more need be named where there are as many.
        """
        match test:
            case Some(tests):
                # What is united is collected before the first of it is there: a part that is long says enough.
                limit = "" if most is None else f" LIMIT {int(most)}"
                parts = [self.entries(args, scope, each) for each in tests]
                known = [f"SELECT * FROM ({part}{limit}) AS part" for part in parts if part is not None]
                return " UNION ".join(known) if len(known) == len(parts) else None
            case Every(tests):
                parts = [self.entries(args, scope, each) for each in tests if has_entries(each)]
                known = [f"SELECT * FROM ({part}) AS part" for part in parts if part is not None]
                return " INTERSECT ".join(known) or None
        return self.simple_entries(args, scope, test)

    @abstractmethod
    def simple_entries(self, args: Arguments, scope: Scope, test: Test) -> str | None:
        """`entries` of a test that holds no others."""

    @abstractmethod
    def walk(self, args: Arguments, scope: Scope, walk: Walk) -> tuple[str, list[str], list[str]]:
        """FROM clause (with `records r`), conditions and sort keys of a walk along an index."""

    def walked(  # Parameters: a walk of so many entries, and what is picked up on it
        self, args: Arguments, scope: Scope, walk: Walk, most: int, among: list[object]
    ) -> str | None:
        """A SELECT of the ids (`id`) and values (`v`) of those of some records that a walk's first `most` entries name.

        The ids are such as `by_id` takes. None on an engine that rather reads the values of the records.
        """
        return None

    def long_entries(self, args: Arguments, scope: Scope, operand: PropertyOperand) -> str | None:
        """A SELECT that has a row if the operand's index holds only beginnings of texts; None if it never does."""
        return None

    @abstractmethod
    def by_id(self, args: Arguments, scope: Scope, ids: list[object]) -> str:
        """The condition that keeps `records r` to some ids given by a page of ids or by a probe."""

    @abstractmethod
    def by_entries(self, args: Arguments, scope: Scope, entries: str) -> str:
        """The condition that keeps `records r` to those that `entries` names."""

    @abstractmethod
    def value(self, args: Arguments, operand: Operand) -> str:
        """The operand's value as a text or a float8, to compare and to sort by."""

    @abstractmethod
    def present(self, args: Arguments, operand: Operand) -> str:
        """Whether there is a value."""

    @abstractmethod
    def among(self, args: Arguments, operand: Operand, values: list[object]) -> str:
        """Whether a scalar operand's value is one of `values`."""

    @abstractmethod
    def has_member(self, args: Arguments, operand: Operand, values: list[str]) -> str:
        """Whether a list operand holds one of `values`."""

    @abstractmethod
    def contains(self, args: Arguments, operand: Operand, needle: str) -> str:
        """Whether a text operand's value holds the needle, case-sensitively."""

    @abstractmethod
    def linked(self, args: Arguments, scope: Scope, side: Side) -> str:
        """The condition that keeps `relations x` to the side's associations and record ids, and to the location."""

    @abstractmethod
    def linked_ids(self, args: Arguments, scope: Scope, side: Side) -> str:
        """A SELECT of the ids, as for `by_id`, of the object's records on this side: each once for every relation."""

    @abstractmethod
    def number(self, args: Arguments, value: float) -> str:
        """A placeholder for a number, of the engine's float8 type."""

    @abstractmethod
    def beyond(self, args: Arguments, scope: Scope, mark: Mark) -> str:
        """The condition that a record lies beyond the mark in id order."""

    @abstractmethod
    def id_key(self, match: TextMatch | None) -> str:
        """What to sort by for id order, given the text search the records are drawn from."""

    def within(self, args: Arguments, operand: Operand, values: tuple[str | float, ...]) -> str:
        """Whether the operand's value, or one of its members, is among `values`."""
        if isinstance(operand, ColumnOperand) and operand.column is Column.ID:
            known = [bytes.fromhex(value) for value in values if isinstance(value, str) and is_record_id(value)]
            return self.among(args, operand, list(known)) if known else "FALSE"
        if operand.comparison is Comparison.MEMBERS:
            return self.has_member(args, operand, [str(value) for value in values])
        return self.among(args, operand, list(values))

    def related(self, args: Arguments, scope: Scope, test: Related) -> str:
        """Whether the record has a relation as asked for."""
        found = [
            f"EXISTS (SELECT 1 FROM relations x WHERE {self.linked(args, scope, side)} AND x.{side.here} = r.id)"
            for side in sides_of(test)
        ]
        return f"({' OR '.join(found)})" if found else "FALSE"

    def related_ids(self, args: Arguments, scope: Scope, test: Related) -> str | None:
        """A SELECT of the ids, each once, of the records with a relation as asked for; None when there can be none."""
        sides = sides_of(test)
        if not sides:
            return None
        selects = [self.linked_ids(args, scope, side) for side in sides]
        if len(sides) == len(sides[0].associations) == len(test.record_ids) == 1:
            return selects[0]
        return f"SELECT DISTINCT linked.* FROM ({' UNION ALL '.join(selects)}) AS linked"
