"""Searches opportunities, by the names that their own operations know (contract 3.4)."""

from __future__ import annotations

from msgspec import Struct

from groundlevel.associations import store as associations_store
from groundlevel.crm.opportunities.rules import OpportunityView, with_contacts
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursor_of
from groundlevel.kernel.query.names import Name, public_cursor, to_record_id, translate
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning
from groundlevel.records.rules import RecordView
from groundlevel.schema.indexes import note_missed_indexes
from groundlevel.standard.objects import OPPORTUNITY

_PROPERTIES = (
    "name",
    "pipeline_id",
    "pipeline_stage_id",
    "contact_id",
    "status",
    "monetary_value",
    "source",
    "assigned_to",
    "lost_reason_id",
    "last_status_change_at",
    "last_stage_change_at",
)
_FIELD_KEYS = {"lost_reason_id": "lost_reason"}
"""The keys of fields that are spelled otherwise."""
_COLUMNS = {
    "date_added": "dateAdded",
    "created_at": "createdAt",
    "date_updated": "dateUpdated",
    "updated_at": "updatedAt",
}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


_SNAKE = {
    **{name: Name(f"properties.{_FIELD_KEYS.get(name, name)}") for name in _PROPERTIES},
    **{name: Name(column) for name, column in _COLUMNS.items()},
    "id": Name("id", to_record_id),
}
NAMES = {**_SNAKE, **{_camel(name): target for name, target in _SNAKE.items()}}
"""What opportunities can be searched and sorted by, beside `custom_fields.<id>`: in snake_case, as is documented, and
as the members of their bodies are spelled."""


class FoundOpportunities(Struct, frozen=True, gc=False):
    """A page of opportunities in order, the cursor of each, and how many there are in all."""

    opportunities: list[OpportunityView]
    cursors: list[list[Json]]
    total: int


@scanning
async def search_opportunities(tx: Transaction, call: Call, request: SearchRequest) -> FoundOpportunities:
    """The opportunities found. Raises what parsing and binding raise."""
    schema = await tx.schema(OPPORTUNITY)
    query = translate(parse_query(request, strict=call.strict), NAMES)
    plan = bind(query, schema, strict=False, associations=await associations_store.cached_associations(tx))
    await note_missed_indexes(tx, schema, plan)
    records, total = await search_plan(tx, schema, plan)
    views = [RecordView(record, schema, call.location) for record in records]
    cursors = [public_cursor(cursor_of(plan, record)) for record in records]
    return FoundOpportunities(await with_contacts(tx, views), cursors, total)
