"""Turns the names that contacts and opportunities are searched by into those of their fields.

See docs/contract.md#sister-searches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from groundlevel.kernel.errors import InvalidField, InvalidFilter, InvalidValue
from groundlevel.kernel.fields.base import PRESENCE, Operator
from groundlevel.kernel.ids import from_short_id
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Condition, Group, Query, RelationCondition, SortKey
from groundlevel.kernel.query.target import read_timestamp

OF_TIMESTAMPS = frozenset((Operator.RANGE, *PRESENCE))
"""The operators that apply to timestamps, also where they are kept as numbers."""
OF_LISTS = {Operator.CONTAINS: Operator.EQ, Operator.NOT_CONTAINS: Operator.NOT_EQ}
"""The operators that mean the same of a list, where both are documented: that it has a member."""

_SHOWN = 100


def same(value: Json) -> Json:
    """The value as it was sent."""
    return value


def lower(value: Json) -> Json:
    """A text in lower case, as the fields hold it that are compared without regard to case."""
    return value.lower() if isinstance(value, str) else value


def flag(value: Json) -> Json:
    """A boolean as the text that is stored for it."""
    return ("true" if value else "false") if isinstance(value, bool) else value


def to_record_id(value: Json) -> Json:
    """A record id for one of 20 characters; anything else equals no record's."""
    return (from_short_id(value) or "") if isinstance(value, str) else value


def to_timestamps(value: Json) -> Json:
    """The ends of a range as epoch milliseconds; what is no range is left for the binder to refuse.

    A date alone stands for its first millisecond, and as `gt` or `lte` for its last. Raises InvalidValue.
    """
    if not isinstance(value, dict):
        return value
    return {member: read_timestamp(end, late=member in ("gt", "lte")) for member, end in value.items()}


class Name(Struct, frozen=True):
    """What a name leads to: a name of the records' grammar, or an association of which it names a record."""

    target: str
    read: Callable[[Json], Json] = same
    """What a condition's value, or each of an array, is turned into. Raises InvalidValue."""
    operators: frozenset[Operator] = frozenset(Operator)
    """Those that it knows, of the operators that its field has."""
    same_operators: Mapping[Operator, Operator] = {}
    """The operators that mean another one here."""
    association: bool = False
    """Whether `target` is an association: the condition is then one on relations."""


def translate(query: Query, names: Mapping[str, Name]) -> Query:
    """The query in the grammar of records. `customFields.<id>` is understood in either spelling.

    Raises InvalidField, InvalidFilter.
    """
    sort = tuple(_sort_key(key, names) for key in query.sort)
    return msgspec.structs.replace(query, where=_group(query.where, names), sort=sort)


def _group(group: Group, names: Mapping[str, Name]) -> Group:
    return Group(group.every, tuple(_node(node, names) for node in group.nodes))


def _node(
    node: Condition | RelationCondition | Group, names: Mapping[str, Name]
) -> Condition | RelationCondition | Group:
    match node:
        case Group():
            return _group(node, names)
        case RelationCondition():
            return node
    name = _find_name(node.field, names)
    if node.operator not in name.operators:
        known = ", ".join(each.value for each in Operator if each in name.operators)
        raise InvalidFilter(f"{node.operator.value} does not apply to {node.field}; use one of {known}")
    try:
        value = [name.read(each) for each in node.value] if isinstance(node.value, list) else name.read(node.value)
    except InvalidValue as error:
        raise InvalidFilter(f"{node.field}: {error.message}") from error
    if name.association:
        if node.operator is not Operator.EQ:
            raise InvalidFilter(f"only the operator eq applies to {node.field}")
        return RelationCondition(value, name.target)
    return Condition(name.target, name.same_operators.get(node.operator, node.operator), value)


def _sort_key(key: SortKey, names: Mapping[str, Name]) -> SortKey:
    name = _find_name(key.field, names)
    if name.association:
        raise InvalidField(f"Invalid field - {key.field} cannot be sorted by")
    return SortKey(name.target, key.descending)


def _find_name(field: str, names: Mapping[str, Name]) -> Name:
    space, dot, rest = field.partition(".")
    if dot and space in ("customFields", "custom_fields"):
        return Name(f"customFields.{rest}")
    name = names.get(field)
    if name is None:
        raise InvalidField(f"Invalid field - {field[:_SHOWN]}", hint=f"Known names: {', '.join(names)}.")
    return name
