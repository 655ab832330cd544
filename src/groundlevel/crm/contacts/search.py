"""Searches and lists contacts, by the names that their own operations know (contract 3.4, 4.3)."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from groundlevel.associations import store as associations_store
from groundlevel.crm.contacts.rules import ContactView, with_businesses
from groundlevel.kernel.model import Json
from groundlevel.kernel.query.ast import Group, Query, RelationCondition
from groundlevel.kernel.query.bind import bind
from groundlevel.kernel.query.cursor import cursor_of
from groundlevel.kernel.query.names import Name, flag, lower, public_cursor, to_record_id, translate
from groundlevel.kernel.query.parse import SearchRequest, parse_query
from groundlevel.kernel.storage.search import search as search_plan
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.kernel.usecase import Call, scanning
from groundlevel.records.rules import RecordView
from groundlevel.schema.indexes import note_missed_indexes
from groundlevel.standard.objects import BUSINESSES_CONTACTS, CONTACT

_PROPERTIES = {
    "firstName": "first_name",
    "lastName": "last_name",
    "name": "name",
    "contactName": "name",
    "phone": "phone",
    "companyName": "company_name",
    "address": "address1",
    "address1": "address1",
    "city": "city",
    "state": "state",
    "postalCode": "postal_code",
    "country": "country",
    "website": "website",
    "timezone": "timezone",
    "source": "source",
    "type": "type",
    "gender": "gender",
    "tags": "tags",
    "assignedTo": "assigned_to",
    "dateOfBirth": "date_of_birth",
}
_LOWER_CASE = {
    "email": "email_lower_case",
    "emailLowerCase": "email_lower_case",
    "firstNameLowerCase": "first_name_lower_case",
    "lastNameLowerCase": "last_name_lower_case",
    "fullNameLowerCase": "full_name_lower_case",
}
NAMES = {
    **{name: Name(f"properties.{key}") for name, key in _PROPERTIES.items()},
    **{name: Name(f"properties.{key}", lower) for name, key in _LOWER_CASE.items()},
    "dnd": Name("properties.dnd", flag),
    "businessId": Name(BUSINESSES_CONTACTS, association=True),
    "id": Name("id", to_record_id),
    "dateAdded": Name("dateAdded"),
    "dateUpdated": Name("dateUpdated"),
    "createdAt": Name("createdAt"),
    "updatedAt": Name("updatedAt"),
}
"""What contacts can be searched and sorted by, beside `customFields.<id>`. An e-mail address is compared without
regard to case."""


class ContactsOf(Struct, frozen=True):
    """The contacts of a business, or some of them."""

    business_id: str
    text: str
    limit: int
    skip: int


class FoundContacts(Struct, frozen=True, gc=False):
    """A page of contacts in order, the cursor of each, and how many there are in all."""

    contacts: list[ContactView]
    cursors: list[list[Json]]
    total: int


@scanning
async def search_contacts(tx: Transaction, call: Call, request: SearchRequest) -> FoundContacts:
    """The contacts found. Raises what parsing and binding raise."""
    return await _search(tx, call, translate(parse_query(request, strict=call.strict), NAMES), skip=None)


@scanning
async def list_contacts_of_business(tx: Transaction, call: Call, request: ContactsOf) -> FoundContacts:
    """The contacts of a business, the newest first; none of one that there is not. Raises what binding raises."""
    query = parse_query(SearchRequest(text=request.text, page_limit=request.limit), strict=call.strict)
    related = Group(every=True, nodes=(RelationCondition(request.business_id, BUSINESSES_CONTACTS),))
    return await _search(tx, call, msgspec.structs.replace(query, where=related), skip=request.skip)


async def _search(tx: Transaction, call: Call, query: Query, *, skip: int | None) -> FoundContacts:
    schema = await tx.schema(CONTACT)
    plan = bind(query, schema, strict=False, associations=await associations_store.cached_associations(tx))
    if skip is not None:
        plan = msgspec.structs.replace(plan, offset=skip)
    await note_missed_indexes(tx, schema, plan)
    records, total = await search_plan(tx, schema, plan)
    views = [RecordView(record, schema, call.location) for record in records]
    cursors = [public_cursor(cursor_of(plan, record)) for record in records]
    return FoundContacts(await with_businesses(tx, views), cursors, total)
