"""Reads the wire grammar of a search into a `Query` (docs/contract.md#search-request, #search-filters)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Struct

from groundlevel.kernel.errors import InvalidFilter, InvalidShape, LimitExceeded, NestingTooDeep
from groundlevel.kernel.errors.wording import choice_error, integer_errors
from groundlevel.kernel.fields.base import Operator, is_holdable, kind_of
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Condition, Group, Query, RelationCondition, SortKey

MAX_TEXT = 75
"""Longest plain text query, in characters (docs/contract.md#search-request)."""
MAX_PAGE_LIMIT = 500
"""Most records of one page (docs/contract.md#search-pages)."""
MAX_WINDOW = 10_000
"""Deepest record that page and pageLimit reach; beyond it a cursor is needed (docs/contract.md#search-pages)."""
MAX_DEPTH = 10
"""How deep groups may be nested; the array of filters itself is depth 0."""
MAX_CONDITIONS = 200
"""Most conditions of one search, over all groups."""
MAX_VALUES = 10_000
"""Most values in the arrays of one search; every engine bounds the arguments of a statement (SQLite: 32,766)."""
MAX_SORT_KEYS = 10
"""Most keys of one order."""

_SHOWN = 100
"""How many characters of a client's own text a message repeats."""
_GROUP_MEMBERS = frozenset(("group", "filters"))
_CONDITION_MEMBERS = frozenset(("field", "operator", "value"))
_RELATION_FIELDS = ("recordId", "associationId")
_SORT_MEMBERS = frozenset(("field", "direction"))


class SearchNames(Struct, frozen=True):
    """What the members of a search are called where it is asked for: a refusal names what was sent."""

    text: str = "query"
    page_limit: str = "pageLimit"
    search_after: str = "searchAfter"


DEFAULT_NAMES = SearchNames()


class SearchRequest(Struct, frozen=True):
    """The members of a search, as sent. Those that were not sent are None, or have their usual value."""

    text: Json = None
    filters: Json = None
    sort: Json = None
    page: Json = 1
    page_limit: Json = 20
    search_after: Json = None
    skip: int | None = None
    """How many records to leave out, where a list is paged by that; the page does not count then."""
    most: int = MAX_PAGE_LIMIT
    """Most records of one page."""
    names: SearchNames = DEFAULT_NAMES


class RequestedPage(Struct, frozen=True, gc=False):
    """Which of the matches are asked for."""

    limit: int
    skip: int
    after: tuple[Json, ...]
    """As in `Query`."""


def parse_query(request: SearchRequest, *, strict: bool) -> Query:
    """The query meant by a request.

    Unless `strict`, a single node stands for an array of one. With a cursor neither page nor skip count.
    Raises InvalidShape with all faults of the plain members at once; InvalidFilter naming the node, as in
    `filters[0].filters[1]`; NestingTooDeep; LimitExceeded.
    """
    page = parse_page(request, strict=strict)
    where = Group(every=True, nodes=_nodes(_listed(request.filters, strict=strict) or [], "filters", 0))
    _check_size(where)
    return Query(
        text=request.text or "",
        where=where,
        sort=tuple(_sort_key(key, f"sort[{n}]") for n, key in enumerate(request.sort or [])),
        page_limit=page.limit,
        skip=page.skip,
        after=page.after,
        after_name=request.names.search_after,
    )


def parse_page(request: SearchRequest, *, strict: bool) -> RequestedPage:
    """The page of a request, whose plain members are all looked at. Raises InvalidShape, LimitExceeded."""
    if faults := _faults(request, _listed(request.filters, strict=strict)):
        raise InvalidShape(faults)
    after = tuple(request.search_after or ())
    page, limit = int(request.page), int(request.page_limit)
    names = request.names
    if not after and request.skip is None and page * limit > MAX_WINDOW:
        raise LimitExceeded(
            f"page x {names.page_limit} must not be greater than {MAX_WINDOW}",
            hint=f"Send the {names.search_after} of the last record of the previous page; page does not count then.",
        )
    return RequestedPage(limit, (page - 1) * limit if request.skip is None else request.skip, after)


def _listed(filters: Json, *, strict: bool) -> Json:
    return [filters] if isinstance(filters, dict) and not strict else filters


def _faults(request: SearchRequest, filters: Json) -> list[str]:
    """What is wrong with the plain members, a text for each fault."""
    faults: list[str] = []
    names = request.names
    if request.text is not None:
        if not isinstance(request.text, str):
            faults.append(f"{names.text} must be a string")
        elif len(request.text) > MAX_TEXT:
            faults.append(f"{names.text} must be shorter than or equal to {MAX_TEXT} characters")
        elif not is_holdable(request.text):
            faults.append(f"{names.text} must not hold NUL characters or unpaired surrogates")
    faults += integer_errors("page", request.page, least=1)
    faults += integer_errors(names.page_limit, request.page_limit, least=1, most=request.most)
    for name, value in (("filters", filters), ("sort", request.sort), (names.search_after, request.search_after)):
        if value is not None and not isinstance(value, list):
            faults.append(f"{name} must be an array")
    if isinstance(request.sort, list) and len(request.sort) > MAX_SORT_KEYS:
        faults.append(f"sort must contain no more than {MAX_SORT_KEYS} elements")
    return faults


def _nodes(filters: Json, path: str, depth: int) -> tuple[Condition | RelationCondition | Group, ...]:
    if not isinstance(filters, list):
        raise InvalidFilter(f"{path}: expected an array of conditions and groups, got {kind_of(filters)}")
    return tuple(_node(node, f"{path}[{n}]", depth) for n, node in enumerate(filters))


def _node(node: Json, path: str, depth: int) -> Condition | RelationCondition | Group:
    if not isinstance(node, dict):
        raise InvalidFilter(f"{path}: expected a condition or a group, got {kind_of(node)}")
    if "group" in node or "filters" in node:
        return _group(node, path, depth + 1)
    if node.get("field") == "relations" or node.get("operator") == "nested":
        return _relation_condition(node, path)
    return _condition(node, path)


def _group(node: dict[str, Json], path: str, depth: int) -> Group:
    """`{"group": "AND" | "OR", "filters": [node, …]}`; the word in any case."""
    if depth > MAX_DEPTH:
        raise NestingTooDeep(f"filters are nested more than {MAX_DEPTH} groups deep")
    _refuse_unknown(node, _GROUP_MEMBERS, path)
    word = node.get("group")
    if not isinstance(word, str) or word.upper() not in ("AND", "OR"):
        raise InvalidFilter(f"{path}: group must be AND or OR")
    every = word.upper() == "AND"
    nodes = _nodes(node.get("filters"), f"{path}.filters", depth)
    if not every and not nodes:
        # Nothing holds of nothing: whoever sends this has left something out, and must not get every record.
        raise InvalidFilter(f"{path}.filters: an OR group needs at least one filter")
    return Group(every=every, nodes=nodes)


def _condition(node: dict[str, Json], path: str) -> Condition:
    """`{"field": name, "operator": word, "value": any}`; whether the value fits is known only when it is bound."""
    _refuse_unknown(node, _CONDITION_MEMBERS, path)
    field, word = node.get("field"), node.get("operator")
    if not isinstance(field, str) or not field:
        raise InvalidFilter(f"{path}: field must be a non-empty string")
    try:
        operator = Operator(word)
    except ValueError:
        shown = repr(word[:_SHOWN]) if isinstance(word, str) else kind_of(word)
        valid = ", ".join(each.value for each in Operator)
        raise InvalidFilter(f"{path}: operator {shown} is not valid; use one of {valid}") from None
    return Condition(field, operator, node.get("value"))


def _relation_condition(node: dict[str, Json], path: str) -> RelationCondition:
    """`{"field": "relations", "operator": "nested", "value": [part, …]}`; the parts say to which record, and may say
    by which association."""
    _refuse_unknown(node, _CONDITION_MEMBERS, path)
    if node.get("field") != "relations" or node.get("operator") != "nested":
        raise InvalidFilter(f"{path}: the field relations and the operator nested go together")
    parts = node.get("value")
    if not isinstance(parts, list):
        expected = "an array of conditions on recordId and associationId"
        raise InvalidFilter(f"{path}.value: expected {expected}, got {kind_of(parts)}")
    asked: dict[str, Json] = {}
    for n, part in enumerate(parts):
        name, value = _relation_part(part, f"{path}.value[{n}]")
        if name in asked:
            raise InvalidFilter(f"{path}.value[{n}]: {name} stands here twice; ask for several with an array")
        asked[name] = value
    if "recordId" not in asked:
        raise InvalidFilter(f"{path}.value: a condition on recordId is required")
    return RelationCondition(asked["recordId"], asked.get("associationId", UNSET))


def _relation_part(part: Json, path: str) -> tuple[str, Json]:
    """The field and the value of `{"field": "recordId" | "associationId", "operator": "eq", "value": any}`."""
    if not isinstance(part, dict):
        raise InvalidFilter(f"{path}: expected a condition, got {kind_of(part)}")
    _refuse_unknown(part, _CONDITION_MEMBERS, path)
    field = part.get("field")
    if field not in _RELATION_FIELDS:
        raise InvalidFilter(f"{path}: field must be one of {', '.join(_RELATION_FIELDS)}")
    if part.get("operator") != Operator.EQ.value:
        raise InvalidFilter(f"{path}: only the operator eq applies to {field}")
    return field, part.get("value")


def _refuse_unknown(node: dict[str, Json], known: frozenset[str], path: str) -> None:
    for name in node:
        if name not in known:
            expected = ", ".join(sorted(known))
            raise InvalidFilter(f"{path}: property {name[:_SHOWN]} should not exist; expected {expected}")


def _conditions(group: Group) -> Iterator[Condition | RelationCondition]:
    for node in group.nodes:
        if isinstance(node, Group):
            yield from _conditions(node)
        else:
            yield node


def _check_size(where: Group) -> None:
    conditions = list(_conditions(where))
    if len(conditions) > MAX_CONDITIONS:
        raise LimitExceeded(f"filters must not hold more than {MAX_CONDITIONS} conditions")
    if sum(len(values) for each in conditions for values in _arrays(each)) > MAX_VALUES:
        raise LimitExceeded(f"the arrays of values must not hold more than {MAX_VALUES} in all")


def _arrays(condition: Condition | RelationCondition) -> list[list[Json]]:
    values = [condition.value] if isinstance(condition, Condition) else [condition.record_id, condition.association_id]
    return [value for value in values if isinstance(value, list)]


def _sort_key(key: Json, path: str) -> SortKey:
    """`{"field": name, "direction": "asc" | "desc"}`; the direction in any case, ascending when it is missing."""
    if not isinstance(key, dict):
        raise InvalidShape([f"{path} must be an object"])
    faults = [f"{path}: property {name[:_SHOWN]} should not exist" for name in key if name not in _SORT_MEMBERS]
    field, direction = key.get("field"), key.get("direction")
    if not isinstance(field, str) or not field:
        faults.append(f"{path}.field should not be empty")
    word = "asc" if direction is None else direction.lower() if isinstance(direction, str) else ""
    if word not in ("asc", "desc"):
        faults.append(choice_error(f"{path}.direction", ("asc", "desc")))
    if faults:
        raise InvalidShape(faults)
    return SortKey(str(field), descending=word == "desc")
