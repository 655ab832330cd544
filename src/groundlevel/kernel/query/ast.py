"""A search as plain values: as asked on the wire, and as bound to an object's fields."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from msgspec import UNSET, Struct

from groundlevel.kernel.fields.base import Comparison, Operator
from groundlevel.kernel.model import Json

# --- as asked: names are texts, values are whatever the client sent ----------------------------------------------


class Condition(Struct, frozen=True):
    """One comparison of the wire grammar (docs/contract.md#search-filters)."""

    field: str
    operator: Operator
    value: Json


class RelationCondition(Struct, frozen=True):
    """The nested condition on relations (docs/contract.md#search-filters): whatever the client sent as ids to equal."""

    record_id: Json
    association_id: Json = UNSET
    """UNSET for any association."""


class Group(Struct, frozen=True):
    """Conditions and groups of which all (`every`) or at least one must hold. An empty one of all always holds."""

    every: bool
    nodes: tuple[Condition | RelationCondition | Group, ...]


class SortKey(Struct, frozen=True):
    """One key of the requested order."""

    field: str
    descending: bool


class Query(Struct, frozen=True):
    """A search request, parsed but not yet bound to an object."""

    text: str
    where: Group
    sort: tuple[SortKey, ...]
    page_limit: int
    skip: int
    """How many records to leave out; without effect when there is a cursor."""
    after: tuple[Json, ...]
    """The cursor of the last record already seen; empty for none."""
    after_name: str = "searchAfter"
    """What the client calls its cursor."""


# --- as bound: every name is resolved, every value typed and normalised ------------------------------------------


class Column(Enum):
    """What every record has besides its properties."""

    ID = "id"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    OWNERS = "owners"
    FOLLOWERS = "followers"


class ColumnOperand(Struct, frozen=True):
    """A column of the record."""

    column: Column
    comparison: Comparison


class PropertyOperand(Struct, frozen=True):
    """A stored property."""

    stored_key: str
    path: tuple[str, ...]
    """Where inside the stored value the compared part lies; empty for the value itself."""
    comparison: Comparison
    field_number: int
    indexed: bool = False
    """Whether the field's index is ready to be asked."""


Operand: TypeAlias = ColumnOperand | PropertyOperand


class Within(Struct, frozen=True):
    """Holds when the operand's value, or one of its members, is among `values`. False when the value is missing."""

    operand: Operand
    values: tuple[str | float, ...]


class Contains(Struct, frozen=True):
    """Holds when one of `needles` is a substring of the operand's text, case-sensitively. False when missing."""

    operand: Operand
    needles: tuple[str, ...]


class Bound(Struct, frozen=True):
    """One end of a range."""

    value: str | float
    inclusive: bool


class Between(Struct, frozen=True):
    """Holds when the operand's value lies between the ends given. False when the value is missing."""

    operand: Operand
    low: Bound | None
    high: Bound | None


class Present(Struct, frozen=True):
    """Holds when the record has a value for the operand; an empty list is no value."""

    operand: Operand


class Related(Struct, frozen=True):
    """Holds when a relation links the record to one of `record_ids`. Without ids or associations it never holds."""

    record_ids: tuple[str, ...]
    as_first: tuple[int, ...]
    """The numbers of the associations in which the record may be the first of the two."""
    as_second: tuple[int, ...]
    """The numbers of those in which it may be the second."""


class Not(Struct, frozen=True):
    """Holds when `test` does not: also for records without a value.

    See docs/contract.md#search-filters: not_eq, not_contains, not_exists.
    """

    test: Within | Contains | Present


class Every(Struct, frozen=True):
    """Holds when all tests do; an empty one holds."""

    tests: tuple[Test, ...]


class Some(Struct, frozen=True):
    """Holds when at least one test does. Never empty."""

    tests: tuple[Test, ...]


Test: TypeAlias = Within | Contains | Between | Present | Related | Not | Every | Some


class Order(Struct, frozen=True):
    """One bound sort key; missing values come last in both directions."""

    operand: Operand
    descending: bool


class TextMatch(Struct, frozen=True):
    """Plain text search: `needle` is a folded, non-empty substring of a line of the record's search text."""

    needle: str
    lines: tuple[int, ...] = ()
    """The lines (from 1) that count, for a search in one property; empty means every line."""

    def matches(self, search_text: str) -> bool:
        """Whether a record with this search text is found."""
        if not self.lines:
            return self.needle in search_text
        texts = search_text.split("\n")
        return any(line <= len(texts) and self.needle in texts[line - 1] for line in self.lines)


class Plan(Struct, frozen=True):
    """A search ready to be compiled: nothing in it needs to be looked up again.

    `order` never holds the id; the id is always the implied last key, descending unless `id_ascending`.
    """

    text: TextMatch | None
    where: Test | None
    order: tuple[Order, ...]
    id_ascending: bool
    after: tuple[str | float | None, ...]
    """One value per order key and the id of the last record seen; empty for none."""
    offset: int
    limit: int

    @property
    def wanted(self) -> int:
        """How many matches there are up to the end of the page."""
        return self.offset + self.limit


def asks_for_relations(test: Test | None) -> bool:
    """Whether it depends on relations, and on the associations that there are, which records fulfil a test."""
    match test:
        case Every(tests) | Some(tests):
            return any(asks_for_relations(each) for each in tests)
        case Not(inner):
            return asks_for_relations(inner)
    return isinstance(test, Related)
