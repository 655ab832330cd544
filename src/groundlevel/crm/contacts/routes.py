"""The operations on contacts (contract 3.4, 4.3)."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, UnsetType

from groundlevel.crm.contacts import rules as contacts
from groundlevel.crm.contacts import search as contact_search
from groundlevel.crm.contacts.rules import BusinessChange, ContactChange, ContactKey, NewContact, TagChange
from groundlevel.crm.contacts.schemas import (
    BusinessLink,
    ChangedContactReply,
    ContactCreation,
    ContactReply,
    ContactSearch,
    ContactsMeta,
    ContactsReply,
    ContactTags,
    ContactUpdate,
    ContactUpsert,
    DoneReply,
    LinkedReply,
    ListedContactsReply,
    TagsReply,
    UpsertedContactReply,
    contact_body,
    custom_of,
    properties_of,
)
from groundlevel.crm.contacts.search import ContactsOf, FoundContacts
from groundlevel.crm.errors import DuplicateContact
from groundlevel.kernel.errors import (
    InvalidCursor,
    InvalidField,
    InvalidFilter,
    InvalidValue,
    LimitExceeded,
    NotSupported,
    UniqueConflict,
    UnknownProperty,
)
from groundlevel.kernel.http.links import next_page_url
from groundlevel.kernel.http.locate import FOUND_BY_ID, find_across_locations
from groundlevel.kernel.http.params import read_number
from groundlevel.kernel.http.request import Request
from groundlevel.kernel.http.routing import Parameter, Placement, Route
from groundlevel.kernel.query.parse import SearchRequest
from groundlevel.kernel.usecase import perform
from groundlevel.records.errors import UnknownReference
from groundlevel.schema.object_routes import LOCATION
from groundlevel.standard.errors import ContactNotFound
from groundlevel.standard.objects import CONTACT

T = TypeVar("T")

TAG = "Contacts"
READ = "contacts.readonly"
WRITE = "contacts.write"

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_VALUES = (DuplicateContact, UnknownProperty, InvalidValue, UniqueConflict)
_SEARCH = (InvalidField, InvalidFilter, InvalidCursor, LimitExceeded, NotSupported)


async def create_contact(request: Request) -> ContactReply:
    """A new contact."""
    view = await perform(request.context.storage, request.call(), contacts.create_contact, _new(request.body))
    return ContactReply(contact_body(view), request.trace_id)


async def upsert_contact(request: Request) -> UpsertedContactReply:
    """A contact that is recognised and changed, or created."""
    done = await perform(request.context.storage, request.call(), contacts.upsert_contact, _new(request.body))
    return UpsertedContactReply(done.new, contact_body(done.contact), request.trace_id)


def _new(body: ContactCreation) -> NewContact:
    return NewContact(properties_of(body), custom_of(body.custom_fields))


async def get_contact(request: Request) -> ContactReply:
    """One contact."""
    view = await find_across_locations(request, contacts.get_contact, ContactKey(request.params[0]), object_key=CONTACT)
    return ContactReply(contact_body(view), request.trace_id)


async def update_contact(request: Request) -> ChangedContactReply:
    """A change of a contact."""
    body: ContactUpdate = request.body
    change = ContactChange(request.params[0], properties_of(body), custom_of(body.custom_fields))
    view = await find_across_locations(request, contacts.update_contact, change, object_key=CONTACT)
    return ChangedContactReply(True, True, contact_body(view), request.trace_id)


async def delete_contact(request: Request) -> DoneReply:
    """Deletes a contact with its opportunities."""
    await find_across_locations(request, contacts.delete_contact, ContactKey(request.params[0]), object_key=CONTACT)
    return DoneReply(True, True, request.trace_id)


async def search_contacts(request: Request) -> ContactsReply:
    """A page of the contacts found."""
    body: ContactSearch = request.body
    asked = SearchRequest(
        text=_or_none(body.query),
        filters=_or_none(body.filters),
        sort=_or_none(body.sort),
        page=1 if body.page is UNSET or body.page is None else body.page,
        page_limit=body.page_limit,
        search_after=_or_none(body.search_after),
    )
    found = await perform(request.context.storage, request.call(), contact_search.search_contacts, asked)
    bodies = []
    for contact, cursor in zip(found.contacts, found.cursors, strict=True):
        body_of = contact_body(contact)
        body_of.search_after = cursor
        bodies.append(body_of)
    return ContactsReply(bodies, found.total, request.trace_id)


async def list_contacts(request: Request) -> ListedContactsReply:
    """A page of all contacts, the newest first."""
    after = request.query.get("startAfterId")
    limit = read_number(request, "limit", default=DEFAULT_LIMIT, most=MAX_LIMIT)
    asked = SearchRequest(
        text=request.query.get("query"),
        # Behind a cursor nothing else says whether there is more.
        page_limit=limit + 1 if after and limit else limit,
        search_after=[read_number(request, "startAfter", default=0), after] if after else None,
    )
    found = await perform(request.context.storage, request.call(), contact_search.search_contacts, asked)
    more = len(found.cursors) > limit if after else found.total > limit
    found = FoundContacts(found.contacts[:limit], found.cursors[:limit], found.total)
    reply = _list_reply(found, request)
    if more:
        reply.meta.next_page_url = next_page_url(request, found.cursors[-1])
    return reply


async def list_contacts_of_business(request: Request) -> ListedContactsReply:
    """A page of the contacts of a business."""
    asked = ContactsOf(
        request.params[0],
        request.query.get("query", ""),
        read_number(request, "limit", default=DEFAULT_LIMIT, most=MAX_LIMIT),
        read_number(request, "skip", default=0),
    )
    found = await perform(request.context.storage, request.call(), contact_search.list_contacts_of_business, asked)
    return _list_reply(found, request)


def _list_reply(found: FoundContacts, request: Request) -> ListedContactsReply:
    meta = ContactsMeta(found.total)
    if found.cursors:
        meta.start_after, meta.start_after_id = found.cursors[-1]
    return ListedContactsReply(
        [contact_body(contact) for contact in found.contacts], found.total, meta, request.trace_id
    )


async def link_contacts(request: Request) -> LinkedReply:
    """Says to which business contacts belong."""
    body: BusinessLink = request.body
    change = BusinessChange(tuple(body.ids), body.business_id)
    await perform(request.context.storage, request.call(), contacts.change_business, change)
    return LinkedReply(True, body.ids, request.trace_id)


async def add_tags(request: Request) -> TagsReply:
    """Adds tags to a contact."""
    body: ContactTags = request.body
    change = TagChange(request.params[0], add=body.tags)
    view = await find_across_locations(request, contacts.change_tags, change, object_key=CONTACT)
    return TagsReply(contact_body(view).tags, request.trace_id, tags_added=body.tags)


async def remove_tags(request: Request) -> TagsReply:
    """Takes tags from a contact."""
    body: ContactTags = request.body
    change = TagChange(request.params[0], remove=body.tags)
    view = await find_across_locations(request, contacts.change_tags, change, object_key=CONTACT)
    return TagsReply(contact_body(view).tags, request.trace_id, tags_removed=body.tags)


def _or_none(member: T | UnsetType) -> T | None:
    return None if member is UNSET else member


_ANN = {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com", "phone": "+14155552671", "tags": ["vip"]}
_PLACED_ANN = {"locationId": "ve9EPM428h8vShlRW1KT", **_ANN}
_LIMIT = Parameter("limit", f"How many: {DEFAULT_LIMIT} if left out, at most {MAX_LIMIT}.")
_TEXT = Parameter("query", "Text to find in name, email, tags or phone.")

ROUTES = (
    Route(
        method="POST",
        path="/contacts/",
        operation_id="create-contact",
        tag=TAG,
        summary="Create a contact",
        doc="The name is made of first and last name, or these of the name, when only one of both is sent.",
        handler=create_contact,
        placement=Placement.BODY,
        scope=WRITE,
        status=201,
        body=ContactCreation,
        reply=ContactReply,
        refusals=_VALUES,
        example=_PLACED_ANN,
    ),
    Route(
        method="GET",
        path="/contacts/",
        operation_id="get-contacts",
        tag=TAG,
        summary="List contacts",
        doc="The newest first. The platform calls this outdated: search instead.",
        handler=list_contacts,
        placement=Placement.QUERY,
        scope=READ,
        query=(
            LOCATION,
            _LIMIT,
            _TEXT,
            Parameter("startAfter", "The meta.startAfter of the page before."),
            Parameter("startAfterId", "The meta.startAfterId of the page before."),
        ),
        reply=ListedContactsReply,
        refusals=(InvalidCursor, NotSupported),
    ),
    Route(
        method="GET",
        path="/contacts/{contactId}",
        operation_id="get-contact",
        tag=TAG,
        summary="Get a contact",
        doc=FOUND_BY_ID,
        handler=get_contact,
        placement=Placement.FOUND,
        scope=READ,
        reply=ContactReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="PUT",
        path="/contacts/{contactId}",
        operation_id="update-contact",
        tag=TAG,
        summary="Change a contact",
        doc=f"Members left out stay, null and the empty text clear, tags replace all there are. {FOUND_BY_ID}",
        handler=update_contact,
        placement=Placement.FOUND,
        scope=WRITE,
        body=ContactUpdate,
        reply=ChangedContactReply,
        refusals=(*_VALUES, ContactNotFound),
        example=_ANN,
    ),
    Route(
        method="DELETE",
        path="/contacts/{contactId}",
        operation_id="delete-contact",
        tag=TAG,
        summary="Delete a contact",
        doc=f"The opportunities whose primary contact it is are deleted with it. {FOUND_BY_ID}",
        handler=delete_contact,
        placement=Placement.FOUND,
        scope=WRITE,
        reply=DoneReply,
        refusals=(ContactNotFound,),
    ),
    Route(
        method="POST",
        path="/contacts/upsert",
        operation_id="upsert-contact",
        tag=TAG,
        summary="Create or change a contact",
        doc="A contact is recognised by its email address, or else by its phone number.",
        handler=upsert_contact,
        placement=Placement.BODY,
        scope=WRITE,
        body=ContactUpsert,
        reply=UpsertedContactReply,
        refusals=_VALUES,
        example=_PLACED_ANN,
    ),
    Route(
        method="POST",
        path="/contacts/search",
        operation_id="search-contacts-advanced",
        tag=TAG,
        summary="Search contacts",
        doc="Text, filters and sorts follow the grammar of records; the names are those of a contact's members.",
        handler=search_contacts,
        placement=Placement.BODY,
        scope=READ,
        body=ContactSearch,
        reply=ContactsReply,
        refusals=_SEARCH,
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "pageLimit": 20,
            "filters": [{"field": "tags", "operator": "eq", "value": "vip"}],
            "sort": [{"field": "firstNameLowerCase", "direction": "asc"}],
        },
    ),
    Route(
        method="GET",
        path="/contacts/business/{businessId}",
        operation_id="get-contacts-by-businessId",
        tag=TAG,
        summary="List the contacts of a business",
        handler=list_contacts_of_business,
        placement=Placement.QUERY,
        scope=READ,
        query=(LOCATION, _LIMIT, Parameter("skip", "How many to leave out; none if left out."), _TEXT),
        reply=ListedContactsReply,
        refusals=(NotSupported,),
    ),
    Route(
        method="POST",
        path="/contacts/bulk/business",
        operation_id="add-remove-contact-from-business",
        tag=TAG,
        summary="Say to which business contacts belong",
        doc="All of them or, when one is refused, none.",
        handler=link_contacts,
        placement=Placement.BODY,
        scope=WRITE,
        body=BusinessLink,
        reply=LinkedReply,
        refusals=(UnknownReference, LimitExceeded),
        example={
            "locationId": "ve9EPM428h8vShlRW1KT",
            "ids": ["ocQHyuzHvysMo5N5VsXc"],
            "businessId": "63771dcac1116f0e21de8e12",
        },
    ),
    Route(
        method="POST",
        path="/contacts/{contactId}/tags",
        operation_id="add-tags",
        tag=TAG,
        summary="Add tags to a contact",
        doc=FOUND_BY_ID,
        handler=add_tags,
        placement=Placement.FOUND,
        scope=WRITE,
        status=201,
        body=ContactTags,
        reply=TagsReply,
        refusals=(ContactNotFound, InvalidValue),
        example={"tags": ["vip"]},
    ),
    Route(
        method="DELETE",
        path="/contacts/{contactId}/tags",
        operation_id="remove-tags",
        tag=TAG,
        summary="Take tags from a contact",
        doc=f"A tag that the contact does not have is no fault. {FOUND_BY_ID}",
        handler=remove_tags,
        placement=Placement.FOUND,
        scope=WRITE,
        body=ContactTags,
        reply=TagsReply,
        refusals=(ContactNotFound,),
        example={"tags": ["vip"]},
    ),
)
