"""Searches the records of an object, standard ones included, in one way (operation O9; docs/contract.md#search)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from groundlevel.associations import store as associations_store
from groundlevel.associations.related import related_records
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Plan
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursors_of
from groundlevel.kernel.query.names import Name, translate
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.query.prepared import Reading, prepare
from groundlevel.kernel.storage.connection import USUAL_PAGE
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning_unless
from groundlevel.records.rules import RecordView
from groundlevel.schema.indexes import account_for_search
from groundlevel.standard.ids import WITHOUT_RECORDS, public_id, record_id_of, schema_with_records

V = TypeVar("V")
FEW_BEFORE = 200
"""Records before a page that are passed over as quickly as it is read."""


class Search(Struct, frozen=True, gc=False):
    """What is searched, as asked on the wire."""

    object_key: str
    request: SearchRequest


class Found(Struct, Generic[V], frozen=True):
    """A page in order, the cursor behind each, and how many there are in all."""

    views: list[V]
    cursors: list[list[Json]]
    """Each ends with the id by which the world knows the record."""
    total: int


class Searched(Struct, Generic[V], frozen=True):
    """The object that is searched: by which names, and as what its records are shown."""

    schema: CompiledObject
    show: Callable[[Transaction, Sequence[RecordView]], Awaitable[list[V]]]
    """Adds to records what else is shown of them."""
    names: Mapping[str, Name] | None = None
    """What fields are called in filters and sorts; None for the names of the records' own grammar."""


def reads_little(request: SearchRequest) -> bool:
    """Whether a search reads no more than its page and what comes before it, and that is little (decision 0094).

    What is not sent as it should be is left to the search, which refuses it.
    """
    if request.text or request.filters or request.sort or not isinstance(request.page_limit, int):
        return False
    if request.page_limit > USUAL_PAGE:
        return False
    if request.search_after:
        return True
    page = request.page if isinstance(request.page, int) else 1
    before = (page - 1) * request.page_limit if request.skip is None else request.skip
    return before <= FEW_BEFORE


def _reads_little(search: Search) -> bool:
    return reads_little(search.request)


@scanning_unless(_reads_little)
async def search_records(tx: Transaction, call: Call, request: Search) -> Found[RecordView]:
    """A page of records, and how many match. Sees every write acknowledged before it (docs/contract.md#decision-31).

    Raises ObjectNotFound, NotSupported, and what parsing and binding raise.
    """
    schema = await schema_with_records(tx, request.object_key)
    return await search_object(tx, call, Searched(schema, with_relations), request.request)


async def search_object(tx: Transaction, call: Call, searched: Searched[V], request: SearchRequest) -> Found[V]:
    """Parse, translate, bind, search, account for what that cost, and make the cursors.

    `strict` means the same in all searches: names and groups as the live platform wants them. The associations are
    those of the object, since no other can hold for one of its records. Raises what parsing and binding raise.
    """
    schema = searched.schema
    associations = await associations_store.associations_of_object(tx, schema)
    asked = _with_record_id(request, schema)

    def make_plan() -> Plan:
        query = parse_query(asked, strict=call.strict)
        if searched.names is not None:
            query = translate(query, searched.names)
        return bind(query, schema, strict=call.strict, associations=associations)

    plan = prepare(asked, schema, Reading(call.strict, searched.names, make_plan))
    result = await search_plan(tx, schema, plan)
    records, total = result.records, result.total
    account_for_search(tx, schema, plan, result)
    cursors = cursors_of(plan, records)
    if schema.object.key in WITHOUT_RECORDS:
        for cursor in cursors:
            cursor[-1] = public_id(schema.object.key, cursor[-1])
    views = [RecordView(record, schema, call.location) for record in records]
    return Found(await searched.show(tx, views), cursors, total)


async def with_relations(tx: Transaction, views: Sequence[RecordView]) -> list[RecordView]:
    """Records of one object, each with its relations."""
    if not views:
        return []
    related = await related_records(tx, views[0].schema, [view.record.id for view in views])
    if not related:
        return list(views)
    return [msgspec.structs.replace(view, relations=related.get(view.record.id, ())) for view in views]


def _with_record_id(request: SearchRequest, schema: CompiledObject) -> SearchRequest:
    """The request with the id of its cursor as the database knows it; what is no id is left to be refused."""
    after = request.search_after
    if not isinstance(after, list) or not after or not isinstance(after[-1], str):
        return request
    record_id = record_id_of(schema.object.key, after[-1]) or after[-1]
    return msgspec.structs.replace(request, search_after=[*after[:-1], record_id])
