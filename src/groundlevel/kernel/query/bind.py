"""Binds a query to an object: resolves every name, types every value, refuses what does not fit.

See docs/contract.md#search-filters.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Struct

from groundlevel.kernel.errors import InvalidField, InvalidFilter, InvalidValue, LimitExceeded, NotSupported
from groundlevel.kernel.fields.base import OPERATORS, Operator, kind_of
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.fields.fold import fold
from groundlevel.kernel.ids import from_short_id, is_record_id
from groundlevel.kernel.model import Association, Json
from groundlevel.kernel.query.ast import (
    Between,
    Bound,
    Column,
    ColumnOperand,
    Condition,
    Contains,
    Every,
    Group,
    Not,
    Order,
    Plan,
    Present,
    Query,
    Related,
    RelationCondition,
    Some,
    SortKey,
    Test,
    TextMatch,
    Within,
)
from groundlevel.kernel.query.cursor import read_cursor
from groundlevel.kernel.query.target import Target, target_of, text_of

MAX_VALUES = 1_000
"""Most values to equal in one condition."""
MAX_FRAGMENTS = 100
"""Most texts to look for in one condition: each is a test of its own, and SQLite bounds how deep tests lie (1,000)."""

_ENDS = {"gt": (True, False), "gte": (True, True), "lt": (False, False), "lte": (False, True)}
"""The members of a range: whether it is the low end, and whether the end is inside."""
_ALWAYS = Every(())
_LIKE_TEXT_SEARCH = (Operator.CONTAINS, Operator.RANGE, Operator.EQ, Operator.EXISTS)
"""The operators to offer instead, best first; each comparison has one of them."""


class _Names(Struct, frozen=True):
    """What the names of a query are looked up in."""

    schema: CompiledObject
    associations: Sequence[Association]
    strict: bool

    def target(self, name: str) -> Target:
        """What a field name leads to. Raises InvalidField."""
        return target_of(name, self.schema, strict=self.strict)


def bind(query: Query, schema: CompiledObject, *, strict: bool, associations: Sequence[Association] = ()) -> Plan:
    """The plan of `query` over records of `schema`. Unless `strict`, full property keys are understood too.
    `associations` are those of the location, for conditions on relations.

    Tests come out flat: no group has a member of its own kind, one member only, or none.
    With a cursor nothing is left out.
    Raises InvalidField, InvalidFilter, InvalidCursor, LimitExceeded, and NotSupported for a text search
    in a property that is not searchable.
    """
    names = _Names(schema, associations, strict)
    where = _group(query.where, "filters", names)
    order, id_ascending = _order(query.sort, names)
    return Plan(
        text=_text_match(query.text, schema),
        where=None if where == _ALWAYS else where,
        order=order,
        id_ascending=id_ascending,
        after=read_cursor(query.after, order, name=query.after_name),
        offset=0 if query.after else query.skip,
        limit=query.page_limit,
    )


# --- text --------------------------------------------------------------------------------------------------------


def _text_match(text: str, schema: CompiledObject) -> TextMatch | None:
    """What plain text asks for: `name:Buddy` looks at one property only, when it names one.

    See docs/contract.md#decision-30.
    """
    before, colon, after = text.partition(":")
    key = schema.short_key(before.strip()) if colon else ""
    lines: tuple[int, ...] = ()
    if key in schema.fields or key in schema.properties_by_key:
        text = after
        lines = _lines(key, schema)
        if not lines:
            raise _unsearchable(key, schema)
    needle = fold(text)
    return TextMatch(needle, lines) if needle else None


def _lines(key: str, schema: CompiledObject) -> tuple[int, ...]:
    """The search lines of a field, or of one option of a text-box list."""
    prop = schema.properties_by_key.get(key)
    if prop is None or prop.field.key == key:
        return schema.search_lines(key)
    return tuple(n for n, each in enumerate(schema.searchable, 1) if each.stored_key == prop.stored_key)


def _unsearchable(key: str, schema: CompiledObject) -> NotSupported:
    prop = schema.properties_by_key.get(key)
    ways = []
    if prop is None or prop.type.may_be_searchable:
        ways.append("add it to searchableProperties")
    if prop is not None:
        usable = OPERATORS[prop.type.comparison]
        best = next(each for each in _LIKE_TEXT_SEARCH if each in usable)
        ways.append(f"use the `{best.value}` operator on properties.{key}")
    return NotSupported(
        f"Text search in {key} is not supported: it is not a searchable property of {schema.object.key}",
        hint=f"To search in {key}, {' or '.join(ways)}.",
    )


# --- filters -----------------------------------------------------------------------------------------------------


def _group(group: Group, path: str, names: _Names) -> Test:
    tests = [_node(node, f"{path}[{n}]", names) for n, node in enumerate(group.nodes)]
    return _all_of(tests) if group.every else _any_of(tests)


def _node(node: Condition | RelationCondition | Group, path: str, names: _Names) -> Test:
    match node:
        case Group():
            return _group(node, f"{path}.filters", names)
        case RelationCondition():
            return _bind_relation(node, path, names)
    return _condition(node, path, names)


def _all_of(tests: list[Test]) -> Test:
    flat: list[Test] = []
    for test in tests:
        flat.extend(test.tests if isinstance(test, Every) else (test,))
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def _any_of(tests: list[Test]) -> Test:
    if not tests or _ALWAYS in tests:
        return _ALWAYS
    flat: list[Test] = []
    for test in tests:
        flat.extend(test.tests if isinstance(test, Some) else (test,))
    return flat[0] if len(flat) == 1 else Some(tuple(flat))


def _bind_relation(condition: RelationCondition, path: str, names: _Names) -> Related:
    """An id that no record or association has is related to nothing; of one in the wrong form the same is true."""
    records = _ids(condition.record_id, f"{path}, recordId")
    found = names.associations
    if condition.association_id is not UNSET:
        asked = _ids(condition.association_id, f"{path}, associationId")
        found = [association for association in found if association.id in asked]
    number = names.schema.object.number
    return Related(
        tuple(dict.fromkeys(each for each in map(_stored_id, records) if each is not None)),
        tuple(association.number for association in found if association.first_object == number),
        tuple(association.number for association in found if association.second_object == number),
    )


def _ids(value: Json, path: str) -> list[str]:
    try:
        return [text_of(each) for each in _values(value, most=MAX_VALUES)]
    except InvalidValue as error:
        raise InvalidFilter(f"{path}: {error.message}") from error


def _stored_id(shown: str) -> str | None:
    """The record id meant by one as it is shown: of 20 characters for contacts and opportunities."""
    lower = shown.lower()
    return lower if is_record_id(lower) else from_short_id(shown)


def _condition(condition: Condition, path: str, names: _Names) -> Test:
    target = names.target(condition.field)
    operator, value = condition.operator, condition.value
    if operator not in target.operators:
        allowed = ", ".join(each.value for each in Operator if each in target.operators)
        raise InvalidFilter(
            f"{path}: {operator.value} does not apply to {target.name} ({target.kind}); use one of {allowed}"
        )
    try:
        return _test(target, operator, value)
    except InvalidValue as error:
        raise InvalidFilter(f"{path}, {target.name}: {error.message}") from error


def _test(target: Target, operator: Operator, value: Json) -> Test:
    """Raises InvalidValue, LimitExceeded."""
    operand = target.operand
    match operator:
        case Operator.EQ:
            return Within(operand, tuple(target.read(each) for each in _values(value, most=MAX_VALUES)))
        case Operator.NOT_EQ:
            return Not(Within(operand, tuple(target.read(each) for each in _values(value, most=MAX_VALUES))))
        case Operator.CONTAINS:
            return Contains(operand, tuple(target.read_fragment(each) for each in _values(value, most=MAX_FRAGMENTS)))
        case Operator.NOT_CONTAINS:
            return Not(
                Contains(operand, tuple(target.read_fragment(each) for each in _values(value, most=MAX_FRAGMENTS)))
            )
        case Operator.RANGE:
            return _between(target, value)
        case Operator.EXISTS:
            return Present(operand)
        case Operator.NOT_EXISTS:
            return Not(Present(operand))


def _values(value: Json, *, most: int) -> list[Json]:
    """The values meant by a value or by an array of them, of which any may hold."""
    if value is None:
        raise InvalidValue("a value is required")
    if not isinstance(value, list):
        return [value]
    if not value:
        raise InvalidValue("the array of values must not be empty")
    if len(value) > most:
        raise LimitExceeded(f"this condition must not hold more than {most} values")
    return value


def _between(target: Target, value: Json) -> Between:
    """A range: at most one low and one high end, at least one of the two."""
    if not isinstance(value, dict):
        raise InvalidValue(f"expected an object of gt, gte, lt, lte, got {kind_of(value)}")
    ends: dict[bool, Bound] = {}
    for member, each in value.items():
        if member not in _ENDS:
            raise InvalidValue("a range has only the members gt, gte, lt, lte")
        low, inclusive = _ENDS[member]
        if low in ends:
            raise InvalidValue("send gt or gte, not both" if low else "send lt or lte, not both")
        ends[low] = target.read_bound(each, low=low, inclusive=inclusive)
    if not ends:
        raise InvalidValue("a range needs at least one of gt, gte, lt, lte")
    return Between(target.operand, ends.get(True), ends.get(False))


# --- order -------------------------------------------------------------------------------------------------------


def _order(sort: tuple[SortKey, ...], names: _Names) -> tuple[tuple[Order, ...], bool]:
    """The sort keys, and whether ids ascend.

    Ids ascend in the order of creation, so a sort by createdAt is one by id. No two records share an id, so the
    keys after it do not count, nor does a key that comes a second time. Unless the sort names createdAt or id,
    ties fall in the direction of the last key, as an index over it lies; without a sort the newest come first
    (docs/contract.md#search-pages).
    """
    order: list[Order] = []
    seen = set()
    ids: bool | None = None
    for key in sort:
        target = names.target(key.field)
        if not target.sortable:
            raise InvalidField(
                f"Invalid field - {target.name} ({target.kind}) cannot be sorted by",
                hint="Sort by a property with one text, number or date, or by createdAt, updatedAt or id.",
            )
        operand = target.operand
        if isinstance(operand, ColumnOperand) and operand.column in (Column.ID, Column.CREATED_AT):
            ids = not key.descending if ids is None else ids
        elif ids is None and operand not in seen:
            seen.add(operand)
            order.append(Order(operand, key.descending))
    if ids is None:
        ids = bool(order) and not order[-1].descending
    return tuple(order), ids
